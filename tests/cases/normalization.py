"""Cases of normalization/batchnorm.py, layernorm.py and groupnorm.py."""

import numpy as np
from hypothesis import strategies as st

from tests.cases.case import Array, Bad, Case, Hand, f, given_inputs


def _apart(axes: str) -> Array:
    """Values in random order that are at least 0.15 apart: no variance is next to 0."""

    def fill(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        order = rng.permutation(int(np.prod(shape))).reshape(shape)
        return (order - order.size / 2) / 4 + rng.uniform(-0.05, 0.05, shape)

    return Array(axes, fill)


def _scale(axes: str) -> Array:
    """Normal values, some of them 0."""
    return Array(axes, lambda rng, shape: rng.standard_normal(shape) * (rng.random(shape) > 0.2))


def _variance(axes: str) -> Array:
    """Positive values."""
    return Array(axes, lambda rng, shape: rng.uniform(0.1, 2, shape))


_eps = st.sampled_from([1e-5, 1e-3, 0.5])
_SMALL = {"N": (1, 3), "C": (1, 4), "H": (1, 3), "W": (1, 3)}
_EPS_BAD = (
    Bad(ValueError, "eps in (0, inf), got 0.0", eps=0.0),
    Bad(ValueError, "eps is out of range", eps=-1e-5),
    Bad(ValueError, "eps is out of range", eps=float("inf")),
    Bad(TypeError, "eps is not a number", eps="small"),
)


# --- batch norm ---------------------------------------------------------------------------------


def _batch(axes: str, c: str, training: bool) -> dict:
    """The inputs of batch norm."""
    return {
        "x": _apart(axes),
        "gamma": _scale(c),
        "beta": c,
        "running_mean": c,
        "running_var": _variance(c),
        "training": training,
        "momentum": st.sampled_from([0.0, 0.1, 1.0]),
        "eps": _eps,
    }


def _none_or_three(values: dict) -> bool:
    """Each channel has no value, or enough for a gradient that rounding does not drown."""
    m = values["x"].size // len(values["gamma"])
    return m == 0 or m >= 3


# Channel 0: mean 3, var 4, x̂ = ±2/3. Channel 1 is constant: x̂ = 0, 1 / √(var + ε) = 1 / √5.
_BATCH = Hand(
    {
        "x": f([[1.0, 7.0], [5.0, 7.0]]),
        "gamma": f([3.0, 2.0]),
        "beta": f([1.0, -1.0]),
        "running_mean": f([0.0, 0.0]),
        "running_var": f([1.0, 1.0]),
        "training": True,
        "momentum": 0.5,
        "eps": 5.0,
    },
    gives=(f([[-1.0, -1.0], [3.0, -1.0]]), f([1.5, 3.5]), f([4.5, 0.5])),
    dout=f([[1.0, 1.0], [4.0, 2.0]]),
    grads={
        "x": f([[-5 / 6, -1 / np.sqrt(5)], [5 / 6, 1 / np.sqrt(5)]]),
        "gamma": f([2.0, 0.0]),
        "beta": f([5.0, 3.0]),
    },
)
_BATCH_OF_PICTURES = Hand(
    {
        "x": f([[[[1.0, 5.0], [1.0, 5.0]]]]),
        "gamma": f([3.0]),
        "beta": f([1.0]),
        "running_mean": f([0.0]),
        "running_var": f([1.0]),
        "training": True,
        "momentum": 0.25,
        "eps": 5.0,
    },
    gives=(f([[[[-1.0, 3.0], [-1.0, 3.0]]]]), f([0.75]), f([0.75 + 0.25 * 16 / 3])),
    dout=f([[[[1.0, 0.0], [0.0, 0.0]]]]),  # dβ / m = 1/4, x̂ dγ / m = ±1/9
    grads={
        "x": f([[[[23 / 36, -5 / 36], [-13 / 36, -5 / 36]]]]),
        "gamma": f([-2 / 3]),
        "beta": f([1.0]),
    },
)
_BATCH_EVALUATED = Hand(
    {
        "x": f([[1.0, 5.0]]),
        "gamma": f([3.0, 2.0]),
        "beta": f([1.0, 0.0]),
        "running_mean": f([3.0, 3.0]),
        "running_var": f([4.0, 11.0]),
        "training": False,
        "momentum": 0.5,
        "eps": 5.0,
    },
    gives=(f([[-1.0, 1.0]]), f([3.0, 3.0]), f([4.0, 11.0])),
    dout=f([[1.0, 10.0]]),
    grads={"x": f([[1.0, 5.0]]), "gamma": f([-2 / 3, 5.0]), "beta": f([1.0, 10.0])},
)
_BATCH_BAD = (
    Bad(ValueError, "x of shape (N, D) or (N, C, H, W), got (2,)", x=np.ones(2)),
    Bad(ValueError, "x has the wrong rank", x=np.ones((2, 2, 3))),
    Bad(ValueError, "x has the wrong rank", x=np.ones((2, 2, 3, 3, 3))),
    Bad(ValueError, "gamma of shape (3,), got (2,)", x=np.ones((2, 3))),
    Bad(ValueError, "gamma of shape (3,), got (2,)", x=np.ones((2, 3, 2, 2))),
    Bad(ValueError, "gamma is empty", x=np.ones((2, 0)), gamma=np.ones(0)),
    Bad(ValueError, "gamma of shape (2,), got (1,)", gamma=np.ones(1)),
    Bad(ValueError, "gamma of shape (2,), got (1, 2)", gamma=np.ones((1, 2))),
    Bad(ValueError, "beta of shape (2,), got (1,)", beta=np.ones(1)),
    Bad(ValueError, "running_mean of shape (2,), got (1,)", running_mean=np.ones(1)),
    Bad(ValueError, "running_var of shape (2,), got (3,)", running_var=np.ones(3)),
    Bad(ValueError, "got -1.0 to 1.0", running_var=f([1.0, -1.0])),
    Bad(ValueError, "variances in [0, inf), got 1.0 to inf", running_var=f([1.0, np.inf])),
    Bad(ValueError, "momentum in [0, 1], got 1.5", momentum=1.5),
    Bad(ValueError, "momentum in [0, 1], got -0.1", momentum=-0.1),
    Bad(TypeError, "momentum is not a number", momentum=None),
    Bad(TypeError, "training is not a bool. Expected True or False, got 'train'", training="train"),
    Bad(TypeError, "training is not a bool", training=1),
    *_EPS_BAD,
    Bad(ValueError, "dout of shape (2, 2), got (2,)", dout=np.ones(2)),
    Bad(ValueError, "dout has the wrong shape", dout=np.ones((1, 2))),
    Bad(TypeError, "dout is not an array of floats", dout=[[1.0, 1.0], [1.0, 1.0]]),
)
_BATCH_TRAINED_BAD = (
    *_BATCH_BAD,
    Bad(ValueError, "a channel has too few values", x=np.ones((1, 2))),
    Bad(ValueError, "two or more, got 1", x=np.ones((1, 2, 1, 1))),
    Bad(ValueError, "two or more, got 0", x=np.ones((0, 2))),
    Bad(ValueError, "two or more, got 0", x=np.ones((3, 2, 0, 4))),
    Bad(ValueError, "overflows float64", twin=False, x=f([[1e200, 0.0], [0.0, 0.0]])),
    Bad(
        ValueError,
        "below 9e+153, whose squares can be summed",
        twin=False,
        x=f([[1e200, 0.0], [0.0, 0.0]]),
    ),
    Bad(ValueError, "got 1e+200", twin=False, x=f([[0.0, -1e200], [0.0, 0.0]])),
)

# --- layer, group and instance norm -------------------------------------------------------------

# mean 3, var 4, x̂ = ±2/3; g = γ dout = (3, 0), mean(g) = 3/2, mean(g x̂) = −1
_LAYER = Hand(
    {"x": f([[1.0, 5.0]]), "gamma": f([3.0, 6.0]), "beta": f([1.0, 0.0]), "eps": 5.0},
    gives=f([[-1.0, 4.0]]),
    dout=f([[1.0, 0.0]]),
    grads={
        "x": f([[5 / 18, -5 / 18]]),
        "gamma": f([-2 / 3, 0.0]),
        "beta": f([1.0, 0.0]),
    },
)
_LAYER_BAD = (
    Bad(ValueError, "x or gamma has the wrong rank", x=np.ones(2)),
    Bad(ValueError, "got (1, 2) and (1, 2)", gamma=np.ones((1, 2)), beta=np.ones((1, 2))),
    Bad(ValueError, "got (1, 2) and ()", gamma=f(1.0), beta=f(1.0)),
    Bad(ValueError, "gamma of shape (2,), got (1,)", gamma=np.ones(1)),
    Bad(ValueError, "gamma of shape (3,), got (2,)", x=np.ones((1, 3))),
    Bad(
        ValueError, "gamma of shape (2, 3), got (3, 2)", x=np.ones((1, 2, 3)), gamma=np.ones((3, 2))
    ),
    Bad(ValueError, "beta of shape (2,), got (1,)", beta=np.ones(1)),
    Bad(ValueError, "beta of shape (2,), got (1, 2)", beta=np.ones((1, 2))),
    Bad(
        ValueError,
        "a sample has too few values to normalize. Expected two or more, got 1",
        x=np.ones((3, 1)),
        gamma=np.ones(1),
        beta=np.ones(1),
    ),
    Bad(ValueError, "two or more, got 0", x=np.ones((3, 0)), gamma=np.ones(0), beta=np.ones(0)),
    Bad(ValueError, "overflows float64", twin=False, x=f([[1e200, 0.0]])),
    *_EPS_BAD,
    Bad(ValueError, "dout of shape (1, 2), got (2,)", dout=np.ones(2)),
    Bad(TypeError, "dout is not an array of floats", dout=np.ones((1, 2), dtype=int)),
)

_PICTURE = f([1.0, 5.0, 7.0, 7.0]).reshape(1, 4, 1, 1)
_GROUP = Hand(
    {
        "x": _PICTURE,
        "gamma": f([3.0, 6.0, 2.0, 1.0]),
        "beta": f([1.0, 0.0, -1.0, 0.0]),
        "groups": 2,
        "eps": 5.0,
    },
    gives=f([-1.0, 4.0, -1.0, 0.0]).reshape(1, 4, 1, 1),
    dout=f([1.0, 0.0, 1.0, 0.0]).reshape(1, 4, 1, 1),
    grads={  # in the second group x̂ = 0, g = (2, 0), mean(g) = 1
        "x": f([5 / 18, -5 / 18, 1 / np.sqrt(5), -1 / np.sqrt(5)]).reshape(1, 4, 1, 1),
        "gamma": f([-2 / 3, 0.0, 0.0, 0.0]),
        "beta": f([1.0, 0.0, 1.0, 0.0]),
    },
)
_INSTANCE = Hand(
    {
        "x": f([1.0, 5.0, 7.0, 7.0]).reshape(1, 2, 1, 2),
        "gamma": f([3.0, 2.0]),
        "beta": f([1.0, -1.0]),
        "eps": 5.0,
    },
    gives=f([-1.0, 3.0, -1.0, -1.0]).reshape(1, 2, 1, 2),
    dout=f([1.0, 0.0, 1.0, 0.0]).reshape(1, 2, 1, 2),
    grads={
        "x": f([5 / 18, -5 / 18, 1 / np.sqrt(5), -1 / np.sqrt(5)]).reshape(1, 2, 1, 2),
        "gamma": f([-2 / 3, 0.0]),
        "beta": f([1.0, 1.0]),
    },
)


def _pictures_bad(c: int) -> tuple[Bad, ...]:
    """What group and instance norm refuse; c channels in the value worked by hand."""
    return (
        Bad(ValueError, "x of shape (N, C, H, W), got (2, 4)", x=np.ones((2, 4))),
        Bad(ValueError, "x has the wrong shape", x=np.ones((2, c, 3))),
        Bad(ValueError, "x has pictures without pixels", x=np.ones((2, c, 0, 3))),
        Bad(ValueError, f"gamma of shape ({c + 1},), got ({c},)", x=np.ones((2, c + 1, 2, 2))),
        Bad(ValueError, f"gamma of shape ({c},), got (1,)", gamma=np.ones(1)),
        Bad(ValueError, "gamma has the wrong shape", gamma=np.ones((1, c, 1, 1))),
        Bad(ValueError, f"beta of shape ({c},), got (1,)", beta=np.ones(1)),
        Bad(
            ValueError, "overflows float64", twin=False, x=np.full((1, c, 2, 2), 1e200) * f([1, -1])
        ),
        *_EPS_BAD,
        Bad(ValueError, "dout has the wrong shape", dout=np.ones((1, c))),
        Bad(ValueError, "dout has the wrong shape", dout=np.ones((2, c, 1, 1))),
        Bad(TypeError, "dout is not an array of floats", dout=[1.0]),
    )


def _enough_for_groups(values: dict) -> bool:
    """The groups divide the channels and have three values or more."""
    _, c, h, w = values["x"].shape
    return c % values["groups"] == 0 and c // values["groups"] * h * w >= 3


_LEARNED = ("x", "gamma", "beta")
CASES = [
    Case(
        "batchnorm",
        "pair",
        given_inputs(**_batch("B D", "D", True), sizes={"B": (3, 6)}),
        _BATCH,
        grads=_LEARNED,
        bad=_BATCH_TRAINED_BAD,
    ),
    Case(
        "batchnorm",
        "pair",
        given_inputs(**_batch("N C H W", "C", True), sizes=_SMALL, where=_none_or_three),
        _BATCH_OF_PICTURES,
        grads=_LEARNED,
        empty="a channel has too few values to normalize. Expected two or more, got 0",
        label="of_pictures",
    ),
    Case(
        "batchnorm",
        "pair",
        given_inputs(**_batch("N D", "D", False)),
        _BATCH_EVALUATED,
        grads=_LEARNED,
        bad=tuple(
            Bad(error, words, twin=False, dout=dout)
            for error, words, dout in [
                (ValueError, "dout of shape (1, 2), got (2, 2)", np.ones((2, 2))),
                (TypeError, "dout is not an array of floats", None),
            ]
        ),
        label="in_evaluation",
    ),
    Case(
        "batchnorm",
        "pair",
        given_inputs(**_batch("N C H W", "C", False), sizes=_SMALL),
        _BATCH_EVALUATED,
        grads=_LEARNED,
        label="of_pictures_in_evaluation",
    ),
    Case(
        "layernorm",
        "pair",
        given_inputs(x=_apart("N D"), gamma=_scale("D"), beta="D", eps=_eps, sizes={"D": (3, 6)}),
        _LAYER,
        grads=_LEARNED,
        bad=_LAYER_BAD,
    ),
    Case(
        "layernorm",
        "pair",
        given_inputs(
            x=_apart("N C H W"),
            gamma=_scale("C H W"),
            beta="C H W",
            eps=_eps,
            sizes=_SMALL,
            where=lambda values: values["gamma"].size >= 3,
        ),
        _LAYER,
        grads=_LEARNED,
        label="of_pictures",
    ),
    Case(
        "layernorm",
        "pair",
        given_inputs(x=_apart("N T D"), gamma=_scale("D"), beta="D", eps=_eps, sizes={"D": (3, 6)}),
        _LAYER,
        grads=_LEARNED,
        label="of_positions",
    ),
    Case(
        "groupnorm",
        "pair",
        given_inputs(
            x=_apart("N C H W"),
            gamma=_scale("C"),
            beta="C",
            groups=st.integers(1, 3),
            eps=_eps,
            sizes={**_SMALL, "C": (1, 6)},
            where=_enough_for_groups,
        ),
        _GROUP,
        grads=_LEARNED,
        bad=(
            *_pictures_bad(4),
            Bad(ValueError, "groups does not divide the channels", groups=3),
            Bad(ValueError, "a divisor of 4, got 8", groups=8),
            Bad(ValueError, "groups of at least 1, got 0", groups=0),
            Bad(TypeError, "groups is not a whole number", groups=2.0),
            Bad(ValueError, "a group has too few values", groups=4),
        ),
    ),
    Case(
        "instancenorm",
        "pair",
        given_inputs(
            x=_apart("N C H W"),
            gamma=_scale("C"),
            beta="C",
            eps=_eps,
            sizes={**_SMALL, "H": (1, 4), "W": (1, 4)},
            where=lambda values: values["x"].shape[2] * values["x"].shape[3] >= 3,
        ),
        _INSTANCE,
        grads=_LEARNED,
        bad=(
            *_pictures_bad(2),
            Bad(ValueError, "a channel has too few values", x=np.ones((3, 2, 1, 1))),
        ),
    ),
]

# Classes compose the functions above.
CLASSES = ("BatchNorm1d", "BatchNorm2d", "LayerNorm", "GroupNorm", "InstanceNorm2d")
