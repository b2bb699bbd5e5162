"""Cases of preprocess.py."""

import numpy as np
from hypothesis import strategies as st

from tests.cases.case import Array, Bad, Case, Hand, f, given_inputs


def _positive(axes: str) -> Array:
    """Values between 0.1 and 2."""
    return Array(axes, lambda rng, shape: rng.uniform(0.1, 2, shape))


def _stretched(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """A cloud whose deviations along its axes are as 1, 2, 4, ...: none can be mistaken."""
    n, d = shape
    if n < 2:
        return rng.standard_normal(shape)
    k = min(n - 1, d)
    points = rng.standard_normal((n, k))
    coordinates = np.linalg.qr(points - points.mean(axis=0))[0] * 2.0 ** np.arange(k)
    axes = np.linalg.qr(rng.standard_normal((d, k)))[0]
    return coordinates @ axes.T + rng.standard_normal(d)


_TWO = f([[[[1.0, 2.0]], [[0.0, 6.0]]], [[[3.0, 2.0]], [[2.0, 4.0]]]])  # two pictures, (2, 2, 1, 2)
_PICTURES_BAD = (
    Bad(ValueError, "x_train of shape (N, C, H, W), got (3, 4, 4)", x_train=np.zeros((3, 4, 4))),
    Bad(ValueError, "x_train has the wrong shape", x_train=np.zeros((2, 3))),
    Bad(ValueError, "x_train is empty", x_train=np.zeros((0, 3, 4, 4))),
    Bad(ValueError, "one value or more, got shape (2, 3, 0, 4)", x_train=np.zeros((2, 3, 0, 4))),
)
_EPS_BAD = (
    Bad(ValueError, "eps in (0, inf), got 0.0", eps=0.0),
    Bad(ValueError, "eps is out of range", eps=-1e-6),
    Bad(ValueError, "eps is out of range", eps=float("nan")),
    Bad(TypeError, "eps is not a number", eps="tiny"),
)


def _sample_bad(name: str, shape: tuple[int, ...], *wrong: tuple[int, ...]) -> tuple[Bad, ...]:
    """Wrong shapes of a statistic that should have the shape of a sample."""
    return tuple(
        Bad(ValueError, f"{name} of shape {shape}, got {got}", **{name: np.ones(got)})
        for got in wrong
    )


def _axes_bad(x: str, columns: int) -> tuple[Bad, ...]:
    """Shapes that do not fit two axes in three dimensions."""
    return (
        Bad(ValueError, f"{x} of shape (N, {columns}), got (2, 4)", **{x: np.zeros((2, 4))}),
        Bad(ValueError, f": {x} has the wrong shape", **{x: np.zeros((2, 1))}),
        Bad(ValueError, f"{x} has the wrong shape", **{x: np.zeros(columns)}),
        Bad(ValueError, f"{x} has the wrong shape", **{x: np.zeros((2, columns, 1))}),
        *_sample_bad("mean", (3,), (1,), (2,), (1, 3)),
        Bad(ValueError, "axes of shape (K, D), got (3,)", axes=np.zeros(3)),
        Bad(ValueError, "mean of shape (4,), got (3,)", axes=np.zeros((2, 4))),
    )


# Two axes at right angles: (0.6, 0.8, 0) and (0, 0, 1).
_AXES = {"mean": f([1.0, 2.0, 3.0]), "axes": f([[0.6, 0.8, 0.0], [0.0, 0.0, 1.0]])}
# The axes of this cross are at 45°, where both coordinates are equally large.
_CROSS = f([[4.0, 6.0], [-2.0, 0.0], [0.0, 4.0], [2.0, 2.0]])
_HALF = np.sqrt(0.5)

CASES = [
    Case(
        "mean_image",
        "function",
        given_inputs(x_train="N C H W"),
        Hand({"x_train": _TWO}, gives=f([[[2.0, 2.0]], [[1.0, 5.0]]])),
        bad=_PICTURES_BAD,
        empty="x_train is empty",
    ),
    Case(
        "channel_mean",
        "function",
        given_inputs(x_train="N C H W"),
        Hand({"x_train": _TWO}, gives=f([2.0, 3.0])),
        bad=_PICTURES_BAD,
        empty="x_train is empty",
    ),
    Case(
        "center",
        "function",
        given_inputs(x="N C H W", mean="C"),
        Hand(
            {"x": _TWO, "mean": f([2.0, 3.0])},
            gives=f([[[[-1.0, 0.0]], [[-3.0, 3.0]]], [[[1.0, 0.0]], [[-1.0, 1.0]]]]),
        ),
        bad=(
            *_sample_bad("mean", (2,), (1,), (3,)),
            *_sample_bad("mean", (2, 1, 2), (1, 2), (2, 1, 1), (2, 2, 1, 2), ()),
            Bad(ValueError, "x has no batch axis", x=np.ones(2)),
        ),
        label="of_channels",
    ),
    Case(
        "center",
        "function",
        given_inputs(x="N C H W", mean="C H W"),
        Hand(
            {"x": _TWO, "mean": f([[[2.0, 2.0]], [[1.0, 5.0]]])},
            gives=f([[[[-1.0, 0.0]], [[-1.0, 1.0]]], [[[1.0, 0.0]], [[1.0, -1.0]]]]),
        ),
        label="of_pictures",
    ),
    Case(
        "standardizer",
        "function",
        given_inputs(x_train="N D", eps=st.sampled_from([1e-6, 0.5])),
        Hand(
            {"x_train": f([[1.0, 5.0], [5.0, 5.0]]), "eps": 0.5},
            gives=(f([3.0, 5.0]), f([2.5, 0.5])),
        ),
        bad=(
            *_EPS_BAD,
            Bad(ValueError, "x_train is empty", x_train=np.zeros((0, 3))),
            Bad(ValueError, "x_train is empty", x_train=np.zeros((3, 0))),
            Bad(ValueError, "x_train of shape (N, ...), got (3,)", x_train=np.zeros(3)),
            Bad(ValueError, "x_train has no batch axis", x_train=np.zeros(())),
        ),
        empty="x_train is empty",
    ),
    Case(
        "standardizer",
        "function",
        given_inputs(x_train="N C H W"),
        Hand(  # the second pixel of the first channel does not change
            {"x_train": _TWO, "eps": 1.0},
            gives=(f([[[2.0, 2.0]], [[1.0, 5.0]]]), f([[[2.0, 1.0]], [[2.0, 2.0]]])),
        ),
        empty="x_train is empty",
        label="of_pictures",
    ),
    Case(
        "channel_mean_std",
        "function",
        given_inputs(x_train="N C H W", eps=st.sampled_from([1e-6, 0.5])),
        Hand(  # squares from the mean: 1, 0, 1, 0 and 9, 9, 1, 1
            {"x_train": _TWO, "eps": 1.0},
            gives=(f([2.0, 3.0]), f([1 + np.sqrt(0.5), 1 + np.sqrt(5.0)])),
        ),
        bad=(*_PICTURES_BAD, *_EPS_BAD),
        empty="x_train is empty",
    ),
    Case(
        "standardize",
        "function",
        given_inputs(x="N D", mean="D", std=_positive("D")),
        Hand(
            {"x": f([[1.0, 2.0]]), "mean": f([0.0, 4.0]), "std": f([2.0, 0.5])},
            gives=f([[0.5, -4.0]]),
        ),
        bad=(
            *_sample_bad("mean", (2,), (1,), (3,), (1, 2), ()),
            *_sample_bad("std", (2,), (1,), (3,), (1, 2), ()),
            Bad(ValueError, "an std above 0, got 0", std=f([1.0, 0.0])),
            Bad(ValueError, "std is not positive", std=f([-1.0, 1.0])),
            Bad(ValueError, "standardizer(x_train) adds eps to it", std=f([0.0, 0.0])),
            Bad(ValueError, "x has no batch axis", x=np.ones(2)),
        ),
    ),
    Case(
        "standardize",
        "function",
        given_inputs(x="N C H W", mean="C", std=_positive("C")),
        Hand(
            {"x": _TWO, "mean": f([2.0, 3.0]), "std": f([2.0, 0.5])},
            gives=f([[[[-0.5, 0.0]], [[-6.0, 6.0]]], [[[0.5, 0.0]], [[-2.0, 2.0]]]]),
        ),
        bad=(
            *_sample_bad("mean", (2,), (1,), (3,)),
            *_sample_bad("std", (2,), (1,), (3,)),
            *_sample_bad("std", (2, 1, 2), (1, 2), (2, 1, 1), (2, 2, 1, 2)),
        ),
        label="of_channels",
    ),
    Case(
        "standardize",
        "function",
        given_inputs(x="N C H W", mean="C H W", std=_positive("C")),
        Hand(
            {"x": _TWO, "mean": f([[[2.0, 2.0]], [[1.0, 5.0]]]), "std": f([2.0, 0.5])},
            gives=f([[[[-0.5, 0.0]], [[-2.0, 2.0]]], [[[0.5, 0.0]], [[2.0, -2.0]]]]),
        ),
        label="of_pictures",
    ),
    Case(
        "pca",
        "function",
        given_inputs(
            x_train=Array("N D", _stretched),
            components=st.sampled_from([None, 1]),
            sizes={"N": (2, 7)},
        ),
        Hand(  # (±3, ±3) and (±1, ∓1) around (1, 3): variances (9 + 9) / 2 and (1 + 1) / 2
            {"x_train": _CROSS},
            gives=(f([1.0, 3.0]), f([[_HALF, _HALF], [_HALF, -_HALF]]), f([9.0, 1.0])),
        ),
        bad=(
            Bad(ValueError, "x_train of shape (N, D), got (4,)", x_train=np.zeros(4)),
            Bad(ValueError, "x_train has the wrong shape", x_train=np.zeros((4, 2, 1))),
            Bad(ValueError, "x_train is empty", x_train=np.zeros((4, 0))),
            Bad(ValueError, "N of at least 2, got 1", x_train=np.zeros((1, 4))),
            Bad(ValueError, "finite values, got NaN", x_train=f([[1.0, np.nan], [2.0, 3.0]])),
            Bad(ValueError, "x_train is not finite", x_train=f([[1.0, 2.0], [-np.inf, 3.0]])),
            Bad(ValueError, "components of at least 1, got 0", components=0),
            Bad(ValueError, "components of at most 2, got 3", components=3),
            Bad(ValueError, "components of at most 1, got 2", components=2, x_train=np.eye(2, 4)),
            Bad(TypeError, "components is not a whole number", components=1.0),
        ),
        empty="x_train is empty",
    ),
    Case(
        "pca_transform",
        "function",
        given_inputs(x="N D", mean="D", axes="K D"),
        Hand({"x": f([[2.0, 3.0, 5.0]]), **_AXES}, gives=f([[1.4, 2.0]])),
        bad=_axes_bad("x", 3),
    ),
    Case(
        "pca_reconstruct",
        "function",
        given_inputs(z="N K", mean="D", axes="K D"),
        Hand({"z": f([[10.0, 2.0]]), **_AXES}, gives=f([[7.0, 10.0, 5.0]])),
        bad=_axes_bad("z", 2),
    ),
    Case(
        "whiten",
        "function",
        given_inputs(
            x="N D",
            mean="D",
            axes="K D",
            variances=_positive("K"),
            kind=st.sampled_from(["pca", "zca"]),
            eps=st.sampled_from([1e-5, 0.5]),
        ),
        Hand(  # (1.4, 2) by deviations of √(3 + 1) and √(0 + 1)
            {"x": f([[2.0, 3.0, 5.0]]), **_AXES, "variances": f([3.0, 0.0]), "eps": 1.0},
            gives=f([[0.7, 2.0]]),
        ),
        bad=(
            *_axes_bad("x", 3),
            *_EPS_BAD,
            Bad(ValueError, "variances of shape (2,), got (3,)", variances=np.ones(3)),
            Bad(ValueError, "variances of shape (2,), got (1,)", variances=np.ones(1)),
            Bad(ValueError, "variances has the wrong shape", variances=np.ones((2, 1))),
            Bad(ValueError, "variances ≥ 0, got -1", variances=f([1.0, -1.0])),
            Bad(ValueError, "'pca' or 'zca', got 'PCA'", kind="PCA"),
            Bad(TypeError, "kind is not a word", kind=None),
            Bad(TypeError, "kind is not a word", twin=False, kind=np.array(["pca", "zca"])),
        ),
    ),
    Case(
        "whiten",
        "function",
        given_inputs(x="N D", mean="D", axes="K D", variances=_positive("K"), kind=st.just("zca")),
        Hand(
            {
                "x": f([[2.0, 3.0, 5.0]]),
                **_AXES,
                "variances": f([3.0, 0.0]),
                "kind": "zca",
                "eps": 1.0,
            },
            gives=f([[0.42, 0.56, 2.0]]),
        ),
        label="zca",
    ),
]
