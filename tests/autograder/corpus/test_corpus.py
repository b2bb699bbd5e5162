"""Does every submission of the corpus get the marks that it deserves, and leave nothing behind?"""

from collections.abc import Iterator

import psutil
import pytest

from autograder.sandbox import available
from tests.autograder.corpus.bench import SHORT, Bench, bench
from tests.autograder.corpus.case import Case
from tests.autograder.corpus.cases import CASES

_NEEDED = ("limits", "landlock", "seccomp")
pytestmark = pytest.mark.skipif(
    any(available()[layer] for layer in _NEEDED), reason=f"needs {', '.join(_NEEDED)}"
)
LARGEST_PAPER = 15_000_000  # characters
MOST_MEMORY = 1500 << 20  # bytes that this process may grow by
_names = [case.name for case in CASES]


@pytest.fixture(scope="module")
def examiners() -> Iterator[Bench]:
    with bench() as examiners:
        yield examiners


@pytest.fixture(scope="module", autouse=True)
def nothing_is_changed(examiners: Bench) -> Iterator[None]:
    """No case has changed, slowed down or ended what others need."""
    perfect = next(case for case in CASES if case.name == "perfect")
    before = examiners.mark(perfect)[0]
    course, nurseries = examiners.course(), examiners.nurseries()
    descriptors = psutil.Process().num_fds()
    yield
    assert examiners.course() == course
    assert nurseries <= examiners.nurseries(), "a nursery had to be started anew"
    assert psutil.Process().num_fds() <= descriptors + 10  # of the other lab's nursery
    assert examiners.mark(perfect)[0] == before


def test_there_are_enough_cases_and_each_has_its_own_name():
    assert len(CASES) >= 120
    assert len(set(_names)) == len(_names)


def test_without_the_sandbox_the_thieves_get_what_they_want():
    """So that no case passes because its attack is none."""
    thieves = {case.name: case for case in CASES if case.bites}
    with bench(layers=()) as open_house:
        won = {name for name, case in thieves.items() if _points(open_house, case)}
    assert won == set(thieves)


def _points(examiners: Bench, case: Case) -> float:
    return sum(exercise.points for exercise in examiners.mark(case)[0].exercises)


@pytest.mark.parametrize("case", CASES, ids=_names)
def test_a_submission_gets_the_marks_that_it_deserves(examiners: Bench, case: Case):
    marked, seconds = examiners.mark(case)
    assert marked.status in (case.status, case.or_else), marked.note
    full = {e.name for e in marked.exercises if e.points == e.max_points}
    assert full == examiners.exercises(case) - set(case.lost), marked.note
    assert sum(e.points for e in marked.exercises) == examiners.points(case)[0]
    assert case.says in marked.notebook
    assert "<script>alert" not in marked.page
    assert len(marked.notebook) + len(marked.page) < LARGEST_PAPER
    assert not case.hangs or seconds < SHORT.notebook + 20
    assert examiners.leftovers() == []
    assert examiners.grown() < MOST_MEMORY
