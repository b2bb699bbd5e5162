"""VGG: nothing but 3×3 convolutions and 2×2 pooling, deeper than anybody had gone before."""

from collections import OrderedDict

import numpy as np
from torch import nn

from coursekit.training.models.network import Network, drawing_from, he_

# Filters of each convolution; the stages between max pooling.
VGG16 = ((64, 64), (128, 128), (256,) * 3, (512,) * 3, (512,) * 3)
VGG19 = ((64, 64), (128, 128), (256,) * 4, (512,) * 4, (512,) * 4)


def vgg16(*, num_classes: int = 1000, in_channels: int = 3, rng: np.random.Generator) -> Network:
    """VGG16: 13 convolutions and 3 affine layers, 138 million parameters.

        2 × conv 64 – pool – 2 × conv 128 – pool – 3 × conv 256 – pool – 3 × conv 512 – pool
        – 3 × conv 512 – pool – 4096 – 4096 – K

    Every convolution is 3×3, stride 1, pad 1, every pooling 2×2, stride 2. Three such
    convolutions see 7×7 pixels, as one of 7×7 would, with 27C² weights instead of 49C², and with
    three ReLUs. Nine tenths of the parameters are in the affine layers.

    num_classes K; in_channels C; rng draws the weights (He's rule). Takes x: (N, C, H, W), 224
    pixels a side by design and at least 32; what comes out of the last pooling is averaged to
    7×7, which it is already for 224. Gives scores (N, K). Its parameters have the names that
    torchvision gives them, so its trained weights can be loaded.
    Raises TypeError or ValueError for sizes that are no whole numbers of at least 1.

    >>> import torch
    >>> with torch.device("meta"):  # shapes only: no memory, no arithmetic
    ...     net = vgg16(rng=np.random.default_rng(0))
    >>> sum(p.numel() for p in net.parameters())
    138357544

    References: simonyan2015
    """
    return _vgg("vgg16", VGG16, num_classes, in_channels, rng)


def vgg19(*, num_classes: int = 1000, in_channels: int = 3, rng: np.random.Generator) -> Network:
    """VGG19: as `vgg16`, with a fourth convolution in each of the last three stages.

    Arguments, results and errors are those of `vgg16`.

    >>> import torch
    >>> with torch.device("meta"):
    ...     net = vgg19(rng=np.random.default_rng(0))
    >>> sum(p.numel() for p in net.parameters())
    143667240

    References: simonyan2015
    """
    return _vgg("vgg19", VGG19, num_classes, in_channels, rng)


def _vgg(
    op: str,
    stages: tuple[tuple[int, ...], ...],
    num_classes: int,
    in_channels: int,
    rng: np.random.Generator,
) -> Network:
    with drawing_from(op, rng, num_classes=num_classes, in_channels=in_channels):
        classifier = nn.Sequential(
            nn.Linear(512 * 7 * 7, 4096),
            nn.ReLU(),
            nn.Dropout(0.5),
            nn.Linear(4096, 4096),
            nn.ReLU(),
            nn.Dropout(0.5),
            nn.Linear(4096, num_classes),
        )
        layers = OrderedDict[str, nn.Module](
            features=_features(stages, in_channels),
            avgpool=nn.AdaptiveAvgPool2d(7),
            flatten=nn.Flatten(),
            classifier=classifier,
        )
        net = Network(layers).takes(op, (in_channels, 224, 224), smallest=32)
        he_(net)
    return net


def _features(stages: tuple[tuple[int, ...], ...], in_channels: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for widths in stages:
        for width in widths:
            layers += [nn.Conv2d(in_channels, width, 3, padding=1), nn.ReLU()]
            in_channels = width
        layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers)
