"""Cases of conv.py."""

import numpy as np
from hypothesis import strategies as st

from tests.cases.case import Bad, Case, Given, Hand, Values, f, given_inputs


def _fits(v: Values) -> bool:
    """Whether the kernel is no larger than the padded x."""
    sizes = zip(v["x"].shape[2:], v["w"].shape[2:], strict=True)
    return all(kernel <= size + 2 * v["pad"] for size, kernel in sizes)


def _geometry(groups: int, **sizes: tuple[int, int]) -> Given:
    """Every geometry of small pictures, with C channels and F filters in each of the groups."""
    return given_inputs(
        x="N G*C H W",
        w="G*F C KH KW",
        b="G*F",
        stride=st.integers(1, 3),
        pad=st.integers(0, 3),
        groups=groups,
        where=_fits,
        sizes={
            "G": (groups, groups),
            "N": (1, 3),
            "C": (1, 3),
            "F": (1, 3),
            "H": (1, 6),
            "W": (1, 6),
            "KH": (1, 3),
            "KW": (1, 3),
        }
        | sizes,
    )


# With stride 2 and a frame of zeros, each of the four windows sees one pixel, in its own corner.
_HAND = Hand(
    {
        "x": f([[[[1.0, 2.0], [3.0, 4.0]]]]),
        "w": f([[[[1.0, 2.0], [3.0, 4.0]]], [[[0.0, -1.0], [10.0, 0.0]]]]),
        "b": f([0.5, 0.0]),
        "stride": 2,
        "pad": 1,
        "groups": 1,
    },
    gives=f([[[[4.5, 6.5], [6.5, 4.5]], [[0.0, 20.0], [-3.0, 0.0]]]]),
    dout=f([[[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]]]),
    grads={
        "x": f([[[[4.0, 66.0], [-1.0, 4.0]]]]),
        "w": f([[[[16.0, 9.0], [4.0, 1.0]]], [[[32.0, 21.0], [12.0, 5.0]]]]),
        "b": f([10.0, 26.0]),
    },
)

_BAD = (
    Bad(ValueError, "x of shape (N, C, H, W), got (1, 2, 2)", x=np.ones((1, 2, 2))),
    Bad(ValueError, "x has pictures without pixels", x=np.ones((1, 1, 0, 2))),
    Bad(ValueError, "x has pictures without pixels", x=np.ones((1, 0, 2, 2))),
    Bad(ValueError, "groups does not divide C. Expected C divisible by 2, got 1", groups=2),
    Bad(ValueError, "w of shape (F, 3, KH, KW), got (2, 1, 2, 2)", x=np.ones((1, 3, 2, 2))),
    Bad(
        ValueError, "w of shape (F, 2, KH, KW), got (2, 1, 2, 2)", x=np.ones((1, 4, 2, 2)), groups=2
    ),
    Bad(ValueError, "w of shape (F, 1, KH, KW), got (2, 2, 2)", w=np.ones((2, 2, 2))),
    Bad(ValueError, "F divisible by 3, got 2", x=np.ones((1, 3, 2, 2)), groups=3),
    Bad(ValueError, "w is empty", w=np.ones((0, 1, 2, 2))),
    Bad(ValueError, "w is empty", w=np.ones((2, 1, 0, 2))),
    Bad(ValueError, "w is empty", w=np.ones((2, 1, 2, 0))),
    Bad(ValueError, "w is larger than the padded x", w=np.ones((2, 1, 5, 1))),
    Bad(ValueError, "(KH, KW) of at most (4, 4), got (1, 5)", w=np.ones((2, 1, 1, 5))),
    Bad(ValueError, "(KH, KW) of at most (2, 2), got (3, 1)", pad=0, w=np.ones((2, 1, 3, 1))),
    Bad(ValueError, "b of shape (2,), got (1,)", b=np.ones(1)),
    Bad(ValueError, "b of shape (2,), got (2, 1)", b=np.ones((2, 1))),
    Bad(ValueError, "stride of at least 1, got 0", stride=0),
    Bad(TypeError, "stride is not a whole number", stride=1.0),
    Bad(TypeError, "stride is not a whole number", stride=(1, 1)),
    Bad(ValueError, "pad of at least 0, got -1", pad=-1),
    Bad(TypeError, "pad is not a whole number", pad="same"),
    Bad(TypeError, "pad is not a whole number", pad=True),
    Bad(ValueError, "groups of at least 1, got 0", groups=0),
    Bad(TypeError, "groups is not a whole number", groups=None),
    Bad(ValueError, "dout of shape (1, 2, 2, 2), got (2, 2, 2)", dout=np.ones((2, 2, 2))),
    Bad(ValueError, "dout has the wrong shape", dout=np.ones((2, 2, 2, 2))),
    Bad(ValueError, "dout has the wrong shape", dout=np.ones((1, 1, 2, 2))),
    Bad(ValueError, "dout has the wrong shape", dout=np.ones((1, 2, 1, 2))),
    Bad(ValueError, "dout has the wrong shape", dout=np.ones((1, 2, 2, 1))),
    Bad(TypeError, "dout is not an array of floats", dout=np.ones((1, 2, 2, 2), int)),
)

_SMALL = {size: (1, 2) for size in ("N", "C", "F", "KH", "KW")} | {"H": (1, 4), "W": (1, 4)}

CASES = [
    Case(op, "pair", inputs, _HAND, grads=("x", "w", "b"), bad=() if label else _BAD, label=label)
    for op, label, inputs in [
        ("conv2d_naive", "", _geometry(1, **_SMALL)),
        ("conv2d_naive", "in_groups", _geometry(2, **_SMALL)),
        ("conv2d", "", _geometry(1)),
        ("conv2d", "in_groups", _geometry(2)),
        ("conv2d", "depthwise", _geometry(3, C=(1, 1))),
        ("conv2d", "1x1", _geometry(1, KH=(1, 1), KW=(1, 1))),
    ]
]

NO_TWIN = {"conv2d_forward_naive": "It is a twin itself: conv2d_forward is compared with it."}

# Classes compose the functions above.
CLASSES = ("Conv2d",)
