"""Pruning: train, set the smallest weights to zero, and train on with the rest.

A mask has the shape of the weights, 0 where a weight is pruned and 1 where it stays; `masked`
keeps any update rule from bringing pruned weights back.
"""

from collections.abc import Callable, Mapping

import numpy as np

from coursekit.numpy_ref import _check

Weights = Mapping[str, np.ndarray]


def sparsity(w: np.ndarray) -> float:
    """The share of weights that are exactly zero.

    w: any shape, one value or more. Returns a number in [0, 1]. Raises TypeError if w is not
    floats, ValueError if it is empty or holds NaN.

    >>> sparsity(np.array([[0.0, 2.0], [-1.0, 3.0]]))
    0.25

    References: han2015
    """
    _check.not_empty("sparsity", "w", _numbers("sparsity", "w", w))
    return float(np.mean(w == 0))


def magnitude_mask(w: np.ndarray, *, sparsity: float) -> np.ndarray:
    """Keep the largest weights: 0 for the round(sparsity · size) smallest |w|, 1 for the others.

    A small weight is not always one that matters little (the second derivative of the loss
    knows better), but its size costs nothing to ask for, and retraining repairs the rest.
    Among weights of one size those that come first are pruned first.

    w: any shape; sparsity in [0, 1]. Returns the mask, of the shape and dtype of w. A half is
    rounded to the even neighbour, as everywhere in Python. Raises TypeError if w is not floats,
    ValueError for sparsity or if w holds NaN, which has no size.

    >>> magnitude_mask(np.array([0.5, -3.0, 1.0, -0.1]), sparsity=0.5)
    array([0., 1., 1., 0.])

    References: han2015, lecun1990
    """
    _numbers("magnitude_mask", "w", w)
    share = _check.in_range("magnitude_mask", "sparsity", sparsity, "[0, 1]")
    return _mask(w, share)


def layer_magnitude_masks(weights: Weights, *, sparsity: float) -> dict[str, np.ndarray]:
    """A `magnitude_mask` for each layer: all layers lose the same share of their weights.

    weights: a dict name -> array, one or more; sparsity in [0, 1]. Returns a dict name -> mask.
    Raises TypeError if weights is no dict of arrays of floats, ValueError as `magnitude_mask`.

    >>> weights = {"first": np.array([1.0, 2.0]), "second": np.array([30.0, 40.0])}
    >>> layer_magnitude_masks(weights, sparsity=0.5)
    {'first': array([0., 1.]), 'second': array([0., 1.])}

    References: han2015
    """
    _check_weights("layer_magnitude_masks", weights)
    share = _check.in_range("layer_magnitude_masks", "sparsity", sparsity, "[0, 1]")
    return {name: _mask(w, share) for name, w in weights.items()}


def global_magnitude_masks(weights: Weights, *, sparsity: float) -> dict[str, np.ndarray]:
    """One threshold for all layers: the smallest |w| of the whole network are pruned.

    Layers with small weights lose more, those with large weights less: that often costs less
    accuracy than one share for all, but a layer can lose everything, and then the network is cut.

    weights: a dict name -> array, one or more; sparsity in [0, 1]. Returns a dict name -> mask,
    with round(sparsity · size of all) zeros in total.
    Raises TypeError if weights is no dict of arrays of floats, ValueError as `magnitude_mask`.

    >>> weights = {"first": np.array([1.0, 2.0]), "second": np.array([30.0, 40.0])}
    >>> global_magnitude_masks(weights, sparsity=0.5)
    {'first': array([0., 0.]), 'second': array([1., 1.])}

    References: han2015
    """
    _check_weights("global_magnitude_masks", weights)
    share = _check.in_range("global_magnitude_masks", "sparsity", sparsity, "[0, 1]")
    arrays = weights.values()
    mask = _mask(np.concatenate([np.ravel(w) for w in arrays]), share)
    parts = np.split(mask, np.cumsum([w.size for w in arrays])[:-1])
    return {
        name: part.reshape(w.shape).astype(w.dtype)
        for (name, w), part in zip(weights.items(), parts, strict=True)
    }


