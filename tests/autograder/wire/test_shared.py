"""Do the arrays that both sides have stay the same, whatever the other side says of them?"""

import numpy as np
import pytest

from autograder.wire.plain import Ref
from autograder.wire.shared import SharedArrays
from autograder.wire.terms import WireError


def sides() -> tuple[SharedArrays, SharedArrays]:
    made = SharedArrays("examiner"), SharedArrays("candidate")
    for side in made:
        side.begin()
    return made


def sent(ref: Ref) -> Ref:
    """As it arrives: with memory of its own."""
    state = None if ref.state is None else np.array(ref.state)
    return Ref(ref.owner, ref.number, ref.kind, ref.name, state)


def test_what_one_side_writes_the_other_hears_and_it_is_said_once():
    ours, theirs = sides()
    array = np.zeros(3)
    copy = theirs.resolve(sent(ours.refer(array)))
    assert not ours.changed() and not theirs.changed()
    copy += 1
    news = theirs.changed()
    ours.heard(news)
    assert array.tolist() == [1, 1, 1] and not ours.changed() and not theirs.changed()
    array[0] = 7
    theirs.heard(ours.changed())
    assert copy.tolist() == [7, 1, 1]


def test_an_array_goes_home_as_itself_and_says_its_content_only_if_that_is_new():
    ours, theirs = sides()
    array = np.zeros(3)
    copy = theirs.resolve(sent(ours.refer(array)))
    back = theirs.refer(copy)
    assert back.state is None and ours.resolve(back) is array
    copy[1] = 5
    assert ours.resolve(sent(theirs.refer(copy))) is array and array[1] == 5


def test_what_nobody_else_holds_is_not_looked_at():
    ours, _ = sides()
    ours.refer(np.zeros(3))
    (array,) = ours._arrays.values()
    array += 1
    del array
    assert len(ours.changed()) == 1
    (array,) = ours._arrays.values()
    array += 1
    assert not ours.changed()


def test_a_message_that_did_not_go_is_said_again():
    ours, _ = sides()
    array = np.zeros(2)
    ours.refer(array)
    ours.forget()
    assert ours.refer(array).state is array


def test_nothing_is_news_before_anything_is_shared():
    quiet, array = SharedArrays("examiner"), np.zeros(2)
    quiet.refer(array)
    array += 1
    assert quiet.changed() == []


@pytest.mark.parametrize(
    "array",
    [np.zeros(0), np.float64(3), np.zeros(9 * 2**20), np.ma.zeros(2)],
    ids=["empty", "a number", "large", "masked"],
)
def test_other_arrays_are_copied(array):
    assert not sides()[0].shares(array)


def test_too_many_are_copied():
    ours, arrays = sides()[0], [np.zeros(1) for _ in range(10_001)]
    shared = [array for array in arrays if ours.shares(array) and ours.refer(array)]
    assert len(shared) == 10_000 and ours.shares(arrays[0]) and not ours.shares(arrays[-1])


@pytest.mark.parametrize(
    "ref",
    [
        Ref("candidate", 9, "array", "", None),
        Ref("candidate", 9, "array", "", [1, 2]),
        Ref("examiner", 0, "array", "", np.zeros(5)),
        Ref("examiner", 0, "array", "", "text"),
    ],
    ids=["unknown", "no array", "another shape", "text"],
)
def test_a_name_that_makes_no_sense_is_refused(ref):
    ours, array = sides()[0], np.zeros(2)
    ours.refer(array)
    with pytest.raises(WireError, match="Expected"):
        ours.resolve(ref)
    assert not array.any()


@pytest.mark.parametrize(
    "news",
    [[5], [("examiner", 0)], [("examiner", 7, bytes(16))], [("examiner", 0, None)],
     [("examiner", 0, bytes(8))], [([], 0, bytes(16))], [("examiner", 0, np.zeros(2))]],
)  # fmt: skip
def test_news_that_make_no_sense_are_refused(news):
    ours, array = sides()[0], np.zeros(2)
    ours.refer(array)
    with pytest.raises(WireError, match="Expected"):
        ours.heard(news)


def test_what_is_read_only_here_stays_as_it_is():
    ours, _ = sides()
    array = np.zeros(2)
    ours.refer(array)
    array.flags.writeable = False
    ours.heard([("examiner", 0, np.ones(2).tobytes())])
    assert array.tolist() == [0, 0]
