"""Are named tuples of the lab's classes, whoever makes them, and whoever was marked before?"""

import pytest

from tests.autograder.examiner.labs import shares

SETUP = """
from collections import namedtuple
from typing import NamedTuple
class Pair(NamedTuple):
    x: float
    y: float = 0
    def sum(self): return self.x + self.y
"""
RIGHT = """
def f(x): return Pair(x, 2 * x)
def g(pair): return pair.sum() if isinstance(pair, Pair) else None
"""
CELLS = [
    ("locked", SETUP),
    ("solution", RIGHT),
    ("made there", "pair = f(2)\nassert isinstance(pair, Pair) and pair.sum() == 6"),
    ("made here", "assert g(Pair(1, 2)) == 3"),
    ("back and forth", "assert g(f(2)) == 6 and type(f(2)) is Pair"),
]
OTHER = """
Own = namedtuple("Pair", "x y")
def f(x): return Own(x, 2 * x)
def g(pair): return 0
"""


@pytest.mark.parametrize("other", [RIGHT, OTHER])
def test_a_named_tuple_of_the_lab_is_one_on_both_sides(nursery, other):
    answers = [(kind, other if kind == "solution" else text) for kind, text in CELLS]
    shares(nursery, CELLS, answers)
    assert shares(nursery, CELLS) == {"made there": 1, "made here": 1, "back and forth": 1}