def sparsity_schedule(
    step: int, *, start: int, end: int, final: float, initial: float = 0.0, power: float = 3.0
) -> float:
    """Prune gradually: quickly while there is much to spare, then ever more slowly.

        sparsity = final + (initial − final)·(1 − (step − start)/(end − start))^power

    `initial` before start and `final` after end. A cube is usual; power=1 is a straight line.
    Between two prunings the network has time to recover; all at once, it often cannot.

    step ≥ 0, 0 ≤ start < end: whole numbers; initial, final in [0, 1]; power > 0.
    Returns a number for `magnitude_mask`. Raises TypeError or ValueError for anything else.

    >>> [sparsity_schedule(step, start=0, end=4, final=0.8) for step in (0, 2, 4, 9)]
    [0.0, 0.7000000000000001, 0.8, 0.8]

    References: zhu2017
    """
    op = "sparsity_schedule"
    step = _check.count(op, "step", step, 0)
    start = _check.count(op, "start", start, 0)
    end = _check.count(op, "end", end, start + 1)
    final = _check.in_range(op, "final", final, "[0, 1]")
    initial = _check.in_range(op, "initial", initial, "[0, 1]")
    power = _check.in_range(op, "power", power, "(0, inf)")
    left = 1 - (min(max(step, start), end) - start) / (end - start)
    return final + (initial - final) * left**power


def masked(update: Callable, mask: np.ndarray) -> Callable:
    """Wrap an update rule so that pruned weights stay zero while the others retrain.

        w, state = update(w·mask, dw·mask, state, ...);   w ← w·mask

    The last product is needed too: a momentum from before the pruning would move pruned weights.

    update: a rule (w, dw, state, ...) -> (w, state), such as `momentum`; mask: of the shape of w,
    each value 0 or 1. Returns a rule of the same arguments. Raises TypeError if update is no
    function or mask not floats, ValueError for other values, and when w has another shape.

    >>> from coursekit.numpy_ref.optim import sgd
    >>> rule = masked(sgd, np.array([1.0, 0.0]))
    >>> rule(np.array([3.0, 4.0]), np.array([10.0, 10.0]), {}, lr=0.1)
    (array([2., 0.]), {})

    References: han2015
    """
    _check.function("masked", "update", update)
    _check.floats("masked", mask=mask)
    if not np.isin(mask, (0, 1)).all():
        expected, got = "0 or 1 everywhere", f"values from {mask.min()} to {mask.max()}"
        raise ValueError(_check.message("masked", "mask has other values", expected, got))
    kept = mask == 1  # an array of its own: the caller may go on with the mask, and change it

    def rule(w: np.ndarray, dw: np.ndarray, state, **settings):
        """The update rule, for the weights that the mask keeps."""
        _check.floats("masked", w=w, dw=dw)
        _check.shape("masked", "w", w, kept.shape)
        _check.shape("masked", "dw", dw, kept.shape)
        w, state = update(np.asarray(w * kept), np.asarray(dw * kept), state, **settings)
        return np.asarray(w * kept), state

    return rule


def _mask(w: np.ndarray, sparsity: float) -> np.ndarray:
    """The mask of the checked weights; the order of equal ones is that of their positions."""
    smallest_first = np.argsort(np.abs(w), axis=None, kind="stable")
    mask = np.ones(w.size, dtype=w.dtype)
    mask[smallest_first[: round(sparsity * w.size)]] = 0
    return mask.reshape(w.shape)


def _numbers(op: str, name: str, w: np.ndarray) -> np.ndarray:
    """Return w, or raise unless it is an array of floats without NaN."""
    _check.floats(op, **{name: w})
    if np.isnan(w).any():
        got = f"{np.isnan(w).sum()} NaN"
        raise ValueError(_check.message(op, f"{name} holds NaN", "numbers only", got))
    return w


def _check_weights(op: str, weights: Weights) -> None:
    """Raise unless `weights` is a dict with one array of floats without NaN, or more."""
    if not isinstance(weights, Mapping):
        got = type(weights).__name__
        raise TypeError(_check.message(op, "weights is not a dict", "a dict name -> array", got))
    if not weights:
        raise ValueError(_check.message(op, "weights is empty", "one array or more", "{}"))
    for name, w in weights.items():
        _numbers(op, f"weights['{name}']", w)
