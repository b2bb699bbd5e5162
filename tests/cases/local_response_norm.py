"""Cases of normalization/local_response_norm.py."""

import numpy as np
from hypothesis import strategies as st

from tests.cases.case import Bad, Case, Hand, f, given_inputs


def _inputs(across: str):
    """The inputs of local response norm; k > 0, so that no neighbourhood is refused."""
    return given_inputs(
        x="N C H W",
        n=st.sampled_from([1, 3, 5, 7]),
        k=st.sampled_from([0.5, 1, 2.0]),
        alpha=st.sampled_from([0.0, 1e-4, 0.5]),
        beta=st.sampled_from([0.0, 0.5, 0.75, 1]),
        across=st.just(across),
    )


# The middle one: 1 / (0 + 4 + 1 + 4); d/db of b / (a² + b² + c²) is 1/9 − 2/81.
_CHANNELS = Hand(
    {
        "x": f([2.0, 1.0, 2.0]).reshape(1, 3, 1, 1),
        "n": 3,
        "k": 0,
        "alpha": 1,
        "beta": 1,
        "across": "channels",
    },
    gives=f([2 / 5, 1 / 9, 2 / 5]).reshape(1, 3, 1, 1),
    dout=f([0.0, 1.0, 0.0]).reshape(1, 3, 1, 1),
    grads={"x": f([-4 / 81, 7 / 81, -4 / 81]).reshape(1, 3, 1, 1)},
)
# The windows hold 5, 25 and 21 in the left, middle and right column; k = 1 is added.
_SPACE = Hand(
    {
        "x": f([[[[2.0, 1.0, 2.0], [0.0, 0.0, 4.0]]]]),
        "n": 3,
        "k": 1.0,
        "alpha": 1.0,
        "beta": 1.0,
        "across": "space",
    },
    gives=f([[[[2 / 6, 1 / 26, 2 / 22], [0.0, 0.0, 4 / 22]]]]),
    dout=f([[[[0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]]]),
    grads={"x": f([[[[-4 / 676, 24 / 676, -4 / 676], [0.0, 0.0, -8 / 676]]]])},
)

CASES = [
    Case(
        "local_response_norm",
        "pair",
        _inputs("channels"),
        _CHANNELS,
        grads=("x",),
        bad=(
            Bad(ValueError, "x of shape (N, C, H, W), got (3,)", x=np.ones(3)),
            Bad(ValueError, "x has the wrong shape", x=np.ones((3, 1, 1))),
            Bad(ValueError, "x has pictures without pixels", x=np.ones((2, 3, 0, 1))),
            Bad(ValueError, "n is even, so no value is in the middle. Expected an odd n", n=2),
            Bad(ValueError, "n of at least 1, got -1", n=-1),
            Bad(TypeError, "n is not a whole number", n=3.0),
            Bad(ValueError, "k in [0, inf), got -1.0", k=-1),
            Bad(ValueError, "alpha in [0, inf), got -1.0", alpha=-1),
            Bad(ValueError, "beta in [0, inf), got -1.0", beta=-1),
            Bad(ValueError, "beta is out of range", beta=float("nan")),
            Bad(TypeError, "k is not a number", k="2"),
            Bad(TypeError, "alpha is not a number", alpha=None),
            Bad(TypeError, "beta is not a number", beta=[0.75]),
            Bad(ValueError, "across is unknown", across="time"),
            Bad(TypeError, "across is not a word", across=1),
            Bad(ValueError, "more than 0, got 0. Try k = 1.", twin=False, x=np.zeros((1, 3, 1, 1))),
            Bad(ValueError, "k + alpha Σ x² is 0 somewhere", twin=False, alpha=0),
            Bad(ValueError, "overflows float64", twin=False, x=np.full((1, 3, 1, 1), -1e200)),
            Bad(ValueError, "a number, got inf", twin=False, x=np.full((1, 1, 1, 1), np.inf)),
            Bad(ValueError, "dout has the wrong shape", dout=np.ones((1, 3))),
            Bad(ValueError, "dout of shape (1, 3, 1, 1)", dout=np.ones((1, 3, 1, 2))),
            Bad(TypeError, "dout is not an array of floats", dout=[1.0]),
        ),
    ),
    Case(
        "local_response_norm",
        "pair",
        _inputs("space"),
        _SPACE,
        grads=("x",),
        label="across_space",
    ),
]

# Classes compose the functions above.
CLASSES = ("LocalResponseNorm",)
