"""Cases of activations.py."""

import numpy as np

from tests.cases.case import Bad, Case, Hand, away_from_zero, f, given_inputs

CASES = [
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
        bad=(
            Bad(ValueError, "dout of shape (3,), got (2,)", dout=np.ones(2)),
            Bad(TypeError, "dout is not an array of floats", dout=np.ones(3, dtype=int)),
        ),
    ),
]

# Classes compose the functions above.
CLASSES = ("ReLU",)
