"""Cases of losses.py."""

import numpy as np
from hypothesis import strategies as st

from tests.cases.case import Bad, Case, Hand, Labels, f, given_inputs

CASES = [
    Case(
        "softmax_cross_entropy",
        "loss",
        given_inputs(scores="N K", y=Labels("N", "K"), label_smoothing=st.floats(0, 1)),
        Hand(  # softmax is (1/4, 3/4), the target (0.9, 0.1)
            {"scores": np.log(f([[1.0, 3.0]])), "y": f([0]), "label_smoothing": 0.2},
            gives=0.9 * np.log(4) + 0.1 * np.log(4 / 3),
            grads={"scores": f([[-0.65, 0.65]])},
        ),
        grads=("scores",),
        bad=(
            Bad(TypeError, "y is not an array of integers", y=f([0.0])),
            Bad(TypeError, "y is not an array of integers", y=f([True])),
            Bad(TypeError, "y is not an array of integers", y=[0]),
            Bad(TypeError, "y is not an array of integers", y=0),
            Bad(ValueError, "classes 0 to 1, got 2 to 2", y=f([2])),
            Bad(ValueError, "classes 0 to 1, got -1 to -1", y=f([-1])),
            Bad(ValueError, "y of shape (1,), got (2,)", y=f([0, 1])),
            Bad(ValueError, "y has the wrong shape", y=f([[0]])),
            Bad(ValueError, "scores of shape (N, K), got (2,)", scores=np.ones(2)),
            Bad(ValueError, "scores is empty", scores=np.ones((1, 0))),
            Bad(ValueError, "label_smoothing in [0, 1], got 1.1", label_smoothing=1.1),
        ),
        empty="scores is empty",
    ),
]
