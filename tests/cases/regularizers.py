"""Cases of regularizers.py."""

import numpy as np
from hypothesis import strategies as st

from tests.cases.case import Bad, Case, Hand, away_from_zero, f, given_inputs, strength


def _not_a_strength(name: str) -> tuple[Bad, ...]:
    """What every strength of a penalty refuses."""
    return (
        Bad(ValueError, f"{name} in [0, inf), got -1.0", **{name: -1.0}),
        Bad(ValueError, f"{name} is out of range", **{name: float("inf")}),
        Bad(ValueError, f"{name} is out of range", **{name: float("nan")}),
        Bad(TypeError, f"{name} is not a number", **{name: None}),
    )


CASES = [
    Case(
        "l2_penalty",
        "loss",
        given_inputs(w="D M", weight_decay=strength),
        Hand({"w": f([3.0, -4.0]), "weight_decay": 0.1}, gives=1.25, grads={"w": f([0.3, -0.4])}),
        grads=("w",),
        bad=_not_a_strength("weight_decay"),
    ),
    Case(
        "l1_penalty",
        "loss",
        given_inputs(w=away_from_zero("D M"), strength=strength),
        Hand(
            {"w": f([3.0, 0.0, -4.0]), "strength": 0.5},
            gives=3.5,
            grads={"w": f([0.5, 0.0, -0.5])},
        ),
        grads=("w",),
        bad=_not_a_strength("strength"),
    ),
    Case(
        "elastic_net_penalty",
        "loss",
        given_inputs(w=away_from_zero("D M"), l1=strength, l2=strength),
        Hand({"w": f([3.0, -4.0]), "l1": 1.0, "l2": 0.5}, gives=19.5, grads={"w": f([4.0, -5.0])}),
        grads=("w",),
        bad=_not_a_strength("l1") + _not_a_strength("l2"),
    ),
    Case(
        "max_norm",
        "function",
        given_inputs(w="D M", c=st.floats(0.1, 10.0)),
        Hand({"w": f([[3.0, 0.1], [4.0, 0.2]]), "c": 1.0}, gives=f([[0.6, 0.1], [0.8, 0.2]])),
        bad=(
            Bad(ValueError, "c in (0, inf), got 0.0", c=0.0),
            Bad(ValueError, "c is out of range", c=-1.0),
            Bad(ValueError, "w of shape (D, M), got (2,)", w=np.ones(2)),
        ),
    ),
]
