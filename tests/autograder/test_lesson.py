"""What a lesson may look like, and what is refused."""

import re

import pytest

from autograder.errors import CourseError
from autograder.lesson import graded_cells, is_skipped, read_lesson, solution_cells

SOLUTION = """
# %% solution="one"
def one():
    ### BEGIN SOLUTION
    return 1
    ### END SOLUTION
"""
TESTS = """
# %% tests="one" points=2
assert one() == 1
### BEGIN HIDDEN TESTS
assert one() > 0
### END HIDDEN TESTS
"""


def read(tmp_path, text):
    path = tmp_path / "lesson.py"
    path.write_text(text.strip(), encoding="utf-8")
    return read_lesson(path)


def test_markers_become_nbgrader_metadata(tmp_path):
    nb = read(tmp_path, SOLUTION + TESTS)
    answer, test = (c.metadata.nbgrader for c in nb.cells)
    assert answer == {
        "grade": False, "grade_id": "one", "locked": False,
        "schema_version": 3, "solution": True, "task": False,
    }  # fmt: skip
    assert test == {
        "grade": True, "grade_id": "one-tests", "locked": True,
        "points": 2, "schema_version": 3, "solution": False, "task": False,
    }  # fmt: skip
    assert list(solution_cells(nb)) == list(graded_cells(nb)) == ["one"]


def test_no_jupytext_metadata_is_left_that_could_pair_the_notebook(tmp_path):
    nb = read(tmp_path, SOLUTION + TESTS)
    assert set(nb.metadata) == {"kernelspec", "language_info"}
    assert all(set(c.metadata) == {"nbgrader"} for c in nb.cells)


def test_a_new_cell_changes_no_other_id(tmp_path):
    before = [c.id for c in read(tmp_path, "# %%\na = 1\n" + SOLUTION + TESTS).cells]
    after = [c.id for c in read(tmp_path, "# %%\nb = 2\n\n# %%\na = 1\n" + SOLUTION + TESTS).cells]
    assert after[1:] == before
    assert before[1:] == ["one", "one-tests"]


def test_equal_cells_have_different_ids(tmp_path):
    nb = read(tmp_path, "# %%\na = 1\n\n# %%\na = 1\n" + SOLUTION + TESTS)
    assert len({c.id for c in nb.cells}) == len(nb.cells)


def test_explorer_cells_are_skipped_by_graders(tmp_path):
    nb = read(tmp_path, '# %% tags=["skip-execution"]\na = 1\n' + SOLUTION + TESTS)
    assert [is_skipped(c) for c in nb.cells] == [True, False, False]


def test_an_install_magic_survives_the_round_trip(tmp_path):
    nb = read(tmp_path, "# %%\n# %pip install --quiet something\n" + SOLUTION + TESTS)
    assert nb.cells[0].source == "%pip install --quiet something"


def test_answers_and_tests_may_have_magics(tmp_path):
    marker = re.compile("^# %% .*\n", re.MULTILINE)
    nb = read(tmp_path, marker.sub(r"\g<0># %matplotlib inline\n", SOLUTION + TESTS))
    assert [c.source.split("\n")[0] for c in nb.cells] == ["%matplotlib inline"] * 2


REFUSED = {
    "an id used twice": (SOLUTION + SOLUTION + TESTS, "'one' is used 2 times"),
    "a solution without tests": (SOLUTION, "'one' has only one of the two"),
    "tests without a solution": (TESTS, "'one' has only one of the two"),
    "two roles in one cell": (
        SOLUTION.replace('="one"', '="one" locked="x"') + TESTS,
        "solution and locked",
    ),
    "no solution region": (
        SOLUTION.replace("### BEGIN SOLUTION", "#").replace("### END SOLUTION", "#") + TESTS,
        "'one' has no `### BEGIN SOLUTION`",
    ),
    "an unopened region": (SOLUTION.replace("### BEGIN SOLUTION", "#") + TESTS, "do not pair up"),
    "an unclosed region": (SOLUTION.replace("### END SOLUTION", "#") + TESTS, "do not pair up"),
    "no hidden tests": (SOLUTION + TESTS.split("### BEGIN")[0], "no `### BEGIN HIDDEN TESTS"),
    "no points": (SOLUTION + TESTS.replace(" points=2", ""), "points above 0"),
    "a syntax error": (SOLUTION.replace("return 1", "return 1 +") + TESTS, "not valid Python"),
    "a bare expression at the end": (SOLUTION + TESTS + "one() == 1\n", "expression `one() =="),
    "a bare False at the end": (SOLUTION + TESTS + "False\n", "bare expression `False`"),
    "a call at the end": (SOLUTION + TESTS + "one()\n", "bare expression `one()`"),
    "regions in the wrong order": (
        SOLUTION.replace("BEGIN", "x").replace("END", "BEGIN").replace("x", "END") + TESTS,
        "do not pair up",
    ),
    "a region of the other kind": (
        SOLUTION + TESTS.replace("HIDDEN TESTS", "SOLUTION"),
        "do not pair up",
    ),
    "hidden tests in an answer": (
        SOLUTION + "### BEGIN HIDDEN TESTS\n### END HIDDEN TESTS\n" + TESTS,
        "kind of cell",
    ),
    "points that are no number": (
        SOLUTION + TESTS.replace("points=2", 'points="two"'),
        "points above 0",
    ),
    "a name with a space": (
        (SOLUTION + TESTS).replace('"one"', '"o ne"'),
        "not made of 1 to 60 letters",
    ),
    "a misspelt marker": ('# %% lock="setup"\na = 1\n' + SOLUTION + TESTS, "marker 'lock'"),
    "points on an answer": (SOLUTION.replace('="one"', '="one" points=2') + TESTS, "'points'"),
    "no exercise": ("# %%\na = 1\n", "has no exercise"),
    "a stray region": ("# %%\n### BEGIN SOLUTION\n" + SOLUTION + TESTS, "in another kind of cell"),
}


@pytest.mark.parametrize(("text", "words"), REFUSED.values(), ids=list(REFUSED))
def test_a_lesson_is_refused_for(tmp_path, text, words):
    with pytest.raises(CourseError) as refusal:
        read(tmp_path, text)
    assert words in str(refusal.value)


def test_all_problems_are_named_at_once(tmp_path):
    text = SOLUTION.replace("### END SOLUTION", "#") + TESTS.replace(" points=2", "")
    with pytest.raises(CourseError) as refusal:
        read(tmp_path, text)
    assert "pair up" in str(refusal.value)
    assert "points above 0" in str(refusal.value)


def test_a_missing_lesson_says_where_it_was_expected(tmp_path):
    with pytest.raises(CourseError, match="No lesson at"):
        read_lesson(tmp_path / "lesson.py")
