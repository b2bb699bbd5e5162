"""Cases of optim/first_order.py."""

import numpy as np
from hypothesis import strategies as st

from tests.cases.case import Bad, Case, Hand, away_from_zero, f, given_inputs, rate, strength

_STEP_IN = {"w": f([1.0, -2.0]), "dw": f([0.5, 1.0]), "lr": 0.1, "weight_decay": 0.5}
_STEP_INPUTS = {"w": "A B", "dw": "A B", "lr": rate, "weight_decay": strength}
_STEP_BAD = (
    Bad(TypeError, "dw and w differ in type", dw=np.ones(2, np.float32)),
    Bad(TypeError, "dw of type float32, got", w=np.ones(2, np.float32)),
    Bad(ValueError, "dw of shape (2,), got (3,)", dw=np.ones(3)),
    Bad(ValueError, "dw has the wrong shape", dw=np.ones((2, 1))),
    Bad(ValueError, "lr in [0, inf), got -0.1", lr=-0.1),
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

_MOMENTUM_BAD = (
    *_RULE_BAD,
    Bad(ValueError, "momentum in [0, 1), got 1.0", momentum=1.0),
    Bad(ValueError, "momentum is out of range", momentum=-0.1),
    Bad(TypeError, "momentum is not a number", momentum="0.9"),
    Bad(ValueError, "state['v'] of shape (2,)", twin=False, state={"v": np.zeros(3)}),
    Bad(TypeError, "state['v'] is not an array", twin=False, state={"v": [0.0, 0.0]}),
)
_SQUARES_BAD = (
    *_RULE_BAD,
    Bad(ValueError, "eps in (0, inf), got 0.0", eps=0.0),
    Bad(TypeError, "eps is not a number", eps=None),
    Bad(ValueError, "state['s'] of shape (2,)", twin=False, state={"s": np.zeros((2, 1))}),
    Bad(TypeError, "state['s'] is not an array", twin=False, state={"s": np.zeros(2, int)}),
)
_ZEROS = {"m": np.zeros(2), "v": np.zeros(2)}
_ADAM_BAD = (
    *_RULE_BAD,
    Bad(ValueError, "beta1 in [0, 1), got 1.0", beta1=1.0),
    Bad(ValueError, "beta1 is out of range", beta1=-0.1),
    Bad(TypeError, "beta1 is not a number", beta1="0.9"),
    Bad(ValueError, "beta2 in [0, 1), got -0.1", beta2=-0.1),
    Bad(ValueError, "beta2 in [0, 1), got 1.0", beta2=1.0),
    Bad(TypeError, "beta2 is not a number", beta2=[0.9]),
    Bad(ValueError, "eps in (0, inf), got 0.0", eps=0.0),
    Bad(TypeError, "eps is not a number", eps=None),
    Bad(ValueError, "state is not this rule's", state=_ZEROS),
    Bad(ValueError, "state['m'] has", twin=False, state={**_ZEROS, "step": 1, "m": np.zeros(3)}),
    Bad(ValueError, "state['v'] has", twin=False, state={**_ZEROS, "step": 1, "v": np.zeros(3)}),
    Bad(ValueError, "state['step'] has", twin=False, state={**_ZEROS, "step": np.ones(2)}),
    Bad(TypeError, "state['v'] is not an", twin=False, state={**_ZEROS, "step": 1, "v": [0, 0]}),
    Bad(ValueError, "state['step'] of at least 0, got", twin=False, state={**_ZEROS, "step": -1}),
    Bad(TypeError, "state['step'] is not a whole", twin=False, state={**_ZEROS, "step": 1.5}),
    Bad(TypeError, "state['step'] is not a whole", twin=False, state={**_ZEROS, "step": None}),
)
_ADAM_INPUTS = {
    "w": "A B",
    "dw": away_from_zero("A B"),
    "lr": rate,
    "weight_decay": st.one_of(st.just(0.0), st.just(0.01)),
    "state": {},
    "beta1": st.sampled_from([0.0, 0.5, 0.9]),
    "beta2": st.sampled_from([0.0, 0.9, 0.999]),
}
_some_momentum = st.one_of(st.just(0.0), st.just(0.9))


def _as_function(op):
    """The rule asks for the gradient at a point: give it the drawn one, whatever the point."""

    def rule(*, w, dw, state, **settings):
        return op(w, lambda ahead: dw, state, **settings)

    return rule


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
        given_inputs(**_STEP_INPUTS, state={}, momentum=_some_momentum),
        Hand(  # g is (1, 0), then 0.6·(0.5, 1) + 0.5·(0.9, −2) = (0.75, −0.4); v = 0.5·g + that
            {**_STEP_IN, "state": {}, "momentum": 0.5},
            gives=(f([0.9, -2.0]), f([0.775, -1.96])),
        ),
        bad=_MOMENTUM_BAD,
    ),
    Case(
        "momentum_velocity",
        "update",
        given_inputs(**_STEP_INPUTS, state={}, momentum=_some_momentum),
        Hand(  # as for momentum: v is −0.1 times the v there
            {**_STEP_IN, "state": {}, "momentum": 0.5},
            gives=(f([0.9, -2.0]), f([0.775, -1.96])),
        ),
        bad=_MOMENTUM_BAD,
    ),
    Case(
        "nesterov_lookahead",
        "update",
        given_inputs(**_STEP_INPUTS, state={}, momentum=_some_momentum),
        Hand(  # v = (−0.1, 0); then ahead = (0.85, −2), g = (0.725, −0.4), v = (−0.1225, 0.04)
            {**_STEP_IN, "state": {}, "momentum": 0.5},
            gives=(f([0.9, -2.0]), f([0.7775, -1.96])),
        ),
        bad=_MOMENTUM_BAD,
        call=_as_function,
    ),
    Case(
        "nesterov",
        "update",
        given_inputs(**_STEP_INPUTS, state={}, momentum=_some_momentum),
        Hand(  # g = v = (1, 0): w = (0.85, −2); then g = (0.725, −0.4), v = (1.225, −0.4)
            {**_STEP_IN, "state": {}, "momentum": 0.5},
            gives=(f([0.85, -2.0]), f([0.71625, -1.94])),
        ),
        bad=_MOMENTUM_BAD,
    ),
    Case(
        "adagrad",
        "update",
        given_inputs(
            w="A B",
            dw=away_from_zero("A B"),
            lr=rate,
            weight_decay=_ADAM_INPUTS["weight_decay"],
            state={},
            eps=st.sampled_from([1e-8, 0.1]),
        ),
        Hand(  # g is (3, 8) and then 0.6 times that: s = (9, 64), then 1.36 times that
            {"w": f([1.0, 1.0]), "dw": f([3.0, 8.0]), "state": {}, "lr": 0.5, "eps": 1.0},
            gives=(
                f([1 - 1.5 / 4, 1 - 4 / 9]),
                f([1 - 1.5 / 4 - 0.9 / (1 + 12.24**0.5), 1 - 4 / 9 - 2.4 / (1 + 87.04**0.5)]),
            ),
        ),
        bad=_SQUARES_BAD,
    ),
    Case(
        "rmsprop",
        "update",
        given_inputs(
            w="A B",
            dw=away_from_zero("A B"),
            lr=rate,
            weight_decay=_ADAM_INPUTS["weight_decay"],
            state={},
            decay_rate=st.sampled_from([0.0, 0.5, 0.9]),
            eps=st.sampled_from([1e-8, 0.1]),
        ),
        Hand(  # g = (2, 8), s = (1, 16); then g is 0.6 times that, s 0.75 + 0.36 times that
            {
                "w": f([1.0, 1.0]),
                "dw": f([2.0, 8.0]),
                "state": {},
                "lr": 0.5,
                "decay_rate": 0.75,
                "eps": 1.0,
            },
            gives=(
                f([0.5, 0.2]),
                f([0.5 - 0.6 / (1 + 1.11**0.5), 0.2 - 2.4 / (1 + 4 * 1.11**0.5)]),
            ),
        ),
        bad=(
            *_SQUARES_BAD,
            Bad(ValueError, "decay_rate in [0, 1), got 1.0", decay_rate=1.0),
            Bad(ValueError, "decay_rate is out of range", decay_rate=-0.1),
            Bad(TypeError, "decay_rate is not a number", decay_rate="0.9"),
        ),
    ),
    Case(
        "adam",
        "update",
        given_inputs(**_ADAM_INPUTS, bias_correction=st.booleans()),
        Hand(  # the first step is lr in each direction, whatever the gradient
            {"w": f([1.0, 1.0]), "dw": f([5.0, -2.0]), "state": {}, "lr": 0.1},
            gives=(f([0.9, 1.1]),),
        ),
        bad=(*_ADAM_BAD, Bad(TypeError, "bias_correction is not a bool", bias_correction=1)),
    ),
    Case(
        "adam",
        "update",
        given_inputs(**_ADAM_INPUTS, bias_correction=False, eps=st.sampled_from([1e-8, 0.1])),
        Hand(  # m = ½g = (3, −1) and v = ¼g² = (9, 1): the step is lr·(3/4, −1/2)
            {
                "w": f([1.0, 1.0]),
                "dw": f([6.0, -2.0]),
                "state": {},
                "lr": 0.4,
                "beta1": 0.5,
                "beta2": 0.75,
                "eps": 1.0,
                "bias_correction": False,
            },
            gives=(f([0.7, 1.2]),),
        ),
        label="uncorrected",
    ),
    Case(
        "adamw",
        "update",
        given_inputs(**{**_ADAM_INPUTS, "weight_decay": strength}),
        Hand(  # 10 percent off, and then lr in each direction
            {"w": f([1.0, 1.0]), "dw": f([5.0, -2.0]), "state": {}, "lr": 0.1, "weight_decay": 1.0},
            gives=(f([0.8, 1.0]),),
        ),
        bad=_ADAM_BAD,
    ),
]

NO_TWIN = {
    "momentum_velocity": "PyTorch has the other form; test_optim.py compares the two",
    "nesterov_lookahead": "PyTorch has the other form; test_optim.py compares the two",
}
