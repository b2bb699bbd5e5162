"""Does each test start from the names of the lab, as if no other had run?"""

import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from autograder.errors import CourseError
from autograder.examiner.exam import Exam
from tests.autograder.examiner.labs import cell, lab_of

SETUP = """
import numpy as np
from math import pi
table = np.zeros(3)
view = table[:2]
nested = {"rows": [1, 2]}
tools = [np]
steps = 0
def count():
    global steps
    steps += 1
    return len(nested["rows"]) + steps
class Node:
    made = []
    limit = 3
    def __init__(self): Node.made.append(self)
"""
SOLUTION, TEST = ("solution", "def f(): return 1"), ("a", "f()")


def space_of(lab: Exam, name: str = "a") -> dict[str, Any]:
    return lab.space(lab.tests[name])


def wanted(*cells: tuple[str, str], by: str = "a") -> list[str]:
    lab = lab_of(*cells)
    return lab.wanted(lab.tests[by])


def test_what_is_done_to_a_value_is_gone_in_the_next_test():
    lab = lab_of(("locked", SETUP), TEST)
    first = space_of(lab)
    first["table"][0] = 7
    first["nested"]["rows"].append(3)
    first["new"] = first["count"]()
    again = space_of(lab)
    assert again["table"].tolist() == [0, 0, 0]
    assert again["nested"] == {"rows": [1, 2]}
    assert again["count"]() == 3
    assert "new" not in again


def test_what_is_done_to_a_class_is_gone_in_the_next_test():
    lab = lab_of(("locked", SETUP), TEST)
    node = space_of(lab)["Node"]
    node()
    node.limit, node.extra = 9, 1
    again = space_of(lab)["Node"]
    assert again is node and (again.made, again.limit) == ([], 3)
    assert not hasattr(node, "extra")


def test_values_keep_what_they_share():
    space = space_of(lab_of(("locked", SETUP), TEST))
    space["table"][0] = 7
    assert space["pi"] > 3
    assert space["np"] is np
    assert space["tools"] == [np]


def test_the_labs_functions_see_what_a_test_does_to_its_values():
    lab = lab_of(("locked", SETUP), ("a", "nested['rows'].append(3)\nassert count() == 4"))
    for _ in range(2):
        lab.tests["a"].run(space_of(lab))


def test_random_numbers_are_the_same_for_each_submission():
    seeds = "import random, numpy as np\nnp.random.seed(3)\nrandom.seed(3)"
    lab = lab_of(("locked", seeds), TEST)
    draws = []
    for _ in range(2):
        with lab.sitting():
            draws.append((np.random.rand(), random.random()))  # noqa: NPY002
    assert draws[0] == draws[1] == (np.random.RandomState(3).rand(), random.Random(3).random())


MAGIC = "%load_ext autoreload\n%autoreload 2\n%matplotlib inline\n!pip install x\nx = 5"


def test_a_setup_cell_may_have_ipythons_syntax():
    assert space_of(lab_of(("locked", MAGIC), TEST))["x"] == 5


def test_a_test_finds_display_and_a_kernel():
    lab = lab_of(("a", "display(1, 2)\nassert get_ipython() is not None\n%matplotlib inline"))
    assert lab.tests["a"].run(space_of(lab)) is None
    assert wanted(("a", "display(f(1))\n%time f(2)")) == ["f"]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ([("a", "%%bash\nls")], "The test cell of 'a' is a cell of `%%bash`"),
        ([("a", "assert await f(1) == 2")], "outside function.*asyncio.run"),
        ([("a", "return 1")], "The test cell of 'a' is not valid Python"),
        ([("locked", "%%bash\nls")], "The locked cell 'a locked cell' is a cell of"),
        ([("locked", "1 / 0")], "The locked cell 'a locked cell' fails: ZeroDivisionError"),
    ],
)
def test_what_cannot_be_run_is_told_in_a_sentence(cells, said):
    with pytest.raises(CourseError, match=said):
        lab_of(*cells)


