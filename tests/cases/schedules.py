"""Cases of schedules.py."""

import numpy as np
from hypothesis import strategies as st

from tests.cases.case import Bad, Case, Hand, given_inputs, rate

_STEPS = st.integers(0, 40)
_COUNTS = st.integers(1, 30)
_LOW = st.one_of(st.just(0.0), st.floats(0.001, 0.01))


def _half(step):
    """A schedule for the others to wrap."""
    return 0.5


def _not_positive(name: str, least: int = 1) -> tuple[Bad, ...]:
    """What every whole number refuses."""
    return (
        Bad(ValueError, f"{name} of at least {least}, got {least - 1}", **{name: least - 1}),
        Bad(TypeError, f"{name} is not a whole number", **{name: 2.0}),
        Bad(TypeError, f"{name} is not a whole number", **{name: True}),
        Bad(TypeError, f"{name} is not a whole number", **{name: None}),
    )


def _not_a_rate(name: str) -> tuple[Bad, ...]:
    """What every learning rate refuses."""
    return (
        Bad(ValueError, f"{name} in (0, inf), got 0.0", **{name: 0.0}),
        Bad(ValueError, f"{name} is out of range", **{name: -0.1}),
        Bad(ValueError, f"{name} is out of range", **{name: float("inf")}),
        Bad(ValueError, f"{name} is out of range", **{name: float("nan")}),
        Bad(TypeError, f"{name} is not a number", **{name: "0.1"}),
    )


_BAD = (*_not_positive("step", 0), *_not_a_rate("lr"))
_BAD_DECAY = (
    Bad(ValueError, "lr_decay in [0, inf), got -0.1", lr_decay=-0.1),
    Bad(ValueError, "lr_decay is out of range", lr_decay=float("nan")),
    Bad(TypeError, "lr_decay is not a number", lr_decay=None),
)
_BAD_BOUNDS = (
    *_not_positive("step", 0),
    *_not_a_rate("lr_max"),
    Bad(ValueError, "lr_min in [0, 1.0], got -0.1", lr_min=-0.1),
    Bad(ValueError, "lr_min in [0, 1.0], got 1.5", lr_min=1.5),
    Bad(TypeError, "lr_min is not a number", lr_min=None),
)

