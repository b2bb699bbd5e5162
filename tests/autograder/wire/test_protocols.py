"""Are objects of the other side looped over as they are there, and looked into no further?"""

import pytest

from autograder.wire.protocols import perform, protocols_of, with_protocols
from autograder.wire.terms import WireError


class Base:
    """A stand-in whose other side answers what it is told to."""

    def __init__(self, answers: list) -> None:
        self._peer, self._ref, self.answers = self, self, answers
        self.number = 0

    def request(self, *content: object) -> object:
        return self.answers.pop(0)


def test_what_an_object_has_is_what_its_stand_in_has():
    assert protocols_of(iter([])) == ("__iter__", "__next__")
    assert protocols_of(object()) is None
    kind = with_protocols(Base, ("__len__", "__del__", "__class__"))
    assert "__len__" in vars(kind) and not {"__del__", "__iter__"} & vars(kind).keys()
    assert with_protocols(Base, ()) is Base
    assert bool(with_protocols(Base, ("__iter__",))([]))  # asks nobody


def test_a_loop_ends_where_it_ends_there():
    loop = iter([1, [], None])
    assert [perform(loop, "__next__", None, trusted=False) for _ in range(4)] == [
        [1], [[]], [None], [],
    ]  # fmt: skip
    kind = with_protocols(Base, ("__iter__", "__next__"))
    answers = kind([])
    answers.answers[:] = [answers, [1], [None], []]
    assert list(answers) == [1, None]


@pytest.mark.parametrize("answer", [None, 1, "ab", [1, 2], (1,)])
def test_an_item_that_is_none_is_refused(answer):
    with pytest.raises(WireError):
        next(with_protocols(Base, ("__next__",))([answer]))


@pytest.mark.parametrize("answer", [-1, 2**63, 1.0, "3", None, True])
def test_a_length_that_is_none_is_refused(answer):
    with pytest.raises(TypeError):
        len(with_protocols(Base, ("__len__",))([answer]))


@pytest.mark.parametrize(
    ("thing", "name", "key"),
    [
        ([1], "__class__", None),
        ([1], "__contains__", 1),
        (object(), "__len__", None),
        (type("Odd", (), {"__len__": len, "__call__": print})(), "__len__", None),
    ],
    ids=["a class", "another sign", "none of it", "a function"],
)
def test_nothing_else_is_done(thing, name, key):
    with pytest.raises(WireError, match="Expected one of"):
        perform(thing, name, key, trusted=True)


def test_the_examiners_things_give_no_items_by_name():
    with pytest.raises(TypeError, match="number of an item"):
        perform(vars(Base), "__getitem__", "request", trusted=False)
    assert perform({"a": 1}, "__getitem__", "a", trusted=True) == 1
