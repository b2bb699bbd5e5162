"""The blocks of a network, in the order in which it uses them: what "older" layers means."""

import functools
import sys
from collections.abc import Callable, Iterator
from typing import Any

from coursekit.numpy_ref import Container, Layer, Sequential, _check


def blocks(net: Any) -> list[tuple[str, ...]]:
    """The parts of a network that have parameters, from the input to the head.

    A block is a child of the network: a layer, or a module of your own such as a residual block.
    Of a Sequential or a ModuleList inside, each part is one. A normalisation layer belongs to the
    layer before it. Networks are taken to use their parts in the order in which they define them.

    net: a `numpy_ref` container or a `torch.nn.Module`.
    Returns for each block the names of its layers; names of parameters begin with these.
    Raises TypeError for another network, ValueError if there are no blocks.

    >>> import numpy as np
    >>> from coursekit.numpy_ref import BatchNorm1d, Linear, ReLU
    >>> rng = np.random.default_rng(0)
    >>> blocks(Sequential(Linear(2, 5, rng=rng), BatchNorm1d(5), ReLU(), Linear(5, 3, rng=rng)))
    [('0', '1'), ('3',)]
    """
    if not isinstance(net, Container) and not hasattr(net, "named_children"):
        expected, got = "a numpy_ref.Sequential or a torch.nn.Module", type(net).__name__
        raise TypeError(_check.message("blocks", "this is no network", expected, got))
    found: list[tuple[str, ...]] = []
    for name, part in _parts(net):
        if found and "Norm" in type(part).__name__:
            found[-1] = (*found[-1], name)
        else:
            found.append((name,))
    if not found:
        expected, got = "parts with parameters", f"{type(net).__name__} without any"
        raise ValueError(_check.message("blocks", "the network has no blocks", expected, got))
    return found


def layer_lr(net: Any, *, decay: float) -> Callable[[str], float]:
    """Smaller learning rates for older layers: a factor for each parameter.

        factor = decay^(number of blocks behind it)

    The first layers find edges and colors, which serve for any pictures; the last ones have to
    change most. The head learns at the full rate.

    net: as for `blocks`; decay in [0, 1]: 1 is one rate for all, 0 trains the last block only.
    Returns a function: name of a parameter -> its factor, to be given to
    `Trainer(..., lr_scale=layer_lr(net, decay=0.5))`; it raises ValueError for other names.
    Raises TypeError or ValueError for other arguments.

    >>> import numpy as np
    >>> from coursekit.numpy_ref import Linear
    >>> rng = np.random.default_rng(0)
    >>> factor = layer_lr(Sequential(*(Linear(2, 2, rng=rng) for _ in range(3))), decay=0.5)
    >>> factor("0.weight"), factor("1.bias"), factor("2.weight")
    (0.25, 0.5, 1.0)

    References: howard2018
    """
    decay = _check.in_range("layer_lr", "decay", decay, "[0, 1]")
    factors = {
        name: decay**behind for behind, names in enumerate(reversed(blocks(net))) for name in names
    }
    # A partial, not a closure: it can be compared and pickled, and says what it holds.
    return functools.partial(_factor, factors)


def _factor(factors: dict[str, float], name: str) -> float:
    for block, factor in factors.items():
        if name.startswith(f"{block}."):
            return factor
    expected = f"a parameter of {', '.join(factors)}"
    raise ValueError(_check.message("layer_lr", "no such parameter", expected, repr(name)))


def _parts(net: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The children that have parameters, by name; lists of layers are opened."""
    children = net.children if isinstance(net, Container) else dict(net.named_children())
    for name, part in children.items():
        if _is_list(part):
            yield from _parts(part, f"{prefix}{name}.")
        elif part.params if isinstance(part, Layer) else list(part.parameters()):
            yield f"{prefix}{name}", part


def _is_list(part: Any) -> bool:
    torch = sys.modules.get("torch")
    lists = (torch.nn.Sequential, torch.nn.ModuleList) if torch else ()
    return isinstance(part, (Sequential, *lists))
