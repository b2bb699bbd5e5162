"""What all networks of this package share: a stack of named layers, and how chance enters."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import nn

from coursekit.numpy_ref import _check


class Network(nn.Sequential):
    """Named layers one after the other, which say what pictures they take.

    input_shape: (C, H, W) that the network was designed for, so that `summary(net)` needs no
    shape; smallest: the least height and width, or None where only H × W itself will do.
    `forward` raises ValueError for other pictures. A slice such as `net[:-1]` is a Network too,
    which takes what comes.

    >>> net = Network(nn.Conv2d(3, 6, 5), nn.ReLU()).takes("net", (3, 32, 32), smallest=5)
    >>> net(torch.zeros(1, 3, 28, 28)).shape
    torch.Size([1, 6, 24, 24])
    >>> net(torch.zeros(1, 1, 28, 28))
    Traceback (most recent call last):
    ValueError: net: x has the wrong shape. Expected (N, 3, H, W) with H and W at least 5, \
got (1, 1, 28, 28).
    """

    name: str = "Network"
    input_shape: tuple[int, int, int] | None = None
    smallest: int | None = None

    def takes(
        self, name: str, input_shape: tuple[int, int, int], *, smallest: int | None = None
    ) -> "Network":
        """Set what the class describes; return the network itself."""
        self.name, self.input_shape, self.smallest = name, input_shape, smallest
        return self

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        """Pass pictures (N, C, H, W) through all layers."""
        if self.input_shape is not None:
            self._check(tuple(input.shape), self.input_shape)
        return super().forward(input)

    def _check(self, got: tuple[int, ...], wanted: tuple[int, int, int]) -> None:
        if self.smallest is None:
            fits, expected = got[1:] == wanted, "(N, {}, {}, {})".format(*wanted)
        else:
            fits = len(got) == 4 and got[1] == wanted[0] and min(got[2:]) >= self.smallest
            expected = f"(N, {wanted[0]}, H, W) with H and W at least {self.smallest}"
        if not fits:
            raise ValueError(_check.message(self.name, "x has the wrong shape", expected, got))


@contextmanager
def drawing_from(op: str, rng: np.random.Generator, **sizes: int) -> Iterator[None]:
    """Check the arguments of a network, and seed PyTorch's generator from `rng` while it is built.

    All layers of PyTorch draw their weights from one global generator. Here it starts from a
    number that rng draws, and afterwards goes on as if nothing had happened: equal rngs give
    equal networks, and building one changes no other random number.

    op: who asks, for messages; rng: a NumPy generator; sizes: whole numbers of at least 1.
    Raises TypeError or ValueError otherwise.

    >>> def weight(seed):
    ...     with drawing_from("weight", np.random.default_rng(seed)):
    ...         return nn.Linear(1, 1).weight.item()
    >>> weight(0) == weight(0), weight(0) == weight(1)
    (True, False)
    """
    for name, size in sizes.items():
        _check.count(op, name, size)
    _check.generator(op, rng)
    with torch.random.fork_rng(devices=range(torch.cuda.device_count())):
        torch.manual_seed(int(rng.integers(2**62)))
        yield


def he_(net: nn.Module) -> None:
    """Draw all weights anew by He's rule, fan in; biases 0; the last `Linear` with deviation 0.01.

    He's rule keeps the size of signals through ReLU. The last layer has none behind it: small
    weights there make all first scores nearly equal, so that the first loss is near ln K.

    >>> net = nn.Sequential(nn.Linear(800, 500), nn.ReLU(), nn.Linear(500, 10))
    >>> with drawing_from("he_", np.random.default_rng(0)):
    ...     he_(net)
    >>> round(net[0].weight.std().item(), 3), round(net[2].weight.std().item(), 3)
    (0.05, 0.01)

    References: he2015
    """
    linear = None
    for layer in net.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
        linear = layer if isinstance(layer, nn.Linear) else linear
    if linear is not None:
        nn.init.normal_(linear.weight, std=0.01)
