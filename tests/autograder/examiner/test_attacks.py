"""Do hostile answers get no marks, and leave all others as they were?"""

import pytest

from autograder.examiner.examine import Examination, Step
from autograder.examiner.times import Times
from tests.autograder.examiner.attacks import ANSWERS, LAB, LINE, ON_THE_LINE, SAYS
from tests.autograder.examiner.labs import lab_of

EXERCISES = [kind for kind, _ in LAB if kind not in ("locked", "solution")]
TIMES = Times(cell=5, exercise=8, notebook=60)
FORGED = {
    **ON_THE_LINE,
    "sq": {n: f"def f(x):\n    {t.strip()}\n    return 0" for n, t in SAYS.items()},
}


@pytest.fixture(scope="module")
def exam():
    """The lab, made once as for a class."""
    return lab_of(*LAB)


def marked(exam, nursery, exercise: str = "", answer: str = "", before: str = "") -> dict:
    """What becomes of each exercise, all answered as the lab has it but for this one."""
    places = iter(EXERCISES)
    solved = {place: text for kind, text in LAB if kind == "solution" for place in [next(places)]}
    texts = iter((solved | {exercise: answer}).values() if exercise else solved.values())
    cells = [(kind, next(texts) if kind == "solution" else text) for kind, text in LAB]
    cells.insert(1, ("free", before or "pass"))
    steps = [
        Step(text, kind if kind in EXERCISES else None, kind == "locked") for kind, text in cells
    ]
    outcomes = Examination(exam, lambda: nursery.candidate(seconds=5), TIMES).run(steps)
    return {step.test: o for step, o in zip(steps, outcomes, strict=True) if step.test}


def cases(table: dict[str, dict[str, str]]) -> list:
    return [
        pytest.param(exercise, text, id=f"{exercise}: {name}")
        for exercise, texts in table.items()
        for name, text in texts.items()
    ]


def costs_its_exercise_alone(outcomes: dict, exercise: str) -> bool:
    shares = {name: outcome.share for name, outcome in outcomes.items()}
    return shares == {name: float(name != exercise) for name in EXERCISES}


@pytest.mark.parametrize(("exercise", "answer"), cases(ANSWERS))
def test_an_object_that_lies_costs_its_exercise_and_no_other(exam, nursery, exercise, answer):
    outcomes = marked(exam, nursery, exercise, answer)
    assert costs_its_exercise_alone(outcomes, exercise)
    assert len(str(outcomes)) < 20_000


@pytest.mark.parametrize(("exercise", "answer"), cases(FORGED))
def test_what_is_forged_costs_its_exercise_and_no_other(exam, nursery, exercise, answer):
    outcomes = marked(exam, nursery, exercise, answer, LINE)
    assert costs_its_exercise_alone(outcomes, exercise)


def test_after_all_of_these_what_is_right_gets_full_marks(exam, nursery):
    assert [outcome.share for outcome in marked(exam, nursery).values()] == [1] * len(EXERCISES)
