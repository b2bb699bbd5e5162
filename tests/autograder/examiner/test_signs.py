"""Does a lab that asks for classes say which signs their objects have, and no other lab any?"""

from autograder.examiner.signs import asks_for_classes, signs_asked_for
from autograder.wire.protocols import HARMLESS

VECTOR = """
class Vector:
    def __init__(self, x): self.x = x
    def __add__(self, other): ...
    __radd__ = __add__
    def norm(self): ...
"""


def test_what_the_classes_of_an_answer_define_is_asked_for():
    assert signs_asked_for([VECTOR]) == {*HARMLESS, "__add__", "__radd__"}
    assert asks_for_classes(["%matplotlib inline", VECTOR])


def test_a_magic_hides_no_class():
    source = f"%matplotlib inline\n{VECTOR}"
    assert asks_for_classes([source]) and "__add__" in signs_asked_for([source])


def test_data_classes_can_be_compared():
    source = "@dataclasses.dataclass(frozen=True)\nclass Point:\n    x: float"
    assert "__eq__" in signs_asked_for([source])


def test_functions_and_what_is_no_python_ask_for_nothing():
    sources = ["def __add__(a, b): ...", "!ls", "x = 1"]
    assert signs_asked_for(sources) == {*HARMLESS} and not asks_for_classes(sources)
