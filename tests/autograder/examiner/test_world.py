"""Does a student's function print, draw, warn and fail as in the kernel of the test?"""

import contextlib
import io
import random
import warnings
from typing import Any

import numpy as np
import pytest

from autograder.examiner.candidate import Candidate, Lost, Snapshot
from autograder.examiner.exam import Exam
from autograder.examiner.examine import Examination, Outcome, Step
from autograder.examiner.times import Times
from autograder.results import Status

CELL = """
import random, sys, warnings
import numpy as np
class ShapeError(ValueError):
    def __init__(self, got):
        super().__init__(f"got {got}")
        self.got = got
def says(x): print("in", x); print("oh", file=sys.stderr); return x
def calls(f): print("before"); f(); print("after")
def draw(n): return np.random.randn(n)
def roll(): return random.random()
def warns(x): warnings.warn("old", DeprecationWarning); return x
def exp(x): return np.exp(x)
def check(x): raise ShapeError(x)
def invert(a): return np.linalg.inv(a)
def kinds(f):
    try: f()
    except ShapeError as e: return [type(e).__name__, str(e)]
def pick(rng): return rng.random()
"""
OLD = np.random.mtrand._rand  # what np.random.rand and the like draw from
LAB: dict[str, Any] = {"__name__": "__main__"}
exec(CELL, LAB)


@pytest.fixture
def student(candidate: Candidate) -> Snapshot:
    """A copy of a student's notebook, for a test that has begun."""
    assert candidate.run(CELL)[0]
    snapshot = candidate.snapshot()
    snapshot.begin(LAB)
    return snapshot


@pytest.fixture(autouse=True)
def own_numbers():
    """What the tests here do to the generators of this process ends with each."""
    before = OLD.get_state(), random.getstate()
    yield
    OLD.set_state(before[0])
    random.setstate(before[1])


def test_a_test_hears_what_a_function_prints(student):
    says, out, err = student.look("says"), io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out):
        assert says(1) == 1
        with contextlib.redirect_stderr(err):
            says(2)
    says(3)
    assert (out.getvalue(), err.getvalue()) == ("in 1\nin 2\n", "oh\n")


def test_prints_of_both_sides_come_in_order(student):
    with contextlib.redirect_stdout(io.StringIO()) as out:
        student.look("calls")(lambda: print("inside"))
    assert out.getvalue() == "before\ninside\nafter\n"


def test_what_is_printed_before_an_error_is_heard(student):
    with contextlib.redirect_stdout(io.StringIO()) as out, pytest.raises(ZeroDivisionError):
        student.look("calls")(lambda: 1 / 0)
    assert out.getvalue() == "before\n"


def test_draws_follow_the_seed_of_the_test(student):
    draw, roll = student.look("draw"), student.look("roll")
    OLD.seed(1)
    random.seed(1)
    x, y, z = OLD.randn(3), draw(4), OLD.randn(1)
    a, b, c = random.random(), roll(), random.random()
    OLD.seed(1)
    random.seed(1)
    np.testing.assert_array_equal(np.concatenate([x, y, z]), OLD.randn(8))
    assert [a, b, c] == [random.random() for _ in range(3)]


def test_older_generators_cross_by_state(student):
    pick = student.look("pick")
    for make in (np.random.RandomState, random.Random):
        rng, same = make(3), make(3)
        assert [pick(rng), rng.random(), pick(rng)] == [same.random() for _ in range(3)]


def test_a_loop_that_draws_moves_the_generator_of_the_test(candidate):
    candidate.run("def batches(n, rng):\n    for _ in range(n): yield rng.random()")
    rng, same = np.random.default_rng(0), np.random.default_rng(0)
    got = [*candidate.look("batches")(3, rng)]
    assert [*got, rng.random()] == same.random(4).tolist()


def test_warnings_and_numpys_errors_are_those_of_the_test(student):
    warns, exp = student.look("warns"), student.look("exp")
    with pytest.warns(DeprecationWarning, match="old"):
        assert warns(1) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(RuntimeWarning):
            exp(np.array([1e9]))
    with np.errstate(all="raise"), pytest.raises(FloatingPointError):
        exp(np.array([1e9]))
    assert exp(np.array([1e9])) == np.inf


def test_errors_are_of_the_classes_that_both_sides_know(student):
    with pytest.raises(LAB["ShapeError"], match="got 3") as caught:
        student.look("check")(3)
    assert caught.value.got == 3  # pyright: ignore
    with pytest.raises(np.linalg.LinAlgError):
        student.look("invert")(np.zeros((2, 2)))


def test_an_error_class_of_the_students_is_one_in_a_test(candidate):
    candidate.run("class Odd(KeyError): pass\ndef f(k): raise Odd(k)\ndef same(k): return k is Odd")
    odd, f, same = map(candidate.look, ("Odd", "f", "same"))
    assert issubclass(odd, KeyError)
    with pytest.raises(odd):
        f("k")
    assert same(odd)


def test_a_student_catches_the_labs_error_and_reads_nothing_in_it(student):
    def fail():
        raise LAB["ShapeError"]("a hidden value")

    name, text = student.look("kinds")(fail)
    assert name == "ShapeError"
    assert "hidden" not in text


