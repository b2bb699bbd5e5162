"""Cases of optim/second_order.py."""

import numpy as np
from hypothesis import strategies as st

from tests.cases.case import Array, Bad, Case, Hand, f, given_inputs, rate


def _positive(rng, shape):
    """H = I + AAᵀ: every system has one solution, and no small error becomes a large one."""
    a = 0.5 * rng.standard_normal(shape)
    return np.eye(len(a)) + a @ a.T


def _bowl(w):
    """A loss with its minimum, 0, at w = (2, 2, ...); for arrays and tensors alike."""
    return ((w - 2) ** 4 + (w - 2) ** 2).sum(), 4 * (w - 2) ** 3 + 2 * (w - 2)


def _last_loss(op):
    """Both twins reach the minimum, each by its own way: only the end can be compared."""

    def minimum(**inputs):
        w, losses = op(**inputs)
        return w, losses[-1]

    return minimum


CASES = [
    Case(
        "newton",
        "update",
        given_inputs(
            w="A B",
            dw="A B",
            hessian=Array("A*B A*B", _positive),
            state={},
            lr=rate,
            damping=st.sampled_from([0.0, 0.5]),
            sizes={"A": (1, 3), "B": (1, 3)},
        ),
        Hand(  # (H + 2I)⁻¹ is ((3, −1), (−1, 2)) / 5; the next gradients are 0.6 times the first
            {
                "w": f([1.0, -2.0]),
                "dw": f([5.0, 10.0]),
                "state": {},
                "hessian": f([[0.0, 1.0], [1.0, 1.0]]),
                "lr": 0.5,
                "damping": 2.0,
            },
            gives=(f([0.5, -3.5]), f([0.2, -4.4])),
        ),
        bad=(
            Bad(TypeError, "dw and w differ in type", dw=np.ones(2, np.float32)),
            Bad(TypeError, "hessian and w differ in type", hessian=np.eye(2, dtype=np.float32)),
            Bad(ValueError, "dw of shape (2,), got (3,)", dw=np.ones(3)),
            Bad(ValueError, "hessian of shape (2, 2), got (2,)", hessian=np.ones(2)),
            Bad(ValueError, "hessian of shape (2, 2), got (3, 3)", hessian=np.eye(3)),
            Bad(ValueError, "hessian of shape (2, 2), got (1, 2)", hessian=np.ones((1, 2))),
            Bad(
                ValueError,
                ": hessian + damping·I is singular. Expected a matrix that can be inverted, got",
                hessian=np.ones((2, 2)),
                damping=0.0,
            ),
            Bad(ValueError, ". Try damping=1e-3.", hessian=np.zeros((2, 2)), damping=0),
            Bad(ValueError, "lr in [0, inf), got -1.0", lr=-1.0),
            Bad(TypeError, "lr is not a number", lr="1"),
            Bad(ValueError, "damping in [0, inf), got -0.1", damping=-0.1),
            Bad(TypeError, "damping is not a number", damping=None),
            Bad(TypeError, "state is not a dict", state=None),
            Bad(ValueError, "state is not this rule's", state={"v": np.zeros(2)}),
        ),
    ),
    Case(
        "lbfgs",
        "function",
        given_inputs(f=st.just(_bowl), w="A B", max_iterations=100, tolerance=1e-12),
        Hand(
            {"f": _bowl, "w": f([0.0, 3.0]), "tolerance": 1e-9},
            gives=(f([2.0, 2.0]), 0.0),
        ),
        bad=(
            Bad(TypeError, "f is not a function", f=1.0),
            Bad(ValueError, "w is empty", w=np.ones((2, 0))),
            Bad(ValueError, "max_iterations of at least 1, got 0", max_iterations=0),
            Bad(TypeError, "max_iterations is not a whole number", max_iterations=10.0),
            Bad(ValueError, "tolerance in [0, inf), got -1.0", tolerance=-1.0),
            Bad(TypeError, "tolerance is not a number", tolerance="small"),
            Bad(TypeError, "f(w) -> (loss, dw), got float", twin=False, f=lambda w: 1.0),
            Bad(TypeError, "f(w) is not a pair", twin=False, f=lambda w: (1.0, w, w)),
            Bad(TypeError, "dw is not an array of floats", twin=False, f=lambda w: (1.0, 2.0)),
            Bad(ValueError, "dw of shape (2,), got (1,)", twin=False, f=lambda w: (1.0, w[:1])),
            Bad(ValueError, "the loss is not a number", twin=False, f=lambda w: (w, w)),
            Bad(ValueError, "with one loss, got None", twin=False, f=lambda w: (None, w)),
            Bad(ValueError, "with one loss, got 1j", twin=False, f=lambda w: (1j, w)),
        ),
        call=_last_loss,
    ),
]
