"""Cases of pruning.py."""

import numpy as np
from hypothesis import strategies as st

from tests.cases.case import Array, Bad, Case, Hand, Values, f, given_inputs

_share = st.one_of(st.sampled_from([0.0, 0.5, 1.0]), st.floats(0.0, 1.0))
_SHARE_BAD = (
    Bad(ValueError, "sparsity in [0, 1], got 1.1", sparsity=1.1),
    Bad(ValueError, "sparsity in [0, 1], got -0.1", sparsity=-0.1),
    Bad(ValueError, "sparsity is out of range", sparsity=float("nan")),
    Bad(TypeError, "sparsity is not a number", sparsity="0.5"),
)
_TWO: Values = {"weights['a']": "A B", "weights['b']": "C"}
_TWO_IN = {"weights['a']": f([[0.1, -4.0], [3.0, 0.2]]), "weights['b']": f([-0.3, 0.4])}


def _half_zero(rng, shape):
    return rng.standard_normal(shape) * (rng.random(shape) > 0.5)


def _of_a_dict(op):
    """weights={"a": ..., "b": ...} from the arrays of the case."""

    def run(*, sparsity, **arrays):
        weights = {name.removeprefix("weights['")[:1]: w for name, w in arrays.items()}
        return op(weights, sparsity=sparsity)

    return run


def _with_sgd(op):
    """The wrapped rule, as a rule."""

    def sgd(w, dw, state, *, lr):
        return w - float(lr) * dw, state

    return lambda *, w, dw, mask, state, lr: op(sgd, mask)(w, dw, state, lr=lr)


CASES = [
    Case(
        "sparsity",
        "function",
        given_inputs(w=Array("A B", _half_zero)),
        Hand({"w": f([[0.0, 2.0, -0.0], [-1e-300, 3.0, 1.0]])}, gives=1 / 3),
        bad=(
            Bad(ValueError, "w is empty", w=np.ones((0, 2))),
            Bad(ValueError, "w holds NaN. Expected numbers only, got 2 NaN", w=f([np.nan] * 2)),
        ),
    ),
    Case(
        "magnitude_mask",
        "function",
        given_inputs(w="N B", sparsity=_share),
        Hand(
            {"w": f([[0.5, -3.0, 1.0], [-0.1, 2.0, 0.7]]), "sparsity": 0.5},
            gives=f([[0.0, 1.0, 1.0], [0.0, 1.0, 0.0]]),
        ),
        bad=(
            *_SHARE_BAD,
            Bad(ValueError, "w holds NaN. Expected numbers only, got 1 NaN", w=f([1.0, np.nan])),
        ),
    ),
    Case(
        "layer_magnitude_masks",
        "function",
        given_inputs(**_TWO, sparsity=_share),
        Hand(
            {**_TWO_IN, "sparsity": 0.5},
            gives=(f([[0.0, 1.0], [1.0, 0.0]]), f([0.0, 1.0])),
        ),
        bad=(
            *_SHARE_BAD,
            Bad(ValueError, "weights['a'] holds NaN", **{"weights['a']": f([np.nan])}),
        ),
        call=_of_a_dict,
    ),
    Case(
        "global_magnitude_masks",
        "function",
        given_inputs(**_TWO, sparsity=_share),
        Hand(
            {**_TWO_IN, "sparsity": 0.5},
            gives=(f([[0.0, 1.0], [1.0, 0.0]]), f([0.0, 1.0])),
        ),
        bad=(
            *_SHARE_BAD,
            Bad(ValueError, "weights['b'] holds NaN", **{"weights['b']": f([np.nan])}),
        ),
        call=_of_a_dict,
    ),
    Case(
        "sparsity_schedule",
        "function",
        given_inputs(
            step=st.integers(0, 30),
            start=st.integers(0, 10),
            end=st.integers(11, 20),
            final=st.floats(0.0, 1.0),
        ),
        Hand(  # half way: ½³ = ⅛ of the way from 0.8 to 0.4 is left
            {"step": 30, "start": 20, "end": 40, "final": 0.8, "initial": 0.4},
            gives=0.75,
        ),
        bad=(
            Bad(ValueError, "step of at least 0, got -1", step=-1),
            Bad(TypeError, "step is not a whole number", step=1.5),
            Bad(ValueError, "start of at least 0, got -1", start=-1),
            Bad(TypeError, "start is not a whole number", start=None),
            Bad(ValueError, "end of at least 21, got 20", end=20),
            Bad(TypeError, "end is not a whole number", end=40.0),
            Bad(ValueError, "final in [0, 1], got 1.1", final=1.1),
            Bad(TypeError, "final is not a number", final="all"),
            Bad(ValueError, "initial in [0, 1], got -0.1", initial=-0.1),
            Bad(TypeError, "initial is not a number", initial=False),
            Bad(ValueError, "power in (0, inf), got 0.0", power=0),
            Bad(TypeError, "power is not a number", power="cubic"),
        ),
    ),
    Case(
        "masked",
        "update",
        given_inputs(
            w="A B",
            dw="A B",
            mask=Array("A B", lambda rng, shape: rng.integers(2, size=shape).astype(float)),
            state={},
            lr=0.1,
        ),
        Hand(
            {
                "w": f([1.0, 2.0]),
                "dw": f([5.0, 5.0]),
                "mask": f([0.0, 1.0]),
                "state": {},
                "lr": 0.1,
            },
            gives=(f([0.0, 1.5]), f([0.0, 1.2])),
        ),
        bad=(
            Bad(ValueError, "mask has other values. Expected 0 or 1", mask=f([0.5, 1.0])),
            Bad(ValueError, "got values from -1.0 to 2.0", mask=f([-1.0, 2.0])),
            Bad(ValueError, "w of shape (1,), got (2,)", mask=f([1.0])),
            Bad(ValueError, "dw of shape (2,), got (3,)", dw=np.ones(3)),
            Bad(ValueError, "w of shape (2,), got (1,)", w=np.ones(1)),
        ),
        call=_with_sgd,
    ),
]

NO_TWIN = {
    "sparsity_schedule": "plain arithmetic of numbers; PyTorch has no schedule for pruning",
    "masked": "PyTorch prunes by another way to write the weight; test_pruning.py compares the two",
}
