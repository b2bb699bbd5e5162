"""Cases of activations/sigmoids.py and activations/rectifiers.py."""

import numpy as np
from hypothesis import strategies as st

from tests.cases.case import Bad, Case, Hand, away_from_zero, f, given_inputs

UPSTREAM_BAD = (
    Bad(ValueError, "dout of shape (3,), got (2,)", dout=np.ones(2)),
    Bad(ValueError, "dout of shape (3,), got (1,)", dout=np.ones(1)),
    Bad(ValueError, "dout has the wrong shape", dout=np.ones((1, 3))),
    Bad(TypeError, "dout is not an array of floats", dout=np.ones(3, dtype=int)),
    Bad(TypeError, "dout is not an array of floats", dout=[1.0, 1.0, 1.0]),
)
_PRELU_BAD = (
    Bad(ValueError, "dout of shape (2, 2), got (2,)", dout=np.ones(2)),
    Bad(ValueError, "dout has the wrong shape", dout=np.ones((2, 1))),
    Bad(TypeError, "dout is not an array of floats", dout=np.ones((2, 2), dtype=int)),
    Bad(ValueError, "alpha of shape (2,), got (3,)", alpha=np.ones(3)),
    Bad(ValueError, "alpha has the wrong shape", alpha=np.ones((1, 2))),
    Bad(ValueError, "alpha has the wrong shape", alpha=np.array(0.25)),
    Bad(ValueError, "alpha of shape (1,), got (2,)", x=np.ones(2), alpha=np.ones(2)),
    Bad(ValueError, "alpha of shape (1,), got (2,)", x=np.array(1.0), alpha=np.ones(2)),
)

