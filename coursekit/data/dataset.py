"""What every data set of the course is: examples, labels, and where they come from."""

import hashlib
import numbers
from dataclasses import dataclass, field

import numpy as np

from coursekit.numpy_ref import _check

SPLITS = ("train", "validation", "test")


@dataclass(frozen=True, eq=False)
class Dataset:
    """Labelled examples of one split.

    x: pictures (N, C, H, W) in [0, 1], or points (N, D), float32; y: (N,), int64, class numbers;
    class_names: K names, `class_names[y[i]]` is what example i shows; split: "train",
    "validation" or "test"; fingerprint: 12 hex digits computed from all of these. An experiment
    that prints it says what it ran on: equal fingerprints mean equal data.

    In a regression there are no classes: class_names is (), and y holds finite numbers, float32.

    The arrays are read-only, since a data set is shared by all who ask for it.
    Raises TypeError for other types, ValueError for sizes and values that do not fit.

    >>> points = Dataset(np.eye(2, dtype=np.float32), np.array([0, 1]), ("left", "up"), "train")
    >>> points
    Dataset(x=(2, 2), y=(2,), classes=2, split='train', fingerprint='4be2982a9449')
    """

    x: np.ndarray
    y: np.ndarray
    class_names: tuple[str, ...]
    split: str
    fingerprint: str = field(init=False)

    def __post_init__(self) -> None:
        check_split("Dataset", self.split)
        names = self.class_names
        if not isinstance(names, tuple) or not all(isinstance(name, str) for name in names):
            expected, got = "a tuple of strings", repr(names)
            raise TypeError(_check.message("Dataset", "class_names are no names", expected, got))
        _check_arrays(self.x, self.y, regression=not self.class_names)
        if self.class_names:
            _check_labels(self.y, len(self.class_names))
        for name, array in {"x": self.x, "y": self.y}.items():
            view = np.ascontiguousarray(array).view()
            view.flags.writeable = False
            object.__setattr__(self, name, view)
        object.__setattr__(self, "fingerprint", _fingerprint(self))

    def __len__(self) -> int:
        return len(self.y)

    def __repr__(self) -> str:
        return (
            f"Dataset(x={self.x.shape}, y={self.y.shape}, classes={len(self.class_names)}, "
            f"split={self.split!r}, fingerprint={self.fingerprint!r})"
        )

    def subset(self, indices: np.ndarray) -> "Dataset":
        """The examples at `indices`, whole numbers in a row, in that order; one may come twice.

        Raises TypeError unless they are that, IndexError if there is no such example.

        >>> points = Dataset(np.eye(2, dtype=np.float32), np.array([0, 1]), ("a", "b"), "train")
        >>> points.subset(np.array([1])).y
        array([1])
        """
        indices = np.asarray(indices)
        if indices.dtype.kind not in "iu" or indices.ndim != 1:
            raise TypeError(
                f"Dataset.subset: indices are not whole numbers in a row. Expected integers (n,), "
                f"got {indices.dtype} {indices.shape}. Try np.flatnonzero for a mask."
            )
        return Dataset(self.x[indices], self.y[indices], self.class_names, self.split)

    def with_x(self, x: np.ndarray) -> "Dataset":
        """The same labels for another x: the pictures standardised, or their features.

        Raises TypeError unless x is float32, ValueError unless it is (N, ...) with the N of y.

        >>> points = Dataset(np.eye(2, dtype=np.float32), np.array([0, 1]), ("a", "b"), "train")
        >>> points.with_x(2 * points.x - 1).x[0]
        array([ 1., -1.], dtype=float32)
        """
        return Dataset(x, self.y, self.class_names, self.split)

    def first(self, n: int | None) -> "Dataset":
        """The first n examples; all of them for None.

        Raises TypeError unless n is a whole number, ValueError unless 1 ≤ n ≤ N.

        >>> points = Dataset(np.eye(2, dtype=np.float32), np.array([0, 1]), ("a", "b"), "train")
        >>> len(points.first(1)), len(points.first(None))
        (1, 2)
        """
        if n is None:
            return self
        check_n("Dataset.first", n, len(self))
        return self.subset(np.arange(n))


def check_split(op: str, split: str) -> None:
    """Raise ValueError unless `split` is one of `SPLITS`.

    >>> check_split("digits", "validate")
    Traceback (most recent call last):
    ValueError: digits: unknown split. Expected 'train', 'validation' or 'test', got 'validate'.
    """
    if split not in SPLITS:
        raise ValueError(
            f"{op}: unknown split. Expected 'train', 'validation' or 'test', got {split!r}."
        )


def check_n(op: str, n: int, total: int, of: str = "") -> None:
    """Raise TypeError unless n is a whole number, ValueError unless 1 ≤ n ≤ total.

    >>> check_n("digits", 301, 300)
    Traceback (most recent call last):
    ValueError: digits: n is out of range. Expected n from 1 to 300, got 301.
    """
    expected = f"n from 1 to {total}{of}"
    if isinstance(n, bool) or not isinstance(n, numbers.Integral):
        raise TypeError(_check.message(op, "n is not a whole number", expected, repr(n)))
    if not 1 <= n <= total:
        raise ValueError(_check.message(op, "n is out of range", expected, n))


def split_rng(op: str, split: str, seed: int) -> np.random.Generator:
    """The generator of one split: the splits of one seed are independent draws.

    Raises ValueError for an unknown split; TypeError or ValueError unless seed is a whole number
    of at least 0.

    >>> split_rng("moons", "train", 0).random() == split_rng("moons", "test", 0).random()
    False
    """
    check_split(op, split)
    return np.random.default_rng([_check.count(op, "seed", seed, 0), SPLITS.index(split)])


def _check_arrays(x: np.ndarray, y: np.ndarray, *, regression: bool) -> None:
    y_type = np.float32 if regression else np.int64
    for name, array, dtype in [("x", x, np.float32), ("y", y, y_type)]:
        if not isinstance(array, np.ndarray) or array.dtype != dtype:
            got = getattr(array, "dtype", type(array).__name__)
            raise TypeError(
                f"Dataset: {name} has the wrong type. "
                f"Expected a NumPy array of {np.dtype(dtype)}, got {got}."
            )
    if x.ndim < 2 or y.shape != x.shape[:1]:
        raise ValueError(
            f"Dataset: x and y do not fit. "
            f"Expected x (N, ...) and y (N,), got {x.shape} and {y.shape}."
        )
    if not np.isfinite(y).all():
        raise ValueError("Dataset: y is not finite. Expected finite numbers, got NaN or infinity.")


def _check_labels(y: np.ndarray, k: int) -> None:
    if len(y) and not (y.min() >= 0 and y.max() < k):
        raise ValueError(
            f"Dataset: y names classes that have no name. "
            f"Expected 0 to {k - 1}, got {y.min()} to {y.max()}."
        )


def _fingerprint(data: Dataset) -> str:
    about = repr((data.x.shape, data.class_names, data.split)).encode()
    return hashlib.sha256(about + data.x.tobytes() + data.y.tobytes()).hexdigest()[:12]
