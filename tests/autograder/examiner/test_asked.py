"""May a student's object say what it equals only where the lab asks for such an object?"""

import ast

from autograder.examiner.asked import Asked
from autograder.wire.protocols import HARMLESS
from tests.autograder.examiner.labs import shares

VECTOR = """
class Vector:
    def __init__(self, x): self.x = x
    def __eq__(self, other): return self.x == other.x
    def __sub__(self, other): return Vector(self.x - other.x)
"""
CELLS = [
    ("locked", "import numpy as np"),
    ("solution", VECTOR),
    ("vector", "assert Vector(3) - Vector(1) == Vector(2)\nassert not Vector(2) == Vector(3)"),
    ("solution", "def square(x): return x * x"),
    ("square", "assert square(3) == 9 and abs(square(0.1) - 0.01) < 1e-9"),
    ("solution", "def make(x): return Vector(x)\ndef twice(x): return make(2 * x)"),
    ("twice", "v = twice(1)\nassert v == twice(1) and v.x == 2"),
]
LIAR = """
class Liar(Vector):
    __eq__ = lambda self, other: True
    __sub__ = __rsub__ = __abs__ = lambda self, *other: 0.0
def square(x): return Liar(1)
"""


def asked(test: str, *sources: str) -> set[str]:
    trees = [ast.parse("w = twice(1)"), ast.parse(test)]
    return {*Asked(sources, trees).by(trees[1])} - {*HARMLESS}


def test_a_test_may_ask_of_objects_that_its_names_lead_to():
    sources = [VECTOR, "def make(x): return Vector(x)", "def twice(x): return make(2 * x)"]
    assert asked("Vector(1)", *sources) == {"__eq__", "__sub__"}
    assert asked("twice(1)", *sources) == {"__eq__", "__sub__"}
    assert asked("w", *sources) == {"__eq__", "__sub__"}
    assert asked("square(1)", *sources, "def square(x): return x * x") == set()
    assert asked("f(1)", "def f(x):\n    class A:\n        def __add__(self, y): ...\n") == {
        "__add__"
    }
    assert asked("f(1)", "%%bash\nls") == set()


def test_what_is_right_gets_full_marks_and_a_number_that_equals_all_none(nursery):
    assert shares(nursery, CELLS) == {"vector": 1, "square": 1, "twice": 1}
    answers = [(kind, LIAR if "def square" in text else text) for kind, text in CELLS]
    assert shares(nursery, CELLS, answers) == {"vector": 1, "square": 0, "twice": 1}
