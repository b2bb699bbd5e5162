"""Cases of gradient_check.py; neither function has a twin."""

import numpy as np
from hypothesis import strategies as st

from tests.cases.case import Bad, Case, Hand, f, given_inputs

CASES = [
    Case(
        "numerical_gradient",
        "function",
        given_inputs(f=st.just(np.sin), x="N D", dout="N D"),
        Hand(
            {"f": np.square, "x": f([1.0, 3.0]), "dout": f([1.0, 10.0]), "h": 0.5},
            gives=f([2.0, 60.0]),
        ),
        bad=(
            Bad(TypeError, "f is not a function", f=3.0),
            Bad(ValueError, "h in (0, inf), got 0.0", h=0.0),
            Bad(ValueError, "dout of shape (2,), got (1,)", dout=np.ones(1)),
            Bad(TypeError, "dout is not a number or an array", dout="1"),
            Bad(TypeError, "an array of numbers, got NoneType", dout=None),
            Bad(TypeError, "an array of numbers, got ndarray", dout=np.array([1j, 1.0])),
            Bad(TypeError, "f(x) is not a number or an array", f=lambda x: (x, x)),
            Bad(TypeError, "an array of numbers, got list", f=lambda x: [1.0], dout=1.0),
        ),
        float32=False,
    ),
    Case(
        "relative_error",
        "function",
        given_inputs(a="N D", b="N D"),
        Hand({"a": f([0.0, 4.0]), "b": f([0.0, 3.0])}, gives=0.25),
        bad=(Bad(ValueError, "b of shape (2,), got (1,)", b=np.ones(1)),),
    ),
]

# Public names without a twin, and why.
NO_TWIN = {
    "numerical_gradient": "a check of gradients, not an op; PyTorch's is torch.autograd.gradcheck",
    "relative_error": "a check of gradients, not an op",
}
