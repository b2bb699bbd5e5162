"""Cases of optim.py."""

import numpy as np
from hypothesis import strategies as st

from tests.cases.case import Bad, Case, Hand, away_from_zero, f, given_inputs, rate, strength

_STEP_IN = {"w": f([1.0, -2.0]), "dw": f([0.5, 1.0]), "lr": 0.1, "weight_decay": 0.5}
_STEP_INPUTS = {"w": "A B", "dw": "A B", "lr": rate, "weight_decay": strength}
_STEP_BAD = (
    Bad(ValueError, "dw of shape (2,), got (3,)", dw=np.ones(3)),
    Bad(ValueError, "dw has the wrong shape", dw=np.ones((2, 1))),
    Bad(ValueError, "lr in (0, inf), got 0.0", lr=0.0),
    Bad(ValueError, "lr is out of range", lr=-0.1),
    Bad(ValueError, "lr is out of range", lr=float("inf")),
    Bad(ValueError, "lr is out of range", lr=float("nan")),
    Bad(TypeError, "lr is not a number", lr=[0.1]),
    Bad(ValueError, "weight_decay in [0, inf), got -1.0", weight_decay=-1.0),
)
_RULE_BAD = (
    *_STEP_BAD,
    Bad(TypeError, "state is not a dict", state=[]),
    Bad(ValueError, "state is not this rule's", state={"velocity": np.zeros(2)}),
)


CASES = [
    Case(
        "sgd_weight_decay_step",
        "function",
        given_inputs(**_STEP_INPUTS),
        Hand(_STEP_IN, gives=f([0.9, -2.0])),
        bad=_STEP_BAD,
    ),
    Case(
        "sgd",
        "update",
        given_inputs(**_STEP_INPUTS, state={}),
        Hand({**_STEP_IN, "state": {}}, gives=(f([0.9, -2.0]),)),
        bad=_RULE_BAD,
    ),
    Case(
        "momentum",
        "update",
        given_inputs(**_STEP_INPUTS, state={}, momentum=st.one_of(st.just(0.0), st.just(0.9))),
        Hand(  # g is (1, 0), then 0.6·(0.5, 1) + 0.5·(0.9, −2) = (0.75, −0.4); v = 0.5·g + that
            {**_STEP_IN, "state": {}, "momentum": 0.5},
            gives=(f([0.9, -2.0]), f([0.775, -1.96])),
        ),
        bad=(
            *_RULE_BAD,
            Bad(ValueError, "momentum in [0, 1), got 1.0", momentum=1.0),
            Bad(ValueError, "state['v'] of shape (2,)", twin=False, state={"v": np.zeros(3)}),
        ),
    ),
    Case(
        "adam",
        "update",
        given_inputs(
            w="A B",
            dw=away_from_zero("A B"),
            lr=rate,
            weight_decay=st.one_of(st.just(0.0), st.just(0.01)),
            state={},
            beta1=st.sampled_from([0.0, 0.5, 0.9]),
            beta2=st.sampled_from([0.0, 0.9, 0.999]),
        ),
        Hand(  # the first step is lr in each direction, whatever the gradient
            {"w": f([1.0, 1.0]), "dw": f([5.0, -2.0]), "state": {}, "lr": 0.1},
            gives=(f([0.9, 1.1]),),
        ),
        bad=(
            *_RULE_BAD,
            Bad(ValueError, "beta1 in [0, 1), got 1.0", beta1=1.0),
            Bad(ValueError, "beta2 in [0, 1), got -0.1", beta2=-0.1),
            Bad(ValueError, "eps in (0, inf), got 0.0", eps=0.0),
        ),
    ),
]
