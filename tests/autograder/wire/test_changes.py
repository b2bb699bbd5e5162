"""Does what a function does to its containers come back as it was done, and nothing else?"""

import copy
from collections import OrderedDict, defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.wire.changes import carry_over, change_of, containers
from autograder.wire.terms import WireError

ITEMS = st.integers(0, 9)
LISTS, SETS = st.lists(ITEMS, max_size=6), st.sets(ITEMS, max_size=6)
DICTS = st.dictionaries(ITEMS, ITEMS, max_size=6)
BEFORE_AND_AFTER = st.one_of(*(st.tuples(kind, kind) for kind in (LISTS, SETS, DICTS)))


@settings(max_examples=200, deadline=None)
@given(BEFORE_AND_AFTER)
def test_a_change_makes_the_old_one_the_new_one(pair):
    before, after = pair
    change = change_of(after, before)
    assert (change is None) == (before == after)
    if change:
        mine = copy.copy(before)
        carry_over({0: change}, [mine])
        assert mine == after


def test_what_is_not_changed_stays_the_same_thing():
    first, second = [1], [2]
    mine, now = [first, second], [first, second, [3]]
    carry_over({0: change_of(now, mine)}, [mine])
    assert mine == [[1], [2], [3]] and mine[0] is first and mine[1] is second
    weights = {"w": first, "b": second}
    carry_over({0: change_of({"w": first}, weights)}, [weights])
    assert weights == {"w": [1]} and weights["w"] is first


@pytest.mark.parametrize("kind", [OrderedDict, lambda pairs: defaultdict(int, pairs)])
def test_a_dict_of_another_kind_stays_one(kind):
    mine = kind([("a", 1), ("b", 2)])
    carry_over({0: ({"c": 3}, {"a"})}, [mine])
    assert list(mine.items()) == [("b", 2), ("c", 3)] and type(mine) is not dict


def test_containers_are_found_at_any_depth_and_what_is_made_for_a_request_is_none():
    inner, outer, marks = [1], {"a": (2, 3)}, {4}
    outer["b"] = inner  # pyright: ignore
    arguments, options = (outer, (marks, "text")), {"verbose": [inner]}
    found = containers([7, arguments, options, [inner]])
    assert [*map(id, found)] == [*map(id, [outer, inner, marks, options["verbose"], inner, inner])]


@pytest.mark.parametrize(
    ("place", "change"),
    [
        (3, ({}, 0)),
        (-1, ({}, 0)),
        ("0", ({}, 0)),
        (0, ({}, 0, 0)),
        (0, [{}, 0]),
        (0, ({}, {1})),
        (0, ({}, True)),
        (0, ({}, 10**15)),
        (0, ({5: 1}, 3)),
        (1, ({}, 0)),
        (1, ({}, [1])),
        (2, ({1}, [2])),
        (2, ({}, set())),
    ],
)
def test_what_is_no_change_is_refused_and_does_nothing(place, change):
    boxes = [[1], {"a": 1}, {1}]
    with pytest.raises(WireError, match="Expected"):
        carry_over({place: change}, boxes)
    assert boxes == [[1], {"a": 1}, {1}]
