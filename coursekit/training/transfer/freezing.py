"""Freezing: layers that are good already stay as they are, while others learn."""

from collections.abc import Sequence
from typing import Any

from coursekit.numpy_ref import _check
from coursekit.training.transfer.blocks import blocks
from coursekit.training.transfer.features import is_module, listed


def freeze(net: Any, *, first: int | None = None, names: Sequence[str] | None = None) -> list[str]:
    """Let a PyTorch network, or its first blocks, learn no more.

    Frozen parameters have `requires_grad = False`. The Trainer leaves them alone, and puts a
    module that has only such parameters in evaluation mode: dropout is off in it, and BatchNorm
    keeps its running averages, which would otherwise go on moving without any gradient.

    net: a `torch.nn.Module`, changed in place; first: so many of its `blocks`, counted from the
    input; or names of modules, such as ["conv1", "layer1.0"]; by default all.
    Returns the names of the parameters that are still trained.
    Raises TypeError for another network, ValueError for blocks that do not exist.

    >>> import torch
    >>> net = torch.nn.Sequential(torch.nn.Linear(2, 5), torch.nn.ReLU(), torch.nn.Linear(5, 3))
    >>> freeze(net, first=1)
    ['2.weight', '2.bias']

    References: yosinski2014
    """
    return _switch("freeze", net, first, names, trained=False)


def unfreeze(net: Any, *, last: int | None = None, names: Sequence[str] | None = None) -> list[str]:
    """Let a PyTorch network, or its last blocks, learn again.

    Fine-tuning begins at the head: `freeze(net)`, then `unfreeze(net, last=1)`, train, and
    `unfreeze(net, last=2)`, and so on, as long as the validation accuracy rises.

    last: so many blocks, counted from the head; otherwise as `freeze`, and so are the errors.

    >>> import torch
    >>> net = torch.nn.Sequential(torch.nn.Linear(2, 5), torch.nn.ReLU(), torch.nn.Linear(5, 3))
    >>> freeze(net)
    []
    >>> unfreeze(net, last=1)
    ['2.weight', '2.bias']

    References: howard2018
    """
    return _switch("unfreeze", net, last, names, trained=True)


def _switch(
    op: str, net: Any, count: int | None, names: Sequence[str] | None, *, trained: bool
) -> list[str]:
    if not is_module(net):
        hint = "Of a NumPy network, train a linear_probe on features(net, x) instead."
        got = type(net).__name__
        raise TypeError(_check.message(op, "no PyTorch network", "a torch.nn.Module", got, hint))
    if count is not None and names is not None:
        got = f"{count} and {names}"
        raise ValueError(_check.message(op, "two choices at once", "a number or names", got))
    if names is not None and not isinstance(names, list | tuple):
        got, hint = type(names).__name__, f"Try [{names!r}]."
        raise TypeError(_check.message(op, "names is not a list", "a list of names", got, hint))
    if count is not None:
        names = _end(op, net, count, from_head=trained)
    modules = [_module(op, net, name) for name in ([""] if names is None else names)]
    for module in modules:
        module.requires_grad_(trained)
    return [name for name, p in net.named_parameters() if p.requires_grad]


def _end(op: str, net: Any, count: int, *, from_head: bool) -> list[str]:
    """The names of the layers in so many blocks, from one end of the network."""
    known = blocks(net)
    what = "last" if from_head else "first"
    if _check.count(op, what, count, at_least=0) > len(known):
        expected = f"{what} of at most {len(known)}, the number of blocks"
        raise ValueError(_check.message(op, f"{what} is too large", expected, count))
    chosen = known[len(known) - count :] if from_head else known[:count]
    return [name for block in chosen for name in block]


def _module(op: str, net: Any, name: str) -> Any:
    modules = dict(net.named_modules())
    if name not in modules:
        expected = f"one of {listed(modules)}"
        raise ValueError(_check.message(op, "no such module", expected, repr(name)))
    return modules[name]
