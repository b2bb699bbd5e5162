"""Cases of pool.py."""

from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from tests.cases.case import Array, Bad, Case, Given, Hand, Values, f, given_inputs

_SIZES = {"N": (1, 3), "C": (1, 3), "H": (1, 7), "W": (1, 7)}


def _fits(v: Values) -> bool:
    """Whether PyTorch accepts these windows."""
    return v["pad"] <= v["size"] / 2 and v["size"] <= min(v["x"].shape[2:]) + 2 * v["pad"]


def _far_apart(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Whole numbers in any order: no step of finite differences changes which is the largest."""
    return rng.permutation(np.prod(shape)).reshape(shape) - 20.0


def _geometry(x: Array | str) -> Given:
    """Windows that touch, overlap and leave gaps, with and without a frame."""
    return given_inputs(
        x=x,
        size=st.integers(1, 4),
        stride=st.one_of(st.none(), st.integers(1, 5)),
        pad=st.integers(0, 2),
        where=_fits,
        sizes=_SIZES,
    )


# Windows of 2×2 from a frame of 1: they overlap the frame, and 1 of 4 values is real.
_X = f([[[[1.0, -2.0, 3.0], [4.0, 5.0, -6.0], [-7.0, 8.0, 9.0]]]])
_IN = {"x": _X, "size": 2, "stride": 2, "pad": 1}
_DOUT = f([[[[4.0, 8.0], [12.0, 16.0]]]])

_BAD_X = (
    Bad(ValueError, "x of shape (N, C, H, W), got (1, 3, 3)", x=_X[0]),
    Bad(ValueError, "x has pictures without pixels", x=np.ones((1, 1, 0, 3))),
    Bad(ValueError, "x has pictures without pixels", x=np.ones((1, 0, 3, 3))),
)
_BAD = (
    *_BAD_X,
    Bad(ValueError, "size of at least 1, got 0", size=0),
    Bad(TypeError, "size is not a whole number", size=2.0),
    Bad(TypeError, "size is not a whole number", size=(2, 2)),
    Bad(ValueError, "stride of at least 1, got 0", stride=0),
    Bad(TypeError, "stride is not a whole number", stride="2"),
    Bad(ValueError, "pad of at least 0, got -1", pad=-1),
    Bad(TypeError, "pad is not a whole number", pad=True),
    Bad(ValueError, "pad is more than half a window. Expected pad of at most 1, got 2", pad=2),
    Bad(ValueError, "pad is more than half a window. Expected pad of at most 0", size=1),
    Bad(ValueError, "pad of at most 1, got 2", size=3, pad=2),
    Bad(
        ValueError,
        "the window is larger than the padded x. Expected size of at most 5, got 6",
        size=6,
    ),
    Bad(ValueError, "size of at most 3, got 4", x=np.ones((1, 1, 9, 1)), size=4),
    Bad(ValueError, "size of at most 3, got 4", x=np.ones((1, 1, 1, 9)), size=4),
    Bad(ValueError, "dout of shape (1, 1, 2, 2), got (1, 2, 2)", dout=_DOUT[0]),
    Bad(ValueError, "dout has the wrong shape", dout=np.ones((1, 1, 3, 3))),
    Bad(ValueError, "dout has the wrong shape", dout=np.ones((2, 1, 2, 2))),
    Bad(TypeError, "dout is not an array of floats", dout=np.ones((1, 1, 2, 2), int)),
)

_MAX_POOL = Case(
    "max_pool",
    "pair",
    _geometry(Array("N C H W", _far_apart)),
    Hand(
        _IN,
        gives=f([[[[1.0, 3.0], [4.0, 9.0]]]]),
        dout=_DOUT,
        grads={"x": f([[[[4.0, 0.0, 8.0], [12.0, 0.0, 0.0], [0.0, 0.0, 16.0]]]])},
    ),
    grads=("x",),
    bad=_BAD,
)

CASES = [
    _MAX_POOL,
    replace(_MAX_POOL, op="max_pool_naive"),
    Case(
        "avg_pool",
        "pair",
        _geometry("N C H W"),
        Hand(
            _IN,
            gives=f([[[[0.25, 0.25], [-0.75, 4.0]]]]),
            dout=_DOUT,
            grads={"x": f([[[[1.0, 2.0, 2.0], [3.0, 4.0, 4.0], [3.0, 4.0, 4.0]]]])},
        ),
        grads=("x",),
        bad=_BAD,
    ),
    Case(
        "global_avg_pool",
        "pair",
        given_inputs(x="N C H W"),
        Hand(
            {"x": f([[[[1.0, 2.0, 6.0]], [[0.0, -3.0, 0.0]]]])},
            gives=f([[3.0, -1.0]]),
            dout=f([[3.0, 6.0]]),
            grads={"x": f([[[[1.0, 1.0, 1.0]], [[2.0, 2.0, 2.0]]]])},
        ),
        grads=("x",),
        bad=(
            *_BAD_X,
            Bad(ValueError, "dout of shape (1, 2), got (1, 2, 1, 1)", dout=np.ones((1, 2, 1, 1))),
            Bad(ValueError, "dout has the wrong shape", dout=np.ones((2, 2))),
            Bad(ValueError, "dout has the wrong shape", dout=np.ones((1, 1))),
            Bad(TypeError, "dout is not an array of floats", dout=np.ones((1, 2), int)),
        ),
    ),
]

CLASSES = ("MaxPool2d", "AvgPool2d", "GlobalAvgPool2d")

NO_TWIN = {"max_pool_forward_naive": "It is a twin itself: max_pool_forward is compared with it."}
