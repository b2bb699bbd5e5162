"""Cases of augment/color.py, augment/warps.py and augment/mixing.py."""

import numpy as np
from hypothesis import strategies as st

from tests.cases.case import Array, Bad, Case, Hand, Labels, Seed, Values, f, given_inputs, seeds

# --- color.py -----------------------------------------------------------------------------------


def uniform(axes: str, low: float, high: float) -> Array:
    """Values between low and high, all equally likely."""
    return Array(axes, lambda rng, shape: rng.uniform(low, high, shape))


def _paint(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Colors: half of them coarse, so that pixels are gray, black, white, or have ties."""
    coarse = rng.integers(3, size=shape) / 2
    return np.where(rng.random(shape) < 0.5, coarse, rng.random(shape))


def _symmetric(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """A covariance matrix."""
    factor = rng.standard_normal(shape)
    return factor @ factor.T


_COLORS = {"x": Array("N RGB H W", _paint), "sizes": {"RGB": (3, 3)}}
_PIXEL = f([0.8, 0.4, 0.2]).reshape(1, 3, 1, 1)
_COLOR_BAD = (
    Bad(ValueError, "x of shape (N, 3, H, W), got (3, 4, 4)", x=np.zeros((3, 4, 4))),
    Bad(ValueError, "x of shape (N, 3, H, W), got (1, 1, 4, 4)", x=np.zeros((1, 1, 4, 4))),
    Bad(ValueError, "x of shape (N, 3, H, W), got (1, 4, 4, 3)", x=np.zeros((1, 4, 4, 3))),
    Bad(ValueError, "one pixel or more a picture, got (1, 3, 0, 4)", x=np.zeros((1, 3, 0, 4))),
    Bad(ValueError, "one pixel or more a picture, got (0, 3, 4, 0)", x=np.zeros((0, 3, 4, 0))),
    Bad(ValueError, "x is out of range", x=np.full((1, 3, 1, 1), 255.0)),
    Bad(ValueError, "values in [0, 1], got -0.5 to -0.5", x=np.full((1, 3, 1, 1), -0.5)),
    Bad(ValueError, "Change colors before you standardize", x=np.full((1, 3, 1, 1), -np.inf)),
)


def _amount_bad(name: str, too_large: float, low: str, interval: str) -> tuple[Bad, ...]:
    """Wrong amounts: by type, range and shape; the hand-worked batch has one picture."""
    return (
        Bad(ValueError, f"{name} in {interval}, got {low}", **{name: float(low)}),
        Bad(ValueError, f"{name} is out of range", **{name: too_large}),
        Bad(ValueError, f"{name} is out of range", **{name: float("nan")}),
        Bad(ValueError, f"{name} in {interval}, got {low}", **{name: f([float(low)])}),
        Bad(ValueError, f"{name} is out of range", **{name: f([np.nan])}),
        Bad(ValueError, f"{name} of shape (1,), got (2,)", **{name: np.full(2, 0.5)}),
        Bad(ValueError, f"{name} of shape (1,), got ()", **{name: np.full((), 0.5)}),
        Bad(ValueError, f"{name} of shape (1,), got (1, 1)", **{name: np.full((1, 1), 0.5)}),
        Bad(TypeError, f"{name} is not an array of floats", **{name: np.array([1])}),
        Bad(TypeError, f"{name} is not a number", **{name: "0.5"}),
        Bad(TypeError, f"{name} is not a number", **{name: True}),
        Bad(TypeError, f"{name} is not a number", **{name: None}),
        Bad(TypeError, f"{name} is not a number", **{name: [0.5]}),
    )


def _adjust(op: str, name: str, hand: Hand, limits: tuple[float, float], bad: tuple[Bad, ...]):
    """The two cases of an adjustment: one amount for all pictures, and one for each."""
    one: Values = {**_COLORS, name: st.one_of(st.floats(*limits), st.just(limits[0]))}
    each: Values = {**_COLORS, name: uniform("N", *limits)}
    return (
        Case(op, "function", given_inputs(**one), hand, bad=(*_COLOR_BAD, *bad)),
        Case(op, "function", given_inputs(**each), hand, label="one_each"),
    )


_FACTOR_BAD = _amount_bad("factor", float("inf"), "-0.1", "[0, inf)")
_ROW = np.repeat(f([[[[0.2, 0.6]]]]), 3, axis=1)  # gray, of mean 0.4 (0.39996, by the weights)

_JITTER_BAD = tuple(
    bad
    for name in ("brightness", "contrast", "saturation", "hue")
    for bad in (
        Bad(ValueError, f"{name} in [0, {0.5 if name == 'hue' else 'inf'}", **{name: -0.1}),
        Bad(ValueError, f"{name} is out of range", **{name: float("inf")}),
        Bad(ValueError, f"{name} is out of range", **{name: float("nan")}),
        Bad(TypeError, f"{name} is not a number", **{name: "0.5"}),
        Bad(TypeError, f"{name} is not a number", **{name: f([0.5])}),
        Bad(TypeError, f"{name} is not a number", **{name: True}),
    )
)
_spread = st.one_of(st.just(0.0), st.floats(0.0, 2.0))

COLOR = [
    *_adjust(
        "brightness",
        "factor",
        Hand({"x": _PIXEL, "factor": 1.5}, gives=f([1.0, 0.6, 0.3]).reshape(1, 3, 1, 1)),
        (0.0, 3.0),
        _FACTOR_BAD,
    ),
    *_adjust(
        "contrast",
        "factor",
        Hand(  # m + 1.5 · (x − m), m = 0.9999 · 0.4
            {"x": _ROW, "factor": 1.5}, gives=np.repeat(f([[[[0.10002, 0.70002]]]]), 3, axis=1)
        ),
        (0.0, 3.0),
        _FACTOR_BAD,
    ),
    *_adjust(
        "saturation",
        "factor",
        Hand(  # g = 0.2989 · 0.8 + 0.587 · 0.4 + 0.114 · 0.2 = 0.49672, then (x + g) / 2
            {"x": _PIXEL, "factor": 0.5},
            gives=f([0.64836, 0.44836, 0.34836]).reshape(1, 3, 1, 1),
        ),
        (0.0, 3.0),
        _FACTOR_BAD,
    ),
    *_adjust(
        "hue",
        "shift",
        Hand(  # v = 0.8, c = 0.6, hue 1/3 (of 6); + 2 = 7/3: green is largest, blue a third up
            {"x": _PIXEL, "shift": 1 / 3}, gives=f([0.2, 0.8, 0.4]).reshape(1, 3, 1, 1)
        ),
        (-0.5, 0.5),
        _amount_bad("shift", 0.6, "-0.6", "[-0.5, 0.5]"),
    ),
    Case(
        "jitter",
        "function",
        given_inputs(
            **_COLORS,
            brightness=_spread,
            contrast=_spread,
            saturation=_spread,
            hue=st.one_of(st.just(0.0), st.just(0.5), st.floats(0.0, 0.5)),
            rng=seeds,
        ),
        Hand(  # default_rng(0) draws an order, then 0.0410, 0.0165, 0.8133, 0.9128: the factor of
            # brightness is 0.5 + 0.0410, the shift −0.5 + 0.9128 = 2.4765 sixths: blue is rising
            {
                "x": f([1.0, 0.0, 0.0]).reshape(1, 3, 1, 1),
                "brightness": 0.5,
                "hue": 0.5,
                "rng": Seed(0),
            },
            gives=0.54097352 * f([0.0, 1.0, 0.47653348]).reshape(1, 3, 1, 1),
        ),
        bad=(*_COLOR_BAD, *_JITTER_BAD, Bad(TypeError, "rng is not a generator", rng=0)),
    ),
    Case(
        "pca_jitter",
        "function",
        given_inputs(
            x="N RGB H W",
            covariance=Array("RGB RGB", _symmetric),
            std=st.floats(0, 2),
            rng=seeds,
            sizes={"RGB": (3, 3)},
        ),
        Hand(  # default_rng(0) draws the normal numbers 0.125730, −0.132105 and 0.640423
            {
                "x": np.ones((1, 3, 1, 1)),
                "covariance": f([[1.0, 0.5, 0.0], [0.5, 1.0, 0.0], [0.0, 0.0, 0.1]]),
                "rng": Seed(0),
            },
            gives=f([1.00596776, 0.99307600, 1.00640423]).reshape(1, 3, 1, 1),
        ),
        bad=(
            Bad(ValueError, "x of shape (N, 3, H, W), got (3, 4, 4)", x=np.zeros((3, 4, 4))),
            Bad(ValueError, "x of shape (N, 3, H, W), got (1, 1, 4, 4)", x=np.zeros((1, 1, 4, 4))),
            Bad(ValueError, "one pixel or more a picture", x=np.zeros((1, 3, 0, 4))),
            Bad(ValueError, "covariance of shape (3, 3), got (3,)", covariance=np.ones(3)),
            Bad(ValueError, "covariance of shape (3, 3), got (4, 4)", covariance=np.eye(4)),
            Bad(ValueError, "covariance is not symmetric", covariance=np.tri(3)),
            Bad(ValueError, "std in [0, inf), got -0.1", std=-0.1),
            Bad(ValueError, "std is out of range", std=float("nan")),
            Bad(TypeError, "std is not a number", std="0.1"),
            Bad(TypeError, "rng is not a generator", rng=0),
            Bad(TypeError, "rng is not a generator", rng=None),
        ),
    ),
]

# --- warps.py -----------------------------------------------------------------------------------

_SQUARE = f([[[[1.0, 2.0], [3.0, 4.0]]]])
_PICTURE_BAD = (
    Bad(ValueError, "x of shape (N, C, H, W), got (4, 4)", x=np.zeros((4, 4))),
    Bad(ValueError, "x of shape (N, C, H, W), got (3, 4, 4)", x=np.zeros((3, 4, 4))),
    Bad(ValueError, "one pixel or more a picture, got (1, 3, 0, 4)", x=np.zeros((1, 3, 0, 4))),
    Bad(ValueError, "one pixel or more a picture, got (1, 0, 4, 4)", x=np.zeros((1, 0, 4, 4))),
)
_angle = st.one_of(st.sampled_from([-90.0, 90.0, 180.0, 270.0, 0.0]), st.floats(-400, 400))
_slope = st.one_of(st.just(0.0), st.floats(-60, 60))
_factor = st.one_of(st.just(1.0), st.floats(0.3, 3))
_BY_60 = Hand(  # the ends come from ±½ to the side and ±√¾ up or down, mostly outside
    {"x": f([[[[1.0, 2.0, 4.0]]]]), "degrees": 60.0},
    gives=f([[[[1.5 * (1 - np.sqrt(0.75)), 2.0, 3.0 * (1 - np.sqrt(0.75))]]]]),
)
_BY_45 = Hand(  # the upper row comes from half a pixel to the left, the lower from the right
    {"x": _SQUARE, "degrees": 45.0}, gives=f([[[[0.5, 1.5], [3.5, 2.0]]]])
)
_WIDE = Hand(  # columns at ¼ and ¾; rows half outside
    {"x": _SQUARE, "horizontal": 2.0, "vertical": 0.5},
    gives=f([[[[0.625, 0.875], [1.625, 1.875]]]]),
)

WARPS = [
    Case(
        "rotate",
        "function",
        given_inputs(x="N C H W", degrees=_angle),
        _BY_60,
        bad=(*_PICTURE_BAD, *_amount_bad("degrees", float("inf"), "-inf", "(-inf, inf)")),
    ),
    Case(
        "rotate",
        "function",
        given_inputs(x="N C H W", degrees=uniform("N", -180, 180)),
        _BY_60,
        label="one_each",
    ),
    Case(
        "shear",
        "function",
        given_inputs(x="N C H W", degrees=_slope),
        _BY_45,
        bad=(*_PICTURE_BAD, *_amount_bad("degrees", 90.0, "-90.0", "(-90, 90)")),
    ),
    Case(
        "shear",
        "function",
        given_inputs(x="N C H W", degrees=uniform("N", -60, 60)),
        _BY_45,
        label="one_each",
    ),
    Case(
        "stretch",
        "function",
        given_inputs(x="N C H W", horizontal=_factor, vertical=_factor),
        _WIDE,
        bad=(
            *_PICTURE_BAD,
            *_amount_bad("horizontal", float("inf"), "0.0", "[0.001, inf)"),
            *_amount_bad("vertical", float("inf"), "0.0", "[0.001, inf)"),
        ),
    ),
    Case(
        "stretch",
        "function",
        given_inputs(x="N C H W", horizontal=uniform("N", 0.3, 3), vertical=uniform("N", 0.3, 3)),
        _WIDE,
        label="one_each",
    ),
]

# --- mixing.py ----------------------------------------------------------------------------------

MIXING = [
    Case(
        "cutout",
        "function",
        given_inputs(x="N C H W", size=st.integers(1, 7), rng=seeds),
        Hand(  # default_rng(0) draws the center (3, 2): rows from 2, columns from 1
            {"x": np.arange(1.0, 17.0).reshape(1, 1, 4, 4), "size": 3, "rng": Seed(0)},
            gives=f([[[[1, 2, 3, 4], [5, 6, 7, 8], [9, 0, 0, 0], [13, 0, 0, 0]]]]),
        ),
        bad=(
            *_PICTURE_BAD,
            Bad(ValueError, "size of at least 1, got 0", size=0),
            Bad(TypeError, "size is not a whole number", size=2.0),
            Bad(TypeError, "size is not a whole number", size=(2, 2)),
            Bad(TypeError, "size is not a whole number", size=True),
            Bad(TypeError, "rng is not a generator", rng=0),
            Bad(TypeError, "rng is not a generator", rng=None),
        ),
    ),
    Case(
        "mixup",
        "function",
        given_inputs(
            x="N C H W",
            y=Labels("N", below="K"),
            alpha=st.sampled_from([0.1, 0.4, 1.0, 8.0]),
            num_classes=st.integers(5, 6),
            rng=seeds,
        ),
        Hand(  # default_rng(3) draws λ = 0.2656, 0.1785 and each other as partners
            {
                "x": f([0.0, 1.0]).reshape(2, 1, 1, 1),
                "y": np.array([0, 2]),
                "alpha": 1.0,
                "num_classes": 3,
                "rng": Seed(3),
            },
            gives=(
                f([0.73438797, 0.17852564]).reshape(2, 1, 1, 1),
                f([[0.26561203, 0.0, 0.73438797], [0.82147436, 0.0, 0.17852564]]),
            ),
        ),
        bad=(
            *_PICTURE_BAD,
            Bad(ValueError, "y of shape (2,), got (1,)", y=np.array([0])),
            Bad(ValueError, "y has the wrong shape", y=np.array([[0], [1]])),
            Bad(ValueError, "classes 0 to 2, got 0 to 3", y=np.array([0, 3])),
            Bad(ValueError, "classes 0 to 2, got -1 to 0", y=np.array([-1, 0])),
            Bad(TypeError, "y is not an array of integers", y=f([0.0, 1.0])),
            Bad(TypeError, "y is not an array of integers", y=[0, 1]),
            Bad(ValueError, "alpha in (0, inf), got 0.0", alpha=0.0),
            Bad(ValueError, "alpha is out of range", alpha=float("nan")),
            Bad(ValueError, "alpha is out of range", alpha=float("inf")),
            Bad(TypeError, "alpha is not a number", alpha="1"),
            Bad(ValueError, "num_classes of at least 1, got 0", num_classes=0),
            Bad(TypeError, "num_classes is not a whole number", num_classes=3.0),
            Bad(TypeError, "rng is not a generator", rng=0),
            Bad(TypeError, "rng is not a generator", rng=None),
        ),
    ),
]

CASES = [*COLOR, *WARPS, *MIXING]
