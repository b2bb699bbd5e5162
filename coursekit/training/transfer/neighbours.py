"""Nearest neighbours: which examples does a network take to be alike?"""

import numpy as np

from coursekit.numpy_ref import _check

VALUES_AT_ONCE = 2**22  # distances in memory: 32 MB


def nearest_neighbours(
    features: np.ndarray,
    queries: np.ndarray | None = None,
    *,
    k: int = 5,
    metric: str = "cosine",
) -> tuple[np.ndarray, np.ndarray]:
    """The k rows of `features` that are nearest to each query.

        cosine:     d(a, b) = 1 − a·b / (‖a‖ ‖b‖)     which way they point
        euclidean:  d(a, b) = ‖a − b‖                 how far apart they are

    Among features, neighbours are pictures of alike things; among pixels, pictures with light and
    dark in the same places. Cosine is the usual choice: a strong response and a weak one, to
    the same pattern, are neighbours. A row of zeros points nowhere: its cosine is taken as 0.

    features: (N, D); queries: (Q, D), or None: then each row of features asks for its neighbours
    among the others, and is not its own. 1 ≤ k ≤ N (without queries N − 1).
    Returns indices (Q, k) of rows, nearest first, of equally near ones the first first, and
    distances (Q, k), float64.
    Raises TypeError for arrays that are not floats, ValueError for sizes that do not fit, NaN or
    infinity, and an unknown metric.

    >>> compass = np.array([[1.0, 0.0], [0.0, 1.0], [-2.0, 0.0]])
    >>> nearest_neighbours(compass, np.array([[0.5, 0.1]]), k=2)[0]
    array([[0, 1]])
    >>> nearest_neighbours(compass, k=1, metric="euclidean")[0].ravel()
    array([1, 0, 1])

    References: krizhevsky2012
    """
    asking = features if queries is None else queries
    _check_arrays(features, asking)
    _check.choice("nearest_neighbours", "metric", metric, ("cosine", "euclidean"))
    k = _check.count("nearest_neighbours", "k", k)
    most = len(features) - (queries is None)
    if k > most:
        expected = f"k of at most {most}"
        raise ValueError(_check.message("nearest_neighbours", "k is too large", expected, k))
    rows, asking = _prepared(features, asking, metric)
    indices, distances = np.empty((len(asking), k), np.int64), np.empty((len(asking), k))
    size = max(1, VALUES_AT_ONCE // len(rows))
    for start in range(0, len(asking), size):
        part = slice(start, start + size)
        d = _distances(rows, asking[part], metric)
        if queries is None:
            d[np.arange(len(d)), np.arange(start, start + len(d))] = np.inf
        indices[part], distances[part] = _smallest(d, k)
    return indices, distances


def _prepared(rows: np.ndarray, asking: np.ndarray, metric: str) -> tuple[np.ndarray, np.ndarray]:
    """In float64; for cosine of length 1, so that a·b is the cosine."""
    rows, asking = rows.astype(np.float64), asking.astype(np.float64)
    if metric == "euclidean":
        middle = rows.mean(axis=0)  # far from 0 the digits in which rows differ would be lost
        return rows - middle, asking - middle
    lengths = (np.linalg.norm(array, axis=1, keepdims=True) for array in (rows, asking))
    units = (np.where(length > 0, length, 1) for length in lengths)
    return rows / next(units), asking / next(units)


def _distances(rows: np.ndarray, asking: np.ndarray, metric: str) -> np.ndarray:
    """All distances, (Q, N)."""
    products = asking @ rows.T
    if metric == "cosine":
        return 1 - products
    # ‖a − b‖² = ‖a‖² − 2 a·b + ‖b‖²: one matrix product instead of Q·N·D differences.
    squares = (asking**2).sum(axis=1)[:, None] - 2 * products + (rows**2).sum(axis=1)
    return np.sqrt(squares.clip(0))  # rounding can leave less than 0


def _smallest(d: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Where the k smallest of each row are, in order, and what they are."""
    # Finding them takes one look at each; only the k found are sorted.
    nearest = np.argpartition(d, k - 1, axis=1)[:, :k]
    last = np.take_along_axis(d, nearest, axis=1).max(axis=1, keepdims=True)
    tied = (d <= last).sum(axis=1) > k  # which of several equal ones are found is left to chance
    nearest[tied] = np.argsort(d[tied], axis=1, kind="stable")[:, :k]
    nearest.sort(axis=1)
    order = np.argsort(np.take_along_axis(d, nearest, axis=1), axis=1, kind="stable")
    nearest = np.take_along_axis(nearest, order, axis=1)
    return nearest, np.take_along_axis(d, nearest, axis=1)


def _check_arrays(features: np.ndarray, queries: np.ndarray) -> None:
    op = "nearest_neighbours"
    _check.floats(op, features=features, queries=queries)
    _check.shape(op, "features", features, ("N", "D"))
    _check.shape(op, "queries", queries, ("Q", features.shape[1]))
    _check.not_empty(op, "features", features)
    for name, array in {"features": features, "queries": queries}.items():
        if not np.isfinite(array).all():
            raise ValueError(
                _check.message(op, f"{name} are not finite", "finite numbers", "NaN or infinity")
            )