def test_a_test_wants_what_it_does_not_bind_itself():
    source = "import math\ndef helper(x): return g(x)\nfor i in [1]: helper(f(i))\nassert 1"
    assert wanted(("a", source)) == ["f", "g"]


def test_a_test_wants_what_the_labs_functions_look_for():
    setup = "def check(x): return again(x)\ndef again(x): return f(x) + g()\nold = 1"
    assert wanted(("locked", setup), ("solution", "old = 2"), ("a", "check(old)")) == [
        "f", "g", "old",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "source",
    ["assert 'f' in globals()", "for name in ['f', 'no word']: eval(name)", "eval('f(1)')"],
)
def test_a_test_wants_names_that_it_looks_up_by_strings(source):
    assert "f" in wanted(("a", source))


LATER = {
    "import math": "math",
    "from numpy.testing import assert_allclose as near": "near",
    "def g(x): return h(x)\ndef h(x): return twice(x)": "g h",
    "class Layer:\n    size = 3\n    def __call__(self, x): return twice(x)": "Layer",
    "class Two(Base): pass": "Two",
    "A, B = 1, 'b'\nC: int = A": "A B C",
    "X = np.arange(4.0).reshape(2, 2)\nD = X + A\nA = 1": "A X",
    "limit = twice(3)": "limit",
    "def g(x): return f(x)": "",
    "class Mine(Answer): pass": "",
    "y = f(1)\nz = y + 1\nw = 2": "w",
    "def g(): return h()\ndef h(): return f()": "",
    "drawn = np.random.rand()": "",
    "drawn = rng.normal()\nn = 1": "n",
    "absent = open('/absent').read()": "",
    "for i in range(3): n = i": "",
    "X = [1]\nX[0] = 2": "",
    "X = {}\nX.update(a=f)": "",
    "value = %time twice(2)": "value",
    "%%bash\nls": "",
}
FIRST = (
    "import numpy as np\nrng = np.random.default_rng(0)\ndef twice(x): return 2 * x\n"
    "class Base: pass"
)


def known(*cells: tuple[str, str]) -> dict[str, Any]:
    """What the lab knows at its test `a` besides what stands at the beginning."""
    first = {*space_of(lab_of(("locked", FIRST), ("a", "")))}
    lab = lab_of(("locked", FIRST), SOLUTION, *cells, ("a", ""))
    return {name: value for name, value in space_of(lab).items() if name not in first}


@pytest.mark.parametrize("source", LATER)
def test_of_a_later_cell_is_known_what_needs_no_student(source):
    assert " ".join(sorted(known(("locked", source)))) == LATER[source]


def test_a_later_cell_is_known_to_later_tests_alone():
    lab = lab_of(SOLUTION, ("a", "near"), ("locked", "near = 1"), ("b", "near"))
    assert (lab.wanted(lab.tests["a"]), lab.wanted(lab.tests["b"])) == (["near"], [])


def test_each_test_has_the_function_that_stands_before_it():
    def version(n: int) -> str:
        return f"def helper(): return {n}"

    lab = lab_of(("locked", version(1)), SOLUTION, ("a", ""), ("locked", version(2)), ("b", ""))
    assert [space_of(lab, name)["helper"]() for name in "aba"] == [1, 2, 1]


def test_a_later_constant_changes_nothing_that_an_earlier_test_sees():
    first = "data = [1]\ndef grow():\n    data.append(2)\n    return len(data)"
    lab = lab_of(("locked", first), SOLUTION, ("a", ""), ("locked", "n = grow()"), ("b", ""))
    assert space_of(lab)["data"] == [1]
    assert space_of(lab, "b")["n"] == 2


def test_a_later_draw_leaves_the_random_numbers_as_they_were():
    np.random.seed(8)  # noqa: NPY002
    known(("locked", "drawn = np.random.rand(5)"))
    assert np.random.rand() == np.random.RandomState(8).rand()  # noqa: NPY002


