"""Averages of weights: near the end of training the mean of many iterates beats the last one.

With a constant learning rate the weights circle the minimum in the noise of the batches; their
mean lies nearer to the middle. Training itself goes on as if nothing had happened: the average is
kept beside the weights and used to predict. (The running statistics of BatchNorm belong to the
weights they were measured with: after averaging, measure them again in a pass over the data.)

The running averages are pure functions `name(w, state, ...) -> (average, state)`, called once
after every step, with a state that starts empty, as in optim.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from coursekit.numpy_ref import _check

State = dict[str, Any]


def polyak(w: np.ndarray, state: State) -> tuple[np.ndarray, State]:
    """The plain mean of all iterates so far: average ← average + (w − average) / n.

    That is (w₁ + … + wₙ) / n without keeping the iterates. All count the same, the bad ones of
    the beginning too: start it late, or see `swa` and `ema`.

    w: any shape; state: {} or {"count": n, "average": array}. Returns (average, state).
    Raises TypeError if w is not floats or state no dict, ValueError for another shape or state.

    >>> average, state = polyak(np.array([1.0]), {})
    >>> average, state = polyak(np.array([2.0]), state)
    >>> polyak(np.array([6.0]), state)
    (array([3.]), {'count': 3, 'average': array([3.])})

    References: polyak1992
    """
    _check_average("polyak", w, state, "count")
    count = _check.counted("polyak", state, "count") + 1
    average = _with_one_more(state.get("average", w), w, count)
    return average, {"count": count, "average": average.copy()}


def swa(w: np.ndarray, state: State, *, start: int = 0, every: int = 1) -> tuple[np.ndarray, State]:
    """Stochastic weight averaging: the plain mean of one iterate in `every`, from `start` on.

    It is `polyak` for chosen iterates. With a constant or cyclical learning rate choose the end
    of each epoch or cycle, after training has come close: iterates that lie apart from each
    other around a wide minimum. Until the first one is chosen, the average is w itself.

    w: any shape; state: {} or {"step": calls so far, "count": n, "average": array}; start ≥ 0:
    the first call is number 0; every ≥ 1. Returns (average, state). Raises as `polyak` does.

    >>> state = {}
    >>> for w in (9.0, 1.0, 9.0, 3.0):  # start=1 and every=2 choose the second and the fourth
    ...     average, state = swa(np.array([w]), state, start=1, every=2)
    >>> average
    array([2.])

    References: izmailov2018
    """
    start = _check.count("swa", "start", start, 0)
    every = _check.count("swa", "every", every)
    _check_average("swa", w, state, "step", "count")
    step, count = _check.counted("swa", state, "step"), _check.counted("swa", state, "count")
    average = (state["average"] if count else w).copy()
    if step >= start and (step - start) % every == 0:
        count += 1
        average = _with_one_more(average, w, count)
    return average, {"step": step + 1, "count": count, "average": average.copy()}


def ema(w: np.ndarray, state: State, *, decay: float = 0.999) -> tuple[np.ndarray, State]:
    """The exponential moving average: average ← decay·average + (1 − decay)·w.

    It starts at the first w. The iterate of k steps ago has the weight (1 − decay)·decayᵏ: the
    average looks back over about 1/(1 − decay) steps and forgets what came before.

    w: any shape; state: {} or {"average": array}; decay in [0, 1]. Returns (average, state).
    Raises as `polyak` does.

    >>> average, state = ema(np.array([1.0]), {}, decay=0.75)
    >>> ema(np.array([5.0]), state, decay=0.75)
    (array([2.]), {'average': array([2.])})

    References: tarvainen2017, polyak1992
    """
    _check_average("ema", w, state)
    decay = _check.in_range("ema", "decay", decay, "[0, 1]")
    average = np.asarray(decay * state["average"] + (1 - decay) * w) if state else w.copy()
    return average, {"average": average.copy()}


def checkpoint_average(checkpoints: Sequence[Any]) -> Any:
    """The mean of some saved checkpoints of one run: what is left to do when training is over.

    All must come from one run, or start from the same weights: the mean of two networks that
    were trained apart lies between two valleys.

    checkpoints: one or more arrays of one shape, or dicts name -> array with the same names and
    shapes, such as `dict(net.params)`. Returns one mean: an array or a dict.
    Raises TypeError for what is neither, ValueError for none at all, other names or shapes.

    >>> checkpoint_average([np.array([1.0, 2.0]), np.array([3.0, 6.0])])
    array([2., 4.])
    >>> checkpoint_average([{"bias": np.array([1.0])}, {"bias": np.array([3.0])}])
    {'bias': array([2.])}

    References: vaswani2017
    """
    op = "checkpoint_average"
    if not isinstance(checkpoints, Sequence):
        got = type(checkpoints).__name__
        raise TypeError(_check.message(op, "checkpoints is not a list", "a list of arrays", got))
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
    _check.floats(op, w=w)
    _check.state(op, state, {**dict.fromkeys(counts, ()), "average": w.shape})
    if state:
        _check.floats(op, **{"state['average']": state["average"]})


def _with_one_more(average: np.ndarray, w: np.ndarray, count: int) -> np.ndarray:
    """The mean of `count` iterates, from the mean of those before the last one, w."""
    return np.asarray(average + (w - average) / count)


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


def _mean(op: str, arrays: dict[str, np.ndarray]) -> np.ndarray:
    """The mean of arrays of one shape; their names are for error messages."""
    first = next(iter(arrays.values()))
    for name, array in arrays.items():
        _check.floats(op, **{name: array})
        _check.shape(op, name, array, first.shape)
    return np.asarray(np.mean(list(arrays.values()), axis=0))
