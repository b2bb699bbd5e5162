"""The experiment that made residual networks: equal nets of depth 6n + 2, without and with "+ x".

Plain nets get worse as they get deeper, on the *training* set too: that is no overfitting, they
are hard to optimise. Their residual twins have the same layers and as many parameters.
"""

from collections import OrderedDict

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from coursekit.numpy_ref import _check
from coursekit.training.models.network import Network, drawing_from, he_

WIDTHS = (16, 32, 64)


class PlainBlock(nn.Module):
    """Two 3×3 convolutions: relu(F(x)), F being conv – bn – relu – conv – bn.

    x: (N, in_channels, H, W); returns (N, width, H/stride, W/stride), rounded up.

    >>> PlainBlock(16, 32, stride=2)(torch.zeros(1, 16, 32, 32)).shape
    torch.Size([1, 32, 16, 16])

    References: he2016
    """

    def __init__(self, in_channels: int, width: int, *, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, width, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.relu2 = nn.ReLU()

    def body(self, x: torch.Tensor) -> torch.Tensor:
        """Return F(x)."""
        return self.bn2(self.conv2(self.relu1(self.bn1(self.conv1(x)))))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return relu(F(x))."""
        return self.relu2(self.body(x))


class ResidualBlock(PlainBlock):
    """The same with a shortcut: relu(F(x) + x).

    Where F halves the picture, the shortcut takes every second row and column of x, and zeros
    for the new channels: it has no parameters, so a plain block has as many as this one.

    >>> block = ResidualBlock(16, 32, stride=2)
    >>> sum(p.numel() for p in block.parameters())
    13952
    >>> sum(p.numel() for p in PlainBlock(16, 32, stride=2).parameters())
    13952

    References: he2016
    """

    def __init__(self, in_channels: int, width: int, *, stride: int = 1) -> None:
        super().__init__(in_channels, width, stride=stride)
        self.stride, self.new_channels = stride, width - in_channels

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return relu(F(x) + shortcut(x))."""
        return self.relu2(self.body(x) + self.shortcut(x))

    def shortcut(self, x: torch.Tensor) -> torch.Tensor:
        """Return x, in the shape of F(x)."""
        x = x[:, :, :: self.stride, :: self.stride]
        return F.pad(x, (0, 0, 0, 0, 0, self.new_channels)) if self.new_channels else x


def plain_net(
    depth: int, *, num_classes: int = 10, in_channels: int = 3, rng: np.random.Generator
) -> Network:
    """A plain net for pictures of 32×32: 6n + 1 convolutions of 3×3 and an affine layer.

        conv 16 – n blocks of 16 channels, 32×32 – n of 32, 16×16 – n of 64, 8×8 – mean – affine

    Each convolution has BatchNorm behind it, the first of a later stage stride 2.

    depth: 6n + 2, such as 20, 32, 44, 56, 110; num_classes K; in_channels C; rng draws the
    weights (He's rule). Takes x: (N, C, H, W); gives scores (N, K).
    Raises TypeError or ValueError for other depths, and for sizes below 1.

    >>> net = plain_net(20, rng=np.random.default_rng(0))
    >>> sum(p.numel() for p in net.parameters())
    269722

    References: he2016
    """
    return _net("plain_net", PlainBlock, depth, num_classes, in_channels, False, rng)


def residual_net(
    depth: int,
    *,
    num_classes: int = 10,
    in_channels: int = 3,
    zero_gamma: bool = False,
    rng: np.random.Generator,
) -> Network:
    """The residual net for pictures of 32×32: `plain_net` with "+ x" around each block.

    zero_gamma: start the last BatchNorm of each block with γ = 0, so that the blocks start as
    the identity. Equal depth and rng give the same weights as in the plain net. Other arguments,
    results and errors are those of `plain_net`.

    >>> net = residual_net(20, rng=np.random.default_rng(0))
    >>> sum(p.numel() for p in net.parameters())
    269722

    References: he2016, goyal2017
    """
    return _net("residual_net", ResidualBlock, depth, num_classes, in_channels, zero_gamma, rng)


def _net(
    op: str,
    block: type[PlainBlock],
    depth: int,
    num_classes: int,
    in_channels: int,
    zero_gamma: bool,
    rng: np.random.Generator,
) -> Network:
    n = _blocks_a_stage(op, depth)
    _check.flag(op, "zero_gamma", zero_gamma)
    with drawing_from(op, rng, num_classes=num_classes, in_channels=in_channels):
        conv = nn.Conv2d(in_channels, WIDTHS[0], 3, padding=1, bias=False)
        layers = OrderedDict[str, nn.Module](
            conv=conv, bn=nn.BatchNorm2d(WIDTHS[0]), relu=nn.ReLU()
        )
        channels = WIDTHS[0]
        for stage, width in enumerate(WIDTHS, start=1):
            first = block(channels, width, stride=1 + (stage > 1))
            others = [block(width, width) for _ in range(n - 1)]
            layers[f"stage{stage}"] = nn.Sequential(first, *others)
            channels = width
        fc = nn.Linear(channels, num_classes)
        layers.update(pool=nn.AdaptiveAvgPool2d(1), flatten=nn.Flatten(), fc=fc)
        net = Network(layers).takes(op, (in_channels, 32, 32), smallest=1)
        he_(net)
        for part in net.modules() if zero_gamma else ():
            if isinstance(part, ResidualBlock):
                nn.init.zeros_(part.bn2.weight)
    return net


def _blocks_a_stage(op: str, depth: int) -> int:
    """Return n, or raise unless depth is 6n + 2."""
    n, left = divmod(_check.count(op, "depth", depth) - 2, 6)
    if n < 1 or left:
        expected = "6n + 2: 8, 14, 20, 26, 32 ..."
        raise ValueError(_check.message(op, "depth does not fit", expected, depth))
    return n
