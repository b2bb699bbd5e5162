"""Cases of activations/maxout.py."""

import numpy as np

from tests.cases.case import Bad, Case, Hand, Values, f, given_inputs

_MAXOUT = Hand(  # the pieces are x, −x and 1
    {
        "x": f([[3.0], [-2.0], [0.5]]),
        "w": f([[[1.0]], [[-1.0]], [[0.0]]]),
        "b": f([[0.0], [0.0], [1.0]]),
    },
    gives=f([[3.0], [2.0], [1.0]]),
    dout=f([[1.0], [10.0], [100.0]]),
    grads={
        "x": f([[1.0], [-10.0], [0.0]]),
        "w": f([[[3.0]], [[-20.0]], [[50.0]]]),
        "b": f([[1.0], [10.0], [100.0]]),
    },
)


def _no_near_tie(values: Values) -> bool:
    """Whether no step of finite differences changes which piece wins."""
    z = np.sort(values["x"] @ values["w"] + values["b"][:, None], axis=0)
    return bool(np.all(z[-1] - z[-2] > 1e-3))


CASES = [
    Case(
        "maxout",
        "pair",
        given_inputs(
            x="N D",
            w="P D M",
            b="P M",
            sizes={"P": (2, 4), "M": (1, 3)},
            where=_no_near_tie,
        ),
        _MAXOUT,
        grads=("x", "w", "b"),
        bad=(
            Bad(ValueError, "x of shape (N, D), got (1,)", x=np.ones(1)),
            Bad(ValueError, "x has the wrong shape", x=np.ones((1, 1, 1))),
            Bad(ValueError, "w of shape (P, 2, M), got (3, 1, 1)", x=np.ones((1, 2))),
            Bad(ValueError, "w of shape (P, 1, M), got (3, 1)", w=np.ones((3, 1))),
            Bad(ValueError, "P of at least 2, got 1", w=np.ones((1, 1, 1)), b=np.ones((1, 1))),
            Bad(ValueError, "P is too small", w=np.ones((0, 1, 1)), b=np.ones((0, 1))),
            Bad(ValueError, "b of shape (3, 1), got (3,)", b=np.ones(3)),
            Bad(ValueError, "b of shape (3, 1), got (1, 1)", b=np.ones((1, 1))),
            Bad(ValueError, "b has the wrong shape", b=np.ones((3, 2))),
            Bad(ValueError, "dout of shape (3, 1), got (3,)", dout=np.ones(3)),
            Bad(ValueError, "dout has the wrong shape", dout=np.ones((1, 1))),
            Bad(TypeError, "dout is not an array of floats", dout=np.ones((3, 1), dtype=int)),
        ),
    ),
]

# Classes compose the functions above.
CLASSES = ("Maxout",)
