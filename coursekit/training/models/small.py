"""A small residual network for small pictures: what the course's own pretrained nets are."""

import numpy as np
import torch
from torch import nn

from coursekit.numpy_ref import _check
from coursekit.training.models.network import Network, drawing_from


class Standardize(nn.Module):
    """(x − mean) / std for each channel, as a layer: the network takes pictures in [0, 1].

    mean, std > 0: one number a channel, of the training set. They are saved with the weights, so
    that nobody can forget them or use others.
    Raises ValueError or TypeError otherwise.

    >>> Standardize((0.5,), (0.25,))(torch.ones(1, 1, 2, 2)).mean()
    tensor(2.)
    """

    mean: torch.Tensor
    std: torch.Tensor

    def __init__(self, mean: tuple[float, ...], std: tuple[float, ...]) -> None:
        super().__init__()
        if not (isinstance(mean, tuple) and isinstance(std, tuple) and len(mean) == len(std) > 0):
            wrong, expected = "mean and std do not fit", "two tuples, one number a channel"
            raise ValueError(_check.message("Standardize", wrong, expected, f"{mean} and {std}"))
        for number in std:
            _check.in_range("Standardize", "one of the std", number, "(0, inf)")
        self.register_buffer("mean", torch.tensor(mean).reshape(-1, 1, 1))
        self.register_buffer("std", torch.tensor(std).reshape(-1, 1, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return x standardised."""
        return (x - self.mean) / self.std


class Residual(nn.Module):
    """out = body(x) + x."""

    def __init__(self, *body: nn.Module) -> None:
        super().__init__()
        self.body = nn.Sequential(*body)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return body(x) + x."""
        return self.body(x) + x


class Scale(nn.Module):
    """out = factor · x: small first scores, whatever the size of the features."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return factor · x."""
        return self.factor * x


def conv_block(in_channels: int, out_channels: int, *, pool: bool = False) -> nn.Sequential:
    """A 3×3 convolution that keeps the size, max pooling by 2 if asked for, batch norm, ReLU.

    Pooling first leaves a quarter of the work to batch norm and ReLU, which then measure and
    see the maxima only.

    >>> conv_block(3, 8, pool=True)(torch.zeros(1, 3, 32, 32)).shape
    torch.Size([1, 8, 16, 16])
    """
    conv = nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False)
    nn.init.kaiming_normal_(conv.weight, nonlinearity="relu")
    smaller = [nn.MaxPool2d(2)] if pool else []
    return nn.Sequential(conv, *smaller, nn.BatchNorm2d(out_channels), nn.ReLU(inplace=True))


def small_resnet(
    *,
    rng: np.random.Generator,
    widths: tuple[int, int, int, int] = (32, 64, 128, 160),
    mean: tuple[float, ...] = (0.0, 0.0, 0.0),
    std: tuple[float, ...] = (1.0, 1.0, 1.0),
    num_classes: int = 10,
) -> Network:
    """Seven convolutions, three of them with a shortcut around, and a linear classifier.

    Pictures of 8 × 8 or more go through three poolings of 2 × 2; the maximum over what is left
    of each channel goes to the classifier, whose scores are divided by 8.

    rng: for the weights; widths: channels of the four stages; mean, std: of the training set,
    one number for each input channel; num_classes ≥ 1. x: (N, C, H, W) in [0, 1] ->
    scores (N, num_classes). Raises TypeError or ValueError for other arguments.

    >>> net = small_resnet(rng=np.random.default_rng(0))
    >>> net(torch.zeros(2, 3, 32, 32)).shape, sum(p.numel() for p in net.parameters())
    (torch.Size([2, 10]), 695136)

    References: he2016, he2015
    """
    if not (isinstance(widths, tuple) and len(widths) == 4):
        wrong, expected = "widths are not four", "a tuple of four numbers"
        raise ValueError(_check.message("small_resnet", wrong, expected, repr(widths)))
    a, b, c, d = widths
    sizes = dict(zip("abcd", widths, strict=True))
    with drawing_from("small_resnet", rng, num_classes=num_classes, **sizes):
        net = Network(
            Standardize(mean, std),
            nn.Sequential(conv_block(len(mean), a), conv_block(a, b, pool=True)),
            Residual(conv_block(b, b)),
            conv_block(b, c, pool=True),
            Residual(conv_block(c, c)),
            conv_block(c, d, pool=True),
            Residual(conv_block(d, d)),
            nn.Sequential(nn.AdaptiveMaxPool2d(1), nn.Flatten()),
            nn.Linear(d, num_classes, bias=False),
            Scale(1 / 8),
        )
    return net.takes("small_resnet", (len(mean), 32, 32), smallest=8)