CASES = [
    Case(
        "constant",
        "function",
        given_inputs(step=_STEPS, lr=rate),
        Hand({"step": 7, "lr": 0.1}, gives=0.1),
        bad=_BAD,
    ),
    Case(
        "linear_scaling",
        "function",
        given_inputs(lr=rate, batch_size=_COUNTS, base_batch_size=_COUNTS),
        Hand({"lr": 0.1, "batch_size": 8192, "base_batch_size": 256}, gives=3.2),
        bad=(
            *_not_a_rate("lr"),
            *_not_positive("batch_size"),
            *_not_positive("base_batch_size"),
        ),
    ),
    Case(
        "step",
        "function",
        given_inputs(step=_STEPS, lr=rate, every=_COUNTS, lr_factor=st.floats(0.1, 1.0)),
        Hand({"step": 7, "lr": 0.8, "every": 3, "lr_factor": 0.5}, gives=0.2),
        bad=(
            *_BAD,
            *_not_positive("every"),
            Bad(ValueError, "lr_factor in (0, 1], got 0.0", lr_factor=0.0),
            Bad(ValueError, "lr_factor in (0, 1], got 1.1", lr_factor=1.1),
            Bad(TypeError, "lr_factor is not a number", lr_factor=None),
        ),
    ),
    Case(
        "exponential",
        "function",
        given_inputs(step=_STEPS, lr=rate, lr_decay=st.floats(0.0, 0.5)),
        Hand({"step": 3, "lr": 0.8, "lr_decay": np.log(2)}, gives=0.1),
        bad=_BAD + _BAD_DECAY,
    ),
    Case(
        "inverse_time",
        "function",
        given_inputs(step=_STEPS, lr=rate, lr_decay=st.floats(0.0, 0.5)),
        Hand({"step": 3, "lr": 0.5, "lr_decay": 0.5}, gives=0.2),
        bad=_BAD + _BAD_DECAY,
    ),
    Case(
        "reciprocal",
        "function",
        given_inputs(step=_STEPS, lr=rate),
        Hand({"step": 3, "lr": 0.8}, gives=0.2),
        bad=_BAD,
    ),
    Case(
        "sqrt_decay",
        "function",
        given_inputs(step=_STEPS, lr=rate, total=_COUNTS),
        Hand({"step": 3, "lr": 0.8, "total": 4}, gives=0.4),
        bad=_BAD + _not_positive("total"),
    ),
    Case(
        "stagewise",
        "function",
        given_inputs(
            step=_STEPS,
            stages=st.lists(st.tuples(rate, st.integers(1, 12)), min_size=1, max_size=4),
        ),
        Hand({"step": 5, "stages": ((1.0, 2), (0.5, 4), (0.25, 8))}, gives=0.5),
        bad=(
            *_not_positive("step", 0),
            Bad(TypeError, "stages is not a tuple", stages=0.1),
            Bad(ValueError, "pairs (lr, steps), one or more, got ()", stages=()),
            Bad(ValueError, "stages are not pairs", stages=(0.1, 5)),
            Bad(ValueError, "stages are not pairs", stages=((0.1, 5), (0.1, 5, 5))),
            Bad(ValueError, "lr in (0, inf), got 0.0", stages=((0.0, 5),)),
            Bad(ValueError, "steps of at least 1, got 0", stages=((0.1, 5), (0.1, 0))),
            Bad(TypeError, "steps is not a whole number", stages=((0.1, 5.0),)),
        ),
    ),
    Case(
        "warmup",
        "function",
        given_inputs(step=_STEPS, schedule=st.just(_half), warmup=st.integers(0, 30)),
        Hand({"step": 2, "schedule": _half, "warmup": 4}, gives=0.3),
        bad=(
            *_not_positive("step", 0),
            *_not_positive("warmup", 0),
            Bad(TypeError, "schedule is not a function", schedule=0.1),
            Bad(TypeError, "schedule(step) is not a number", schedule=lambda step: None),
            Bad(ValueError, "schedule(step) in [0, inf), got -1.0", schedule=lambda step: -1.0),
            Bad(ValueError, "schedule(step) is out", schedule=lambda step: float("nan")),
        ),
    ),
    Case(
        "cosine",
        "function",
        given_inputs(
            step=_STEPS,
            total=st.integers(11, 30),
            warmup=st.integers(0, 10),
            lr_max=rate,
            lr_min=_LOW,
        ),
        Hand(  # a third of the way: cos 60° is a half, so 3/4 of the fall is left
            {"step": 4, "total": 8, "warmup": 2, "lr_max": 1.0, "lr_min": 0.2},
            gives=0.8,
        ),
        bad=(
            *_BAD_BOUNDS,
            *_not_positive("total"),
            *_not_positive("warmup", 0),
            Bad(
                ValueError, ": warmup is too long. Expected warmup below total, 8, got 8", warmup=8
            ),
        ),
    ),
    Case(
        "cosine",
        "function",
        given_inputs(step=_STEPS, total=_COUNTS, lr_max=rate),
        Hand({"step": 4, "total": 8, "lr_max": 1.0}, gives=0.5),
        label="from_the_top",
    ),
    Case(
        "cosine_restarts",
        "function",
        given_inputs(
            step=_STEPS, period=_COUNTS, growth=st.integers(1, 3), lr_max=rate, lr_min=_LOW
        ),
        Hand(  # periods of 3, 6, 12 steps: step 13 is 4 steps into the third, at 60°
            {"step": 13, "period": 3, "growth": 2, "lr_max": 1.0, "lr_min": 0.2},
            gives=0.8,
        ),
        bad=(*_BAD_BOUNDS, *_not_positive("period"), *_not_positive("growth")),
    ),
    Case(
        "cyclical",
        "function",
        given_inputs(step=_STEPS, period=_COUNTS, lr_max=rate, lr_min=_LOW),
        Hand({"step": 9, "period": 8, "lr_max": 1.0, "lr_min": 0.2}, gives=0.4),
        bad=(*_BAD_BOUNDS, *_not_positive("period")),
    ),
]

# Public names without a twin, and why.
NO_TWIN = {
    "linear_scaling": "a rule for one number; PyTorch leaves it to the user",
    "inverse_time": "PyTorch has no such scheduler, and LambdaLR would only repeat the formula",
    "reciprocal": "PyTorch has no such scheduler, and LambdaLR would only repeat the formula",
}
