"""Residual networks for ImageNet, 18 to 152 layers deep: blocks learn what to add to their input.

A block gives relu(F(x) + x). Where F halves the picture and changes the number of channels, a 1×1
convolution of the same stride does so to x.
"""

from collections import OrderedDict

import numpy as np
import torch
from torch import nn

from coursekit.numpy_ref import _check
from coursekit.training.models.network import Network, drawing_from, he_


class BasicBlock(nn.Module):
    """relu(F(x) + x) with F two 3×3 convolutions: conv – bn – relu – conv – bn.

    x: (N, in_channels, H, W); returns (N, width, H/stride, W/stride), rounded up.

    >>> BasicBlock(64, 128, stride=2)(torch.zeros(1, 64, 56, 56)).shape
    torch.Size([1, 128, 28, 28])

    References: he2016
    """

    expansion = 1  # channels out, in widths

    def __init__(self, in_channels: int, width: int, *, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, width, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.downsample = _shortcut(in_channels, width, stride)
        self.relu2 = nn.ReLU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return relu(F(x) + shortcut(x))."""
        out = self.relu1(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        return self.relu2(out + (x if self.downsample is None else self.downsample(x)))

    @property
    def last_norm(self) -> nn.BatchNorm2d:
        """The BatchNorm that ends F: with γ = 0 the block starts as relu(x)."""
        return self.bn2


class Bottleneck(nn.Module):
    """relu(F(x) + x) with F: 1×1 down to `width` channels, 3×3, 1×1 up to 4·width.

    The 3×3 convolution, the dear one, works on few channels. It also has the stride, as in
    torchvision; the paper gave that to the first 1×1, which then skips three quarters of x.

    x: (N, in_channels, H, W); returns (N, 4·width, H/stride, W/stride), rounded up.

    >>> Bottleneck(256, 128, stride=2)(torch.zeros(1, 256, 56, 56)).shape
    torch.Size([1, 512, 28, 28])

    References: he2016
    """

    expansion = 4

    def __init__(self, in_channels: int, width: int, *, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(width, width, 3, stride=stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.relu2 = nn.ReLU()
        self.conv3 = nn.Conv2d(width, 4 * width, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(4 * width)
        self.downsample = _shortcut(in_channels, 4 * width, stride)
        self.relu3 = nn.ReLU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return relu(F(x) + shortcut(x))."""
        out = self.relu1(self.bn1(self.conv1(x)))
        out = self.relu2(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        return self.relu3(out + (x if self.downsample is None else self.downsample(x)))

    @property
    def last_norm(self) -> nn.BatchNorm2d:
        """The BatchNorm that ends F: with γ = 0 the block starts as relu(x)."""
        return self.bn3


def resnet18(
    *,
    num_classes: int = 1000,
    in_channels: int = 3,
    zero_gamma: bool = False,
    rng: np.random.Generator,
) -> Network:
    """ResNet-18: a stem, 8 basic blocks, an affine layer; 11.7 million parameters.

        stem    conv 64 (7×7, stride 2) – bn – relu – max pooling (3×3, stride 2)
        stages  2, 2, 2, 2 blocks of 64, 128, 256, 512 channels; 56, 28, 14, 7 pixels a side
        head    mean over all places – affine

    The depth counts convolutions and the affine layer: 1 + 2·8 + 1, without the 1×1 shortcuts.

    num_classes K; in_channels C; zero_gamma: start the last BatchNorm of each block with γ = 0,
    so that all blocks together start as little more than the identity; rng draws the weights
    (He's rule). Takes x: (N, C, H, W), 224 pixels a side by design; gives scores (N, K). Its
    parameters have the names that torchvision gives them, so its trained weights can be loaded.
    Raises TypeError or ValueError for sizes that are no whole numbers of at least 1.

    >>> with torch.device("meta"):  # shapes only: no memory, no arithmetic
    ...     net = resnet18(rng=np.random.default_rng(0))
    >>> sum(p.numel() for p in net.parameters())
    11689512

    References: he2016, he2015, goyal2017
    """
    return _resnet("resnet18", BasicBlock, (2, 2, 2, 2), num_classes, in_channels, zero_gamma, rng)


def resnet34(
    *,
    num_classes: int = 1000,
    in_channels: int = 3,
    zero_gamma: bool = False,
    rng: np.random.Generator,
) -> Network:
    """ResNet-34: 3, 4, 6, 3 basic blocks. Arguments, results and errors are those of `resnet18`.

    >>> with torch.device("meta"):
    ...     net = resnet34(rng=np.random.default_rng(0))
    >>> sum(p.numel() for p in net.parameters())
    21797672

    References: he2016
    """
    return _resnet("resnet34", BasicBlock, (3, 4, 6, 3), num_classes, in_channels, zero_gamma, rng)


def resnet50(
    *,
    num_classes: int = 1000,
    in_channels: int = 3,
    zero_gamma: bool = False,
    rng: np.random.Generator,
) -> Network:
    """ResNet-50: 3, 4, 6, 3 bottlenecks. Arguments, results and errors are those of `resnet18`.

    >>> with torch.device("meta"):
    ...     net = resnet50(rng=np.random.default_rng(0))
    >>> sum(p.numel() for p in net.parameters())
    25557032

    References: he2016
    """
    return _resnet("resnet50", Bottleneck, (3, 4, 6, 3), num_classes, in_channels, zero_gamma, rng)


def resnet101(
    *,
    num_classes: int = 1000,
    in_channels: int = 3,
    zero_gamma: bool = False,
    rng: np.random.Generator,
) -> Network:
    """ResNet-101: 3, 4, 23, 3 bottlenecks. Arguments, results and errors are `resnet18`'s.

    >>> with torch.device("meta"):
    ...     net = resnet101(rng=np.random.default_rng(0))
    >>> sum(p.numel() for p in net.parameters())
    44549160

    References: he2016
    """
    return _resnet(
        "resnet101", Bottleneck, (3, 4, 23, 3), num_classes, in_channels, zero_gamma, rng
    )


def resnet152(
    *,
    num_classes: int = 1000,
    in_channels: int = 3,
    zero_gamma: bool = False,
    rng: np.random.Generator,
) -> Network:
    """ResNet-152: 3, 8, 36, 3 bottlenecks. Arguments, results and errors are `resnet18`'s.

    >>> with torch.device("meta"):
    ...     net = resnet152(rng=np.random.default_rng(0))
    >>> sum(p.numel() for p in net.parameters())
    60192808

    References: he2016
    """
    return _resnet(
        "resnet152", Bottleneck, (3, 8, 36, 3), num_classes, in_channels, zero_gamma, rng
    )


def _resnet(
    op: str,
    block: type[BasicBlock] | type[Bottleneck],
    blocks: tuple[int, ...],
    num_classes: int,
    in_channels: int,
    zero_gamma: bool,
    rng: np.random.Generator,
) -> Network:
    _check.flag(op, "zero_gamma", zero_gamma)
    with drawing_from(op, rng, num_classes=num_classes, in_channels=in_channels):
        layers = OrderedDict[str, nn.Module](
            conv1=nn.Conv2d(in_channels, 64, 7, stride=2, padding=3, bias=False),
            bn1=nn.BatchNorm2d(64),
            relu=nn.ReLU(),
            maxpool=nn.MaxPool2d(3, stride=2, padding=1),
        )
        channels = 64
        for stage, number in enumerate(blocks, start=1):
            width = 32 * 2**stage
            layers[f"layer{stage}"] = _stage(block, channels, width, number, 1 + (stage > 1))
            channels = width * block.expansion
        fc = nn.Linear(channels, num_classes)
        layers.update(avgpool=nn.AdaptiveAvgPool2d(1), flatten=nn.Flatten(), fc=fc)
        net = Network(layers).takes(op, (in_channels, 224, 224), smallest=1)
        he_(net)
        for part in net.modules() if zero_gamma else ():
            if isinstance(part, BasicBlock | Bottleneck):
                nn.init.zeros_(part.last_norm.weight)
    return net


def _stage(
    block: type[BasicBlock] | type[Bottleneck], channels: int, width: int, number: int, stride: int
) -> nn.Sequential:
    """Blocks of one width, the first with the stride."""
    first = block(channels, width, stride=stride)
    others = [block(width * block.expansion, width) for _ in range(number - 1)]
    return nn.Sequential(first, *others)


def _shortcut(in_channels: int, out_channels: int, stride: int) -> nn.Sequential | None:
    """What x needs to fit F(x): nothing, or a 1×1 convolution with BatchNorm."""
    if stride == 1 and in_channels == out_channels:
        return None
    conv = nn.Conv2d(in_channels, out_channels, 1, stride=stride, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(out_channels))