CASES = [
    Case(
        "sigmoid",
        "pair",
        given_inputs(x="N D"),
        Hand(  # σ(ln 3) = 1 / (1 + 1/3), and the slope there is 3/4 · 1/4
            {"x": f([-np.log(3), 0.0, np.log(3)])},
            gives=f([0.25, 0.5, 0.75]),
            dout=f([16.0, 4.0, 32.0]),
            grads={"x": f([3.0, 1.0, 6.0])},
        ),
        grads=("x",),
        bad=UPSTREAM_BAD,
    ),
    Case(
        "tanh",
        "pair",
        given_inputs(x="N D"),
        Hand(  # tanh(ln 3) = (3 − 1/3) / (3 + 1/3), and the slope there is 1 − 0.64
            {"x": f([-np.log(3), 0.0, np.log(3)])},
            gives=f([-0.8, 0.0, 0.8]),
            dout=f([100.0, 4.0, 50.0]),
            grads={"x": f([36.0, 4.0, 18.0])},
        ),
        grads=("x",),
        bad=UPSTREAM_BAD,
    ),
    Case(
        "relu",
        "pair",
        given_inputs(x=away_from_zero("N D")),
        Hand(
            {"x": f([-1.0, 0.0, 2.0])},
            gives=f([0.0, 0.0, 2.0]),
            dout=f([5.0, 6.0, 7.0]),
            grads={"x": f([0.0, 0.0, 7.0])},
        ),
        grads=("x",),
        bad=UPSTREAM_BAD,
    ),
    Case(
        "leaky_relu",
        "pair",
        given_inputs(x=away_from_zero("N D"), negative_slope=st.floats(-1, 2)),
        Hand(
            {"x": f([-1.0, 0.0, 2.0]), "negative_slope": 0.5},
            gives=f([-0.5, 0.0, 2.0]),
            dout=f([5.0, 6.0, 7.0]),
            grads={"x": f([2.5, 3.0, 7.0])},
        ),
        grads=("x",),
        bad=(
            *UPSTREAM_BAD,
            Bad(ValueError, "negative_slope in (-inf, inf), got inf", negative_slope=np.inf),
            Bad(ValueError, "negative_slope is out of range", negative_slope=-np.inf),
            Bad(ValueError, "negative_slope is out of range", negative_slope=np.nan),
            Bad(TypeError, "negative_slope is not a number", negative_slope="0.1"),
            Bad(TypeError, "negative_slope is not a number", negative_slope=True),
            Bad(TypeError, "negative_slope is not a number", negative_slope=np.ones(3)),
        ),
    ),
    Case(
        "prelu",
        "pair",
        given_inputs(x=away_from_zero("N C"), alpha="C"),
        Hand(
            {"x": f([[-1.0, -2.0], [3.0, -4.0]]), "alpha": f([0.5, 0.25])},
            gives=f([[-0.5, -0.5], [3.0, -1.0]]),
            dout=f([[1.0, 2.0], [3.0, 4.0]]),
            grads={"x": f([[0.5, 0.5], [3.0, 1.0]]), "alpha": f([-1.0, -20.0])},
        ),
        grads=("x", "alpha"),
        bad=_PRELU_BAD,
    ),
    Case(
        "prelu",
        "pair",
        given_inputs(x=away_from_zero("N C H W"), alpha="C", sizes={"H": (1, 3), "W": (1, 3)}),
        Hand(
            {"x": f([[[[-1.0, -2.0]], [[3.0, 0.0]]]]), "alpha": f([0.5, 0.25])},
            gives=f([[[[-0.5, -1.0]], [[3.0, 0.0]]]]),
            dout=f([[[[1.0, 2.0]], [[3.0, 4.0]]]]),
            grads={"x": f([[[[0.5, 1.0]], [[3.0, 1.0]]]]), "alpha": f([-5.0, 0.0])},
        ),
        grads=("x", "alpha"),
        bad=(Bad(ValueError, "alpha of shape (2,), got (3,)", alpha=np.ones(3)),),
        label="one_slope_a_channel",
    ),
    Case(
        "prelu",
        "pair",
        given_inputs(x=away_from_zero("N C H"), alpha="O", sizes={"O": (1, 1)}),
        Hand(
            {"x": f([[-1.0, -2.0], [3.0, -4.0]]), "alpha": f([0.5])},
            gives=f([[-0.5, -1.0], [3.0, -2.0]]),
            dout=f([[1.0, 2.0], [3.0, 4.0]]),
            grads={"x": f([[0.5, 1.0], [3.0, 2.0]]), "alpha": f([-21.0])},
        ),
        grads=("x", "alpha"),
        label="one_slope_for_all",
    ),
    Case(
        "prelu",
        "pair",
        given_inputs(x=away_from_zero("N"), alpha="O", sizes={"O": (1, 1)}),
        Hand(
            {"x": f([-1.0, 3.0]), "alpha": f([0.5])},
            gives=f([-0.5, 3.0]),
            dout=f([2.0, 4.0]),
            grads={"x": f([1.0, 4.0]), "alpha": f([-2.0])},
        ),
        grads=("x", "alpha"),
        label="of_one_axis",
    ),
    Case(
        "elu",
        "pair",
        given_inputs(x=away_from_zero("N D"), alpha=st.one_of(st.just(0.0), st.floats(0.1, 2))),
        Hand(  # below 0 out is 4·(1/2 − 1), and the slope out + 4
            {"x": f([-np.log(2), 0.0, 3.0]), "alpha": 4.0},
            gives=f([-2.0, 0.0, 3.0]),
            dout=f([5.0, 6.0, 7.0]),
            grads={"x": f([10.0, 24.0, 7.0])},
        ),
        grads=("x",),
        bad=(
            *UPSTREAM_BAD,
            Bad(ValueError, "alpha in [0, inf), got -0.1", alpha=-0.1),
            Bad(ValueError, "alpha is out of range", alpha=np.inf),
            Bad(ValueError, "alpha is out of range", alpha=np.nan),
            Bad(TypeError, "alpha is not a number", alpha=None),
            Bad(TypeError, "alpha is not a number", alpha=True),
        ),
    ),
    Case(
        "elu",
        "pair",
        given_inputs(x="N D"),  # alpha is 1: smooth at 0
        Hand(
            {"x": f([-np.log(2), 0.0, 3.0])},
            gives=f([-0.5, 0.0, 3.0]),
            dout=f([4.0, 6.0, 7.0]),
            grads={"x": f([2.0, 6.0, 7.0])},
        ),
        grads=("x",),
        label="by_default",
    ),
]

# Classes compose the functions above.
CLASSES = ("Sigmoid", "Tanh", "ReLU", "LeakyReLU", "PReLU", "ELU")
