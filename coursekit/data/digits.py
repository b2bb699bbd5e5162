"""Handwritten digits: small enough to train on within a second, real enough to overfit."""

import functools
import importlib.util
from pathlib import Path

import numpy as np

from coursekit.data.dataset import SPLITS, Dataset, check_split

SIZES = {"train": 1197, "validation": 300, "test": 300}


def digits(split: str = "train", *, n: int | None = None) -> Dataset:
    """The 1797 handwritten digits of scikit-learn, 8 × 8 pixels each.

    The split never changes: 1197 to train, 300 to validate, 300 to test. Each, and the first n
    of each, has the digits 0 to 9 in nearly the same proportions. scikit-learn brings the
    pictures: no network.

    split: "train", "validation" or "test"; n: only the first n examples of it.
    Returns a Dataset with x: (N, 1, 8, 8) in [0, 1] and y: (N,).
    Raises ValueError for an unknown split or an n out of range, ImportError without scikit-learn.

    >>> digits("train").x.shape, digits("test", n=5).x.shape
    ((1197, 1, 8, 8), (5, 1, 8, 8))

    References: alpaydin1998
    """
    check_split("digits", split)
    return _all_splits()[split].first(n)


@functools.cache
def _all_splits() -> dict[str, Dataset]:
    x, y = _load()
    ends = np.cumsum([SIZES[split] for split in SPLITS])[:-1]
    parts = np.split(_classes_interleaved(y, np.random.default_rng(0)), ends)
    names = tuple("0123456789")
    return {
        split: Dataset(x[part], y[part], names, split)
        for split, part in zip(SPLITS, parts, strict=True)
    }


def _classes_interleaved(y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Order examples so that any stretch of them has all classes in their proportions."""
    place = np.empty(len(y))
    for k in np.unique(y):
        members = np.flatnonzero(y == k)
        place[members] = (rng.permutation(len(members)) + rng.random()) / len(members)
    return np.argsort(place)


def _load() -> tuple[np.ndarray, np.ndarray]:
    # The file alone: importing scikit-learn for it would take most of a second.
    package = importlib.util.find_spec("sklearn")
    if package is None or package.origin is None:
        raise ImportError(
            "digits: scikit-learn is missing. Expected it to be installed, got no module sklearn. "
            "Try `pip install scikit-learn`."
        )
    path = Path(package.origin).parent / "datasets" / "data" / "digits.csv.gz"
    rows = np.loadtxt(path, delimiter=",", dtype=np.float32)
    return (rows[:, :-1] / 16).reshape(-1, 1, 8, 8), rows[:, -1].astype(np.int64)
