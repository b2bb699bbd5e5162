"""AlexNet, the network that won the ImageNet contest of 2012 by far."""

from collections import OrderedDict

import numpy as np
from torch import nn

from coursekit.training.models.network import Network, drawing_from

INPUT_SIZE = 227  # the paper says 224, but only with 227 do the 11×11 windows fill the picture


def alexnet(*, num_classes: int = 1000, in_channels: int = 3, rng: np.random.Generator) -> Network:
    """AlexNet as in 2012: five convolutions, three affine layers, 61 million parameters.

        conv 96 (11×11, stride 4) – norm – pool – conv 256 (5×5) – norm – pool
        – conv 384 – conv 384 – conv 256 (3×3) – pool – 4096 – 4096 – K

    *Two groups*: conv2, conv4 and conv5 see only one half of the channels each, since the net was
    cut over two graphics cards of 3 GB. *norm*: local response normalisation over 5 channels.
    *pool*: max pooling, 3×3 windows 2 apart, so that they overlap. Dropout, p = 0.5, on the
    units of fc6 and fc7. Weights are N(0, 0.01²); biases are 1 in conv2, conv4, conv5, fc6 and
    fc7, which gives their ReLUs positive inputs at first, else 0.

    The "alexnet" of torchvision is another net: one column from a later paper, with fewer
    channels in its convolutions, no groups, and no normalisation.

    num_classes K; in_channels C; rng draws the weights. Takes x: (N, C, 227, 227), gives scores
    (N, K). Raises TypeError or ValueError for sizes that are no whole numbers of at least 1.

    >>> import torch
    >>> with torch.device("meta"):  # shapes only: no memory, no arithmetic
    ...     net = alexnet(rng=np.random.default_rng(0))
    >>> sum(p.numel() for p in net.parameters())
    60965224

    References: krizhevsky2012
    """
    with drawing_from("alexnet", rng, num_classes=num_classes, in_channels=in_channels):
        layers = _features(in_channels)
        layers.update(
            flatten=nn.Flatten(),
            fc6=nn.Linear(256 * 6 * 6, 4096),
            relu6=nn.ReLU(),
            drop6=nn.Dropout(0.5),
            fc7=nn.Linear(4096, 4096),
            relu7=nn.ReLU(),
            drop7=nn.Dropout(0.5),
            fc8=nn.Linear(4096, num_classes),
        )
        net = Network(layers).takes("alexnet", (in_channels, INPUT_SIZE, INPUT_SIZE))
        _init(net)
    return net


def _features(in_channels: int) -> OrderedDict[str, nn.Module]:
    """The convolutional part: 227 → 55 → 27 → 13 → 6 pixels a side."""
    return OrderedDict(
        conv1=nn.Conv2d(in_channels, 96, 11, stride=4),
        relu1=nn.ReLU(),
        norm1=_norm(),
        pool1=nn.MaxPool2d(3, stride=2),
        conv2=nn.Conv2d(96, 256, 5, padding=2, groups=2),
        relu2=nn.ReLU(),
        norm2=_norm(),
        pool2=nn.MaxPool2d(3, stride=2),
        conv3=nn.Conv2d(256, 384, 3, padding=1),
        relu3=nn.ReLU(),
        conv4=nn.Conv2d(384, 384, 3, padding=1, groups=2),
        relu4=nn.ReLU(),
        conv5=nn.Conv2d(384, 256, 3, padding=1, groups=2),
        relu5=nn.ReLU(),
        pool5=nn.MaxPool2d(3, stride=2),
    )


def _norm() -> nn.Module:
    """The paper's x / (2 + 10⁻⁴ Σ x²)^0.75 over 5 channels; PyTorch's alpha multiplies the mean."""
    return nn.LocalResponseNorm(5, alpha=5 * 1e-4, beta=0.75, k=2.0)


def _init(net: nn.Module) -> None:
    ones = ("conv2", "conv4", "conv5", "fc6", "fc7")
    for name, parameter in net.named_parameters():
        layer, _, kind = name.partition(".")
        if kind == "weight":
            nn.init.normal_(parameter, std=0.01)
        else:
            nn.init.constant_(parameter, 1.0 if layer in ones else 0.0)
