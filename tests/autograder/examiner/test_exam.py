"""Does each test start from the names of the lab, as if no other had run?"""

import numpy as np

from autograder.examiner.exam import Exam

SETUP = """
import numpy as np
from math import pi
table = np.zeros(3)
view = table[:2]
nested = {"rows": [1, 2]}
tools = [np]
def count(): return len(nested["rows"])
"""


def cell(source: str, **grading) -> dict:
    metadata = {"nbgrader": {"grade_id": "a", "grade": False, "solution": False, **grading}}
    return {"cell_type": "code", "source": source, "metadata": metadata}


def exam() -> Exam:
    return Exam({"cells": [cell(SETUP, locked=True), cell("", solution=True)]})  # pyright: ignore


def test_what_is_done_to_a_value_is_gone_in_the_next_test():
    lab = exam()
    first = lab.space()
    first["table"][0] = 7
    first["nested"]["rows"].append(3)
    again = lab.space()
    assert again["table"].tolist() == [0, 0, 0]
    assert again["nested"] == {"rows": [1, 2]}
    assert again["count"]() == 2


def test_values_keep_what_they_share():
    space = exam().space()
    space["table"][0] = 7
    assert space["pi"] > 3
    assert space["np"] is np
    assert space["tools"] == [np]
