"""Averages of weights, by the formulas of `torch.optim.swa_utils`."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch.optim.swa_utils import get_ema_avg_fn, get_swa_avg_fn

from coursekit.numpy_ref import _check
from coursekit.torch_ref._check import floats

State = dict[str, Any]


def polyak(w: torch.Tensor, state: State) -> tuple[torch.Tensor, State]:
    """The plain mean of all iterates so far, by `get_swa_avg_fn`.

    w: any shape; state: {} or {"count": n, "average": tensor}. Returns (average, state).
    Raises TypeError if w is not floats or state no dict, ValueError for another shape or state.

    >>> average, state = polyak(torch.tensor([1.0]), {})
    >>> polyak(torch.tensor([3.0]), state)
    (tensor([2.]), {'count': 2, 'average': tensor([2.])})

    References: polyak1992
    """
    _check_average("polyak", w, state, "count")
    count = _check.counted("polyak", state, "count")
    average = get_swa_avg_fn()(state["average"], w, count) if state else w.clone()
    return average, {"count": count + 1, "average": average.clone()}


def swa(
    w: torch.Tensor, state: State, *, start: int = 0, every: int = 1
) -> tuple[torch.Tensor, State]:
    """The plain mean of one iterate in `every`, from `start` on, by `get_swa_avg_fn`.

    w: any shape; state: {} or {"step": calls so far, "count": n, "average": tensor}; start ≥ 0;
    every ≥ 1. Returns (average, state). Raises as `polyak` does.

    >>> average, state = swa(torch.tensor([9.0]), {}, start=1)
    >>> average, state = swa(torch.tensor([1.0]), state, start=1)
    >>> swa(torch.tensor([3.0]), state, start=1)[0]
    tensor([2.])

    References: izmailov2018
    """
    start = _check.count("swa", "start", start, 0)
    every = _check.count("swa", "every", every)
    _check_average("swa", w, state, "step", "count")
    step, count = _check.counted("swa", state, "step"), _check.counted("swa", state, "count")
    average = (state["average"] if count else w).clone()
    if step in range(start, step + 1, every):
        average = get_swa_avg_fn()(average, w, count)
        count += 1
    return average, {"step": step + 1, "count": count, "average": average.clone()}


def ema(w: torch.Tensor, state: State, *, decay: float = 0.999) -> tuple[torch.Tensor, State]:
    """The exponential moving average, by `get_ema_avg_fn`; it starts at the first w.

    w: any shape; state: {} or {"average": tensor}; decay in [0, 1]. Returns (average, state).
    Raises as `polyak` does.

    >>> average, state = ema(torch.tensor([1.0]), {}, decay=0.75)
    >>> ema(torch.tensor([5.0]), state, decay=0.75)
    (tensor([2.]), {'average': tensor([2.])})

    References: tarvainen2017, polyak1992
    """
    _check_average("ema", w, state)
    decay = _check.in_range("ema", "decay", decay, "[0, 1]")
    average = get_ema_avg_fn(decay)(state["average"], w, 0) if state else w.clone()
    return average, {"average": average.clone()}


def checkpoint_average(checkpoints: Sequence[Any]) -> Any:
    """The mean of checkpoints, each a tensor or a dict name -> tensor such as a state_dict.

    checkpoints: one or more, of the same names and shapes. Returns one mean, a tensor or a dict.
    Raises TypeError for what is neither, ValueError for none at all, other names or shapes.

    >>> checkpoint_average([torch.tensor([1.0, 2.0]), torch.tensor([3.0, 6.0])])
    tensor([2., 4.])

    References: vaswani2017
    """
    op = "checkpoint_average"
    if not isinstance(checkpoints, Sequence):
        got = type(checkpoints).__name__
        raise TypeError(_check.message(op, "checkpoints is not a list", "a list of tensors", got))
    if not checkpoints:
        raise ValueError(_check.message(op, "checkpoints is empty", "one checkpoint or more", 0))
    if not isinstance(checkpoints[0], Mapping):
        return _mean(op, {f"checkpoints[{i}]": w for i, w in enumerate(checkpoints)})
    _check_names(op, checkpoints)
    return {
        name: _mean(op, {f"checkpoints[{i}]['{name}']": c[name] for i, c in enumerate(checkpoints)})
        for name in checkpoints[0]
    }


def _check_average(op: str, w, state: State, *counts: str) -> None:
    """Check the weights and the state of a running average."""
    floats(op, w=w)
    _check.state(op, state, {**dict.fromkeys(counts, ()), "average": tuple(w.shape)})
    if state:
        floats(op, **{"state['average']": state["average"]})


def _check_names(op: str, checkpoints: Sequence[Any]) -> None:
    """Raise unless all checkpoints are dicts with the names of the first."""
    expected = list(checkpoints[0])
    for i, checkpoint in enumerate(checkpoints):
        if not isinstance(checkpoint, Mapping):
            got = type(checkpoint).__name__
            raise TypeError(_check.message(op, f"checkpoints[{i}] is not a dict", "a dict", got))
        if set(checkpoint) != set(expected):
            wrong = f"checkpoints[{i}] has other names"
            raise ValueError(_check.message(op, wrong, str(expected), list(checkpoint)))


def _mean(op: str, tensors: dict[str, torch.Tensor]) -> torch.Tensor:
    """The mean of tensors of one shape; their names are for error messages."""
    first = next(iter(tensors.values()))
    for name, tensor in tensors.items():
        floats(op, **{name: tensor})
        _check.shape(op, name, tensor, tuple(first.shape))
    return torch.stack(list(tensors.values())).mean(dim=0)
