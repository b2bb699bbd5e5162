"""Are objects of the other side looped over as they are there, and looked into no further?"""

import pytest

from autograder.wire.protocols import HARMLESS, SIGNS, perform, signs_of, with_signs
from autograder.wire.terms import WireError


class Base:
    """A stand-in whose other side answers what it is told to."""

    def __init__(self, answers: list) -> None:
        self._peer, self._ref, self.answers = self, self, answers
        self.number = 0

    def request(self, *content: object) -> object:
        return self.answers.pop(0)


def stand_in(*signs: str) -> type:
    """A class with those of these signs that any lab believes."""
    return with_signs(Base, "Base", signs, HARMLESS)


def test_what_an_object_has_is_what_its_stand_in_has():
    assert signs_of(type(iter([]))) == ("__iter__", "__next__")
    assert signs_of(object) == ()
    kind = stand_in("__len__", "__del__", "__class__", "__add__")
    assert "__len__" in vars(kind)
    assert not {"__del__", "__iter__", "__add__"} & vars(kind).keys()
    assert "__add__" in vars(with_signs(Base, "Net", ("__add__",), SIGNS))
    assert bool(stand_in("__iter__")([]))  # asks nobody


def test_no_more_is_remembered_of_an_object_than_what_is_believed():
    first = with_signs(Base, "Net", ("x" * 1000, "__len__", "__add__"), HARMLESS)
    assert first is with_signs(Base, "Net", ("__len__", "y" * 1000), HARMLESS)


def test_a_stand_in_is_called_as_the_class_over_there():
    assert with_signs(Base, "make.<locals>.Net", (), HARMLESS).__name__ == "Net"
    assert with_signs(Base, "no name", (), HARMLESS).__name__ == "Base"


def test_an_object_is_equal_to_what_it_says_only_where_the_lab_asks_for_that():
    liar = stand_in("__eq__", "__hash__", "__bool__")([[True], [True]])
    assert liar != 5 and liar.answers == [[True], [True]]
    honest = with_signs(Base, "Vector", ("__eq__",), SIGNS)([[True], []])
    assert honest == 5 and honest != 6 and hash(honest) == hash(honest)


def test_a_loop_ends_where_it_ends_there():
    loop = iter([1, [], None])
    assert [perform(loop, "__next__", (), HARMLESS) for _ in range(4)] == [
        [1], [[]], [None], [],
    ]  # fmt: skip
    answers = stand_in("__iter__", "__next__")([])
    answers.answers[:] = [[answers], [1], [None], []]
    assert list(answers) == [1, None]


@pytest.mark.parametrize("answer", [None, 1, "ab", [1, 2], (1,)])
def test_an_item_that_is_none_is_refused(answer):
    with pytest.raises(WireError):
        next(stand_in("__next__")([answer]))


@pytest.mark.parametrize("answer", [-1, 2**63, 1.0, "3", None, True])
def test_a_length_that_is_none_is_refused(answer):
    with pytest.raises(TypeError):
        len(stand_in("__len__")([[answer]]))


@pytest.mark.parametrize("name", ["__class__", "__reduce__", "append", "__len__", "__add__"])
def test_nothing_else_is_done(name):
    with pytest.raises(TypeError, match="Expected a sign"):
        perform([1], name, (), ("__iter__",))


def test_a_sign_that_does_not_fit_is_none():
    assert perform(5, "__add__", ("a",), SIGNS) == []
    assert perform({"a": 1}, "__getitem__", ("a",), SIGNS) == [1]
