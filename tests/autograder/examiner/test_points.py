"""Is the value that a test ends in worth what it is worth to nbgrader?"""

import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_output
from nbgrader.utils import determine_grade

from autograder.examiner.points import share_of

VALUES = [
    *(None, True, False, 0, 1, 2, 0.5, -1, -0.5, float("nan"), 1 + 0j, "0.5", b"1", [0.5], (), {}),
    *(np.float64(0.5), np.int64(0), np.bool_(False), np.array(0.5), 10**400 - 10**400),
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_value_is_worth_as_much_as_in_nbgrader(value):
    points = 2.0
    grading = {"grade": True, "solution": False, "points": points, "grade_id": "a"}
    shown = new_output("execute_result", {"text/plain": repr(value)})
    cell = new_code_cell(outputs=[] if value is None else [shown], metadata={"nbgrader": grading})
    assert share_of(value, points) * points == determine_grade(cell)[0]


@pytest.mark.parametrize("value", [3, 2.5, float("inf"), 10**400])
def test_more_than_all_points_is_all_points(value):
    assert share_of(value, 2) == 1


def test_the_share_of_no_points_is_a_number():
    assert share_of(0, 0) == share_of(1, 0) == 1