def notebook(*cells: tuple[str, dict]) -> dict:
    made = []
    for place, (source, grading) in enumerate(cells):
        told = {"grade_id": f"c{place}", "grade": False, "solution": False, **grading}
        made.append({"cell_type": "code", "source": source, "metadata": {"nbgrader": told}})
    return {"cells": made}


def judged(nursery, setup: str, answer: str, *tests: str) -> list[Outcome]:
    """What becomes of the tests of one answer."""
    grading = [
        {"grade": True, "locked": True, "points": 1, "grade_id": f"t{n}-tests"}
        for n in range(len(tests))
    ]
    graded = [*zip(tests, grading, strict=True)]
    cells = [(setup, {"locked": True}), (answer, {"solution": True}), *graded]
    exam = Exam(notebook(*cells))  # pyright: ignore[reportArgumentType]
    steps = [Step(setup, trusted=True), Step(answer)]
    steps += [Step(test, test=f"t{n}") for n, test in enumerate(tests)]
    start = lambda: nursery.candidate(seconds=5.0)  # noqa: E731
    return Examination(exam, start, Times(5, 10, 30)).run(steps)[2:]


PRINTS = "def f(x):\n    print('hidden', x)\n    warnings.warn(f'hidden {x}')\n    return x"


def test_what_a_function_prints_in_a_test_is_on_no_page(nursery):
    test = "print('a test')\nassert f(3) == 3"
    heard = "import io, contextlib\nwith contextlib.redirect_stdout(io.StringIO()) as t: f(3)\n"
    heard += "assert t.getvalue() == 'hidden 3\\n'"
    outcomes = judged(nursery, "import warnings", PRINTS, test, heard)
    assert [outcome.share for outcome in outcomes] == [1, 1]
    assert "a test" in str(outcomes[0].outputs)
    assert "hidden" not in str(outcomes)


def test_a_seed_holds_from_test_to_test_and_no_submission_depends_on_another(nursery):
    setup = "import numpy as np\nnp.random.seed(42)"
    answer = "X = np.random.rand(2)\ndef draw(): return np.random.rand()"
    first = "a = np.random.RandomState(42).rand(4)\nassert X[1] == a[1] and draw() == a[2]\n"
    first += "assert np.random.rand() == a[3]\nnp.random.seed(5)\nx = draw()"
    second = "assert draw() == np.random.RandomState(5).rand(2)[1]"
    for _ in range(2):
        assert [o.share for o in judged(nursery, setup, answer, first, second)] == [1, 1]


FORGE = """
import gc
import numpy as np
from autograder.wire.peer import Peer
peer = next(o for o in gc.get_objects() if isinstance(o, Peer))
def f(): peer.world.news = lambda: {news}; return 1
"""
HARMLESS = {
    "a flood of prints": "([('stdout', 'x' * 10**6)] * 10, [], [])",
    "pieces of nothing": "([('stdout', '')] * 60000, [], [])",
    "warnings of any class": "([], [(('builtins:SystemExit',), '')] * 30000, [])",
    "another generator's state": "([], [], [b'\\1' * 2496 + bytes(11), None])",
    "more generators": "([], [], [None, None, b'x', 5])",
}
ENDS = {
    "a word": "5",
    "a list": "[1]",
    "an attribute of sys": "([('path', 'x')], [], [])",
    "a state of zeros": "([], [], [bytes(2507), None])",
    "an array for a state": "([], [], [np.ones(3), None])",
    "an object for a state": "([], [], [print, None])",
}


@pytest.mark.parametrize("news", HARMLESS.values(), ids=HARMLESS)
def test_forged_news_do_no_harm(candidate, news):
    assert candidate.run(FORGE.format(news=news))[0]
    student = candidate.snapshot()
    student.begin({})
    OLD.seed(3)
    f = student.look("f")
    with contextlib.redirect_stdout(io.StringIO()) as out, warnings.catch_warnings(record=True):
        warnings.simplefilter("always")
        assert f() == 1
    assert len(out.getvalue()) < 101_000
    assert OLD.rand() in np.random.RandomState(3).rand(2000)


@pytest.mark.parametrize("news", ENDS.values(), ids=ENDS)
def test_news_that_make_no_sense_are_the_end_of_the_line(candidate, news):
    assert candidate.run(FORGE.format(news=news))[0]
    student = candidate.snapshot()
    student.begin({})
    f = student.look("f")
    with pytest.raises(Lost, match="no answer"):
        f()


def test_a_test_that_is_skipped_by_a_student_is_not_passed(nursery):
    answer = "import unittest\ndef f(): raise unittest.SkipTest('no')"
    test = "class T(unittest.TestCase):\n    def test_it(self): assert f() == 1\n"
    test += "result = unittest.TextTestRunner(stream=io.StringIO()).run(\n"
    test += "    unittest.defaultTestLoader.loadTestsFromTestCase(T))\n"
    test += "assert result.wasSuccessful()"
    (outcome,) = judged(nursery, "import io, unittest", answer, test)
    assert (outcome.status, outcome.share) == (Status.GRADED, 0)
