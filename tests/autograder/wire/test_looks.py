"""Who may look into which objects, and change what in them?"""

from types import SimpleNamespace

import numpy as np
import pytest

from autograder.wire.looks import Looks


class Net:
    """As a cell of a notebook defines one."""

    def __init__(self):
        self.w, self._key = 1.0, "hidden"

    def __len__(self):
        return 7

    def accuracy(self):
        """What a student would like to replace."""
        return 0.5


Net.__module__ = "__main__"
NET, SPACE = Net(), SimpleNamespace(lr=0.1)
THINGS = [NET, SPACE, np, len, Net, NET.accuracy, Net.accuracy, {"a": 1}.items(), vars(Net), [5]]


def asked(me, verb, *content):
    return Looks(me, THINGS.__getitem__).verbs[verb](*content)


def test_a_candidates_objects_hide_nothing():
    assert asked("candidate", "get", 0, "_key") == "hidden"
    assert asked("candidate", "get", 2, "ndarray") is np.ndarray
    assert asked("candidate", "deepcopy", 0).w == 1.0
    assert asked("candidate", "signature", 0x5)[:1] == []


def test_a_candidate_sees_and_changes_what_an_object_of_the_lab_is_made_of():
    assert asked("examiner", "get", 0, "w") == 1.0 and asked("examiner", "get", 1, "lr") == 0.1
    assert asked("examiner", "get", 0, "accuracy")() == 0.5
    asked("examiner", "set", 1, "lr", 0.2)
    asked("examiner", "set", 1, "new", 3)
    asked("examiner", "delete", 1, "new")
    assert SimpleNamespace(lr=0.2) == SPACE
    assert asked("examiner", "perform", 0, "__len__", ()) == [7]


@pytest.mark.parametrize("name", ["_key", "__class__", "__init__", "__dict__", "__globals__"])
@pytest.mark.parametrize("number", range(len(THINGS)))
def test_a_candidate_gets_no_name_that_leads_further(number, name):
    for verb, more in (("get", ()), ("set", (1,)), ("delete", ())):
        with pytest.raises(AttributeError, match="has no attribute"):
            asked("examiner", verb, number, name, *more)


@pytest.mark.parametrize("number", range(2, len(THINGS)))
def test_a_candidate_looks_into_nothing_else(number):
    name = next((name for name in dir(THINGS[number]) if name[0] != "_"), "any")
    with pytest.raises(AttributeError, match="has no attribute"):
        asked("examiner", "get", number, name)


def test_a_candidate_replaces_no_method():
    for verb, more in (("set", (lambda: 1.0,)), ("delete", ())):
        with pytest.raises(AttributeError, match="cannot be replaced"):
            asked("examiner", verb, 0, "accuracy", *more)
    assert NET.accuracy() == 0.5


def test_a_candidate_asks_for_items_of_open_things_by_number_alone():
    with pytest.raises(TypeError, match="number of an item"):
        asked("examiner", "perform", 8, "__getitem__", ("accuracy",))
    assert asked("examiner", "perform", 9, "__getitem__", (0,)) == [5]
    with pytest.raises(TypeError, match="Expected a sign"):
        asked("examiner", "perform", 9, "__iadd__", (5,))
    assert {"signature", "deepcopy"}.isdisjoint(Looks("examiner", THINGS.__getitem__).verbs)
