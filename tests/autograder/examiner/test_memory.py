"""Is nothing large left of a submission whose code sent much?"""

import gc
import weakref

import numpy as np
import pytest

from autograder.examiner.examine import Examination, Step
from autograder.examiner.memory import tidied
from autograder.examiner.times import Times
from tests.autograder.examiner.labs import lab_of

FLOODS = "def f(g):\n    while True: g(big)"
KEEPS = """
import weakref
kept = []
def g(x): kept.append(x); here.REFS.append(weakref.ref(x))
f(g)
"""
REFS: list[weakref.ref] = []


class Knot:
    """Something large that knows itself, as both ends of a line know each other."""

    def __init__(self, size: int) -> None:
        self.me, self.array = self, np.zeros(size)


@pytest.mark.parametrize(("size", "is_left"), [(10, True), (1 << 23, False)])
def test_what_is_large_and_of_no_more_use_goes_at_once(size, is_left):
    gc.collect()
    gc.disable()
    try:
        with tidied():
            seen = weakref.ref(Knot(size))
        assert (seen() is not None) == is_left
    finally:
        gc.enable()
        gc.collect()


def test_no_array_of_a_flood_outlives_its_submission(nursery):
    REFS.clear()
    setup = "import numpy as np\nimport tests.autograder.examiner.test_memory as here"
    cells = [("locked", setup), ("free", "big = np.ones(2**19)"), ("solution", FLOODS)]
    lab = lab_of(*cells, ("t", KEEPS))  # which lives on, for the next submission
    steps = [Step(text, trusted=kind == "locked") for kind, text in cells]
    with tidied():
        examination = Examination(lab, lambda: nursery.candidate(seconds=1), Times(1, 1, 10))
        assert examination.run([*steps, Step(KEEPS, test="t")])[-1].share == 0
    assert len(REFS) > 2 and not any(ref() is not None for ref in REFS)
