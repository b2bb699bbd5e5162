"""Cases of linear.py."""

import numpy as np

from tests.cases.case import Bad, Case, Hand, f, given_inputs

_AFFINE = Hand(
    {"x": f([[1.0, 2.0]]), "w": f([[1.0, 0.0, 2.0], [3.0, -1.0, 0.0]]), "b": f([0.5, 0.0, 1.0])},
    gives=f([[7.5, -2.0, 3.0]]),
    dout=f([[1.0, 10.0, 100.0]]),
    grads={
        "x": f([[201.0, -7.0]]),
        "w": f([[1.0, 10.0, 100.0], [2.0, 20.0, 200.0]]),
        "b": f([1.0, 10.0, 100.0]),
    },
)

CASES = [
    Case(
        "affine",
        "pair",
        given_inputs(x="N D", w="D M", b="M"),
        _AFFINE,
        grads=("x", "w", "b"),
        bad=(
            Bad(ValueError, "w of shape (2, M), got (3, 2)", w=np.ones((3, 2))),
            Bad(ValueError, "w has the wrong shape", w=np.ones(2)),
            Bad(ValueError, "b of shape (3,), got (1,)", b=np.ones(1)),
            Bad(ValueError, "b has the wrong shape", b=np.ones((1, 3))),
            Bad(ValueError, "x has no batch axis", x=np.ones(2)),
            Bad(ValueError, "dout of shape (1, 3), got (3,)", dout=np.ones(3)),
            Bad(ValueError, "dout has the wrong shape", dout=np.ones((2, 3))),
            Bad(TypeError, "dout is not an array of floats", dout=[[1.0, 1.0, 1.0]]),
        ),
    ),
    Case(
        "affine",
        "pair",
        given_inputs(x="N C H W", w="C*H*W M", b="M", sizes={"H": (1, 3), "W": (1, 3)}),
        Hand(
            {"x": f([[[[1.0, 2.0]]]]), "w": f([[1.0], [3.0]]), "b": f([0.5])},
            gives=f([[7.5]]),
            dout=f([[2.0]]),
            grads={"x": f([[[[2.0, 6.0]]]]), "w": f([[2.0], [4.0]]), "b": f([2.0])},
        ),
        grads=("x", "w", "b"),
        label="of_pictures",
    ),
]

# Classes compose the functions above.
CLASSES = ("Linear",)
