"""Cases of activations/gated.py."""

import numpy as np
from hypothesis import strategies as st

from tests.cases.activations import UPSTREAM_BAD
from tests.cases.case import Bad, Case, Hand, f, given_inputs

# The normal distribution from a table: Φ(1) = 0.8413447460685429, φ(1) = 0.24197072451914337.
_PHI, _DENSITY = 0.8413447460685429, 0.24197072451914337
_GELU_BAD = (
    *UPSTREAM_BAD,
    Bad(ValueError, "approximate is unknown. Expected False or 'tanh'", approximate="none"),
    Bad(ValueError, "got 'erf'", approximate="erf"),
    Bad(ValueError, "got True", approximate=True),
    Bad(TypeError, "Expected False or 'tanh', got NoneType", approximate=None),
    Bad(TypeError, "Expected False or 'tanh', got int", approximate=0),
)

CASES = [
    Case(
        "silu",
        "pair",
        given_inputs(x="N D"),
        Hand(  # σ(ln 3) = 3/4 and σ′ = 3/16
            {"x": f([-np.log(3), 0.0, np.log(3)])},
            gives=f([-np.log(3) / 4, 0.0, np.log(3) * 3 / 4]),
            dout=f([16.0, 4.0, 16.0]),
            grads={"x": f([4 - 3 * np.log(3), 2.0, 12 + 3 * np.log(3)])},
        ),
        grads=("x",),
        bad=UPSTREAM_BAD,
    ),
    Case(
        "gelu",
        "pair",
        given_inputs(x="N D"),
        Hand(
            {"x": f([-1.0, 0.0, 1.0])},
            gives=f([_PHI - 1, 0.0, _PHI]),
            dout=f([10.0, 4.0, 100.0]),
            grads={"x": f([10 * (1 - _PHI - _DENSITY), 2.0, 100 * (_PHI + _DENSITY)])},
        ),
        grads=("x",),
        bad=_GELU_BAD,
    ),
    Case(
        "gelu",
        "pair",
        given_inputs(x="N D", approximate=st.sampled_from([False, "tanh"])),
        Hand(  # u(1) = √(2/π) · 1.044715 = 0.83356, u′(1) = √(2/π) · 1.134145 = 0.90492
            {"x": f([-1.0, 0.0, 1.0]), "approximate": "tanh"},
            gives=f([-0.15880800939172324, 0.0, 0.8411919906082768]),
            dout=f([1.0, 4.0, 1.0]),
            grads={"x": f([-0.08296408384578258, 2.0, 1.0829640838457826])},
        ),
        grads=("x",),
        label="approximate",
    ),
]

# Classes compose the functions above.
CLASSES = ("SiLU", "GELU")