def test_a_cell_that_is_skipped_defines_nothing():
    skipped = cell("slow = 1", locked=True, grade_id="a")
    skipped["metadata"]["tags"] = ["skip-execution"]
    test = cell("slow", grade_id="a-tests", grade=True, locked=True, points=1)
    lab = Exam({"cells": [skipped, test]})  # pyright: ignore
    assert lab.wanted(lab.tests["a"]) == ["slow"]


STUDENTS = {  # a later cell of the student's in the lab's source, and what of `x` and `f` is hers
    "def f(): return 5": ["f"],
    "x, f = [5], 3": ["f", "x"],
    "x[0] = 5": ["x"],
    "for i in range(3): x.append(i)": ["x"],
    "def set_x():\n    global x\n    x = 5": ["x"],
    "import os as f": [],
    "print(x, f())": [],
    "f.calls = 3": [],
    "f.append(3)": [],
    "def f(:": [],
    "x = %time 5": ["x"],
}


@pytest.mark.parametrize("kind", ["solution", "free"])
@pytest.mark.parametrize("source", STUDENTS)
def test_what_the_lab_lets_students_define_is_theirs(kind, source):
    cells = [("locked", "x = []\ndef f(): pass"), (kind, source), ("a", "x, f, len")]
    assert wanted(*cells) == STUDENTS[source]


def test_what_a_locked_cell_defines_anew_is_the_labs_again():
    cells = [("locked", "x = 1"), ("solution", "x = 2"), ("locked", "x = 3"), ("a", "x")]
    assert wanted(*cells) == []


def test_a_builtin_that_students_define_is_theirs():
    assert wanted(("solution", "def sum(x): return 0"), ("a", "sum([1]), max(1, 2)")) == ["sum"]


def test_the_beginning_does_without_what_it_needs_of_students():
    cells = [("free", "n = 3"), ("locked", "x = n + 1\ny = 1"), ("a", "x, y")]
    assert wanted(*cells) == ["x"]


def test_what_a_free_cell_imports_is_the_tests_own_and_what_it_defines_is_the_students():
    cells = [("free", "import math as m\nk = 2\ndef f(): ..."), ("a", "m.pi, k, f()")]
    assert wanted(*cells) == ["f", "k"]
    assert wanted(("free", "import no_such_module as m"), ("a", "m")) == ["m"]
    assert wanted(("solution", "import math as m"), ("a", "m.pi")) == ["m"]


def left(*cells: tuple[str, str], by: str) -> Sequence[tuple[str, set[str]]]:
    lab = lab_of(*cells)
    return [(test.exercise, names) for test, names in lab.sources(lab.tests[by])]


def test_a_test_finds_what_earlier_tests_have_bound():
    cells = [("a", "x = f(1)\ny = 2"), ("b", "x = 3\nx"), ("c", "x, z")]
    assert left(*cells, by="b") == []
    assert left(*cells, by="c") == [("a", {"x"}), ("b", {"x"})]


def test_a_test_finds_what_cells_after_an_earlier_test_have_bound():
    for kind in ("solution", "free", "locked"):
        assert left(("a", "x = 1"), (kind, "x = 2"), ("b", "x"), by="b") == []
    assert left(("a", "x = 1"), ("free", "y = x"), ("b", "x"), by="b") == [("a", {"x"})]
    assert left(("a", "import os"), ("free", "import os"), ("b", "os"), by="b") == []


def test_a_test_that_may_bind_anything_may_have_bound_what_is_read():
    cells = ("from math import *", "globals()['x'] = 1", "exec('x = 1')")
    for source in cells:
        assert left(("a", source), ("b", "x"), by="b") == [("a", {"x"})]


def test_names_that_are_wanted_for_a_name_of_an_earlier_test_concern_a_test():
    lab = lab_of(("a", "net = Net()"), ("b", "out = net(1)"), ("c", "g(out)"), ("d", "h"))
    found = [lab.concerning(lab.tests[name]) for name in "abcd"]
    assert found == [{"Net"}, {"Net", "net"}, {"Net", "g", "net", "out"}, {"h"}]
