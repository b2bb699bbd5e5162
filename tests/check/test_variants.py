"""Wrong answers get their own hint, right ones pass, with any seed."""

import numpy as np
import pytest

from coursekit.check import CheckFailed
from tests.check.answers import answer, check_of, given, solutions, variants

WRONG, RIGHT = variants("WRONG"), variants("RIGHT")
EXERCISES = sorted({name for name, _ in WRONG})
SEEDS = range(20)


def _name(value):
    return getattr(value, "name", value)


@pytest.mark.parametrize(("exercise", "variant"), WRONG, ids=_name)
def test_a_wrong_answer_gets_its_own_hint_in_the_visible_check(exercise, variant):
    function = answer(exercise, variant.apply(solutions()[exercise]))
    with pytest.raises(CheckFailed) as failure:
        check_of(exercise)(function, *given(exercise))
    assert failure.value.misconception == variant.name
    assert variant.word and variant.word in check_of(exercise).hint(variant.name)


@pytest.mark.parametrize(("exercise", "variant"), WRONG, ids=_name)
def test_a_wrong_answer_gets_its_own_hint_in_hidden_checks(exercise, variant):
    function = answer(exercise, variant.apply(solutions()[exercise]))
    for seed in range(5):
        with pytest.raises(CheckFailed) as failure:
            check_of(exercise).hidden(function, *given(exercise), seed=seed)
        assert failure.value.misconception == variant.name


@pytest.mark.parametrize(("exercise", "variant"), RIGHT, ids=_name)
def test_a_right_answer_passes_with_any_seed(exercise, variant):
    function = answer(exercise, variant.apply(solutions()[exercise]))
    check_of(exercise)(function, *given(exercise))
    for seed in SEEDS:
        check_of(exercise).hidden(function, *given(exercise), seed=seed)


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_solution_passes_with_any_seed(exercise):
    function = answer(exercise, solutions()[exercise])
    for seed in range(100):
        check_of(exercise).hidden(function, *given(exercise), seed=seed)


@pytest.mark.parametrize("exercise", EXERCISES)
def test_every_misconception_has_a_variant_and_a_hint_of_its_own(exercise):
    misconceptions = check_of(exercise).misconceptions
    hints = {m.hint for m in misconceptions}
    names = {m.name for m in misconceptions}
    assert len(misconceptions) >= 10
    assert len(hints) == len(names) == len(misconceptions)
    tested = {v.name for e, v in WRONG if e == exercise}
    of_another_cache = {  # see test_dropout
        "multiplies_by_out",
        "scales_in_evaluation",
        "mask_from_the_output",
        "remembers_elsewhere",
    }
    assert names - tested <= of_another_cache


@pytest.mark.parametrize("exercise", sorted({*EXERCISES} - {"dropout_backward", "dropout_forward"}))
def test_no_misconception_gives_the_reference_answer_or_another_ones(exercise):
    from coursekit.check.compare import agree

    check = check_of(exercise)
    rng = np.random.default_rng(0)
    calls = [check.draw(rng) for _ in range(6)]
    gives = {m.name: m.gives for m in check.misconceptions if m.gives}
    if exercise == "mc_dropout_predict":
        for call in calls:
            answer(exercise, solutions()[exercise])(*call.args, **call.kwargs)
    with np.errstate(all="ignore"):
        answers = {
            name: [function(*c.args, **c.kwargs, **c.known) for c in calls]
            for name, function in {"right": check.reference, **gives}.items()
        }
    for one, first in answers.items():
        for other, second in answers.items():
            alike = one != other and all(map(agree, first, _frozen(second)))
            assert not alike, f"{one} and {other} give the same"


def _frozen(answers: list) -> list:
    """Arrays as `want` wants them; scalars stay."""
    return [tuple(a) if isinstance(a, list) else a for a in answers]


@pytest.mark.parametrize(("exercise", "variant"), WRONG, ids=_name)
def test_a_hidden_message_is_one_line_with_no_values(exercise, variant):
    function = answer(exercise, variant.apply(solutions()[exercise]))
    with pytest.raises(CheckFailed) as failure:
        check_of(exercise).hidden(function, *given(exercise), seed=7)
    message = str(failure.value)
    assert "expected " not in message.replace("mean is expected", "")
    assert "\n" not in message and "Called with" not in message and "Traceback" not in message
