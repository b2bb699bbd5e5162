"""Is there one stream of random numbers, and one who listens, for both sides of a line?"""

import contextlib
import io
import random
import sys
import warnings
from collections.abc import Iterator

import numpy as np
import pytest

from autograder.wire.errors import Errors
from autograder.wire.terms import WireError
from autograder.wire.twisters import NumPys, Pythons, check_twister, follow
from autograder.wire.world import CUT, MOST_SAID, CandidatesWorld, ExaminersWorld

LAB = 42  # the seed in a cell that both sides have run


class Pair:
    """Both sides, with generators of their own, and what is said between them."""

    def __init__(self) -> None:
        self.ours, self.theirs = np.random.RandomState(LAB), np.random.RandomState(7)
        self.our_random, self.their_random = random.Random(LAB), random.Random(7)
        us, them = [NumPys(self.ours), Pythons(self.our_random)], NumPys(self.theirs)
        self.us = ExaminersWorld(Errors(open=False), us)
        self.them = CandidatesWorld([them, Pythons(self.their_random)])

    def ask(self) -> None:
        self.them.heard(self.us.news())

    def answer(self) -> None:
        self.us.heard(self.them.news())

    def look(self) -> None:
        self.ask()
        self.answer()


@pytest.fixture
def pair() -> Iterator[Pair]:
    with warnings.catch_warnings(), np.errstate():
        warnings.simplefilter("ignore")
        pair = Pair()
        pair.us.begin()
        yield pair


@pytest.mark.parametrize("draws", [1, 3, 700])
def test_numpys_draws_go_on_where_the_other_side_has_left_off(pair, draws):
    same = np.random.RandomState(5)
    pair.ours.seed(5)
    for draw in (lambda rng: rng.randn(draws), lambda rng: rng.rand(draws)):
        for rng, cross in ((pair.ours, pair.ask), (pair.theirs, pair.answer)):
            np.testing.assert_array_equal(draw(rng), draw(same))
            cross()


def test_pythons_draws_go_on_where_the_other_side_has_left_off(pair):
    same = random.Random("a")
    pair.our_random.seed("a")
    for _ in range(400):
        assert pair.our_random.gauss(0, 1) == same.gauss(0, 1)
        pair.ask()
        assert pair.their_random.random() == same.random()
        pair.answer()


def test_the_seed_in_a_cell_of_the_lab_counts_for_tests(pair):
    pair.theirs.seed(LAB)
    drawn = pair.theirs.rand(1000)
    pair.look()
    same = np.random.RandomState(LAB)
    assert np.array_equal(drawn, same.rand(1000))
    assert pair.ours.rand() == same.rand()


def test_what_an_earlier_test_drew_counts_where_no_cell_has_drawn_since(pair):
    later = ExaminersWorld(Errors(open=False), [NumPys(pair.ours), Pythons(pair.our_random)])
    later.continues(pair.us)
    pair.ours.seed(5)
    pair.ours.rand()
    other = CandidatesWorld([NumPys(pair.theirs), Pythons(pair.their_random)])
    later.begin()
    for _ in range(2):
        other.heard(later.news())
        later.heard(other.news())
    assert pair.theirs.rand() == np.random.RandomState(5).rand(2)[1]


def test_nothing_is_said_where_nothing_is_drawn_and_nobody_listens(pair):
    pair.look()
    pair.them.printed("stdout", "x")
    assert pair.us.news() is None
    assert pair.them.news() is None


def test_nothing_is_shared_before_a_test():
    pair = Pair()
    pair.ours.rand()
    pair.theirs.rand()
    assert pair.us.news() is None
    assert pair.them.news() is None
    pair.us.heard(([("stdout", "x")], [(("builtins:UserWarning",), "x")], [b"no state"]))


def forged(pair: Pair, state: bytes) -> None:
    pair.us.heard(([], [], [state, None]))


def state_of(seed: int) -> bytes:
    return NumPys(np.random.RandomState(seed)).get()


def test_a_state_that_does_not_come_next_is_not_believed(pair):
    pair.look()
    forged(pair, state_of(3))
    assert pair.ours.rand() not in np.random.RandomState(3).rand(2)
    assert pair.ours.rand() in np.random.RandomState(LAB).rand(1000)


@pytest.mark.parametrize("drawn", [0, 1])
def test_numbers_that_were_drawn_do_not_come_again(pair, drawn):
    pair.ours.rand(drawn)
    state = NumPys(pair.ours).get()
    pair.ours.rand(3)
    pair.ask()
    forged(pair, state)
    assert pair.ours.rand() not in np.random.RandomState(LAB).rand(4)


def test_who_lies_moves_the_numbers_of_a_test_once(pair):
    pair.look()
    forged(pair, state_of(3))
    forged(pair, state_of(4))
    assert pair.ours.rand() == np.random.RandomState(LAB).rand(313)[-1]


def test_the_other_half_of_a_pair_of_normal_numbers_is_drawn_once(pair):
    same = np.random.RandomState(5)
    pair.ours.seed(5)
    for rng, cross in [(pair.ours, pair.ask), (pair.theirs, pair.answer)] * 3:
        assert rng.randn() == same.randn()
        cross()


def test_what_the_cells_between_two_tests_drew_counts_more_than_the_first_test(pair):
    us = [NumPys(pair.ours), Pythons(pair.our_random)]
    later, other = ExaminersWorld(Errors(open=False), us), CandidatesWorld([NumPys(pair.theirs)])
    later.continues(pair.us)
    pair.ours.seed(5)
    pair.theirs.seed(9)
    later.begin()
    for _ in range(3):
        other.heard(later.news())
        later.heard(other.news())
    assert pair.theirs.rand() == np.random.RandomState(9).rand()


def test_after_a_lie_the_next_seed_of_a_test_counts(pair):
    pair.ours.seed(5)
    pair.ask()
    pair.theirs.seed(3)
    pair.answer()
    pair.ours.seed(5)
    pair.ask()
    assert pair.theirs.rand() == np.random.RandomState(5).rand()


GOOD = state_of(0)
ZEROS = bytes(3) + b"\x7f" + bytes(2492)  # of the first word, 31 bits are not looked at
SICK = {
    "nothing": b"",
    "a text": "x",
    "a list": [GOOD],
    "a byte more": GOOD + b"0",
    "zeros": ZEROS + GOOD[2496:],
    "a place beyond its words": GOOD[:2496] + b"\x71\x02" + GOOD[2498:],
    "a flag of 7": GOOD[:2498] + b"\7" + GOOD[2499:],
    "no number": GOOD[:2499] + np.float64("nan").tobytes(),
    "an endless number": GOOD[:2499] + np.float64("inf").tobytes(),
    "a normal number of 99": GOOD[:2499] + np.float64(99).tobytes(),
}


@pytest.mark.parametrize("state", SICK.values(), ids=SICK)
def test_a_state_that_no_seed_gives_is_refused(pair, state):
    with pytest.raises(WireError):
        forged(pair, state)
    assert pair.ours.rand() == np.random.RandomState(LAB).rand()


def test_a_sound_state_is_what_it_was():
    assert check_twister(GOOD) is GOOD
    assert follow(NumPys(np.random.RandomState(0)), GOOD)


def test_a_message_that_did_not_go_is_said_again(pair):
    pair.look()
    with contextlib.redirect_stdout(io.StringIO()) as text:
        pair.ours.seed(5)
        pair.us.news()
        pair.us.forget()
        pair.ask()
        pair.them.printed("stdout", "x")
        expected = pair.theirs.rand()
        pair.them.news()
        pair.them.forget()
        pair.answer()
    assert expected == np.random.RandomState(5).rand()
    assert pair.ours.rand() == np.random.RandomState(5).rand(2)[1]
    assert text.getvalue() == "x"


@pytest.mark.parametrize("name", ["stdout", "stderr"])
def test_who_listens_hears_what_is_printed(pair, monkeypatch, name):
    pair.ask()
    pair.them.printed(name, "to nobody")
    monkeypatch.setattr(sys, name, text := io.StringIO())
    pair.ask()
    pair.them.printed(name, "a\ud800\n")
    pair.them.printed({"stdout": "stderr"}.get(name, "stdout"), "elsewhere")
    pair.answer()
    assert text.getvalue() == "a\\ud800\n"


def test_without_a_listener_nothing_is_printed_whatever_is_said(pair, capsys):
    again = Pair()
    again.us.begin()
    again.us.heard(([("stdout", "a hidden value"), ("stderr", "x")], [], []))
    assert capsys.readouterr() == ("", "")


def test_what_is_printed_is_cut_and_says_so(pair):
    with contextlib.redirect_stdout(io.StringIO()) as text:
        pair.ask()
        for _ in range(3):
            pair.them.printed("stdout", "x" * MOST_SAID)
        pair.answer()
        pair.us.heard(([("stdout", "y" * 10**6)] * 10, [], []))
    assert text.getvalue() == "x" * MOST_SAID + CUT


def warn_in(pair: Pair, kind: type[Warning], text: str) -> None:
    pair.ask()
    with pair.them.as_asked():
        warnings.warn(text, kind, stacklevel=1)
    pair.answer()


def test_who_records_warnings_gets_those_of_the_other_side(pair):
    with warnings.catch_warnings(record=True) as log:
        warnings.simplefilter("always")
        warn_in(pair, DeprecationWarning, "old")
    assert [(w.category, str(w.message)) for w in log] == [(DeprecationWarning, "old")]


def test_a_warning_that_is_to_be_an_error_is_one_where_it_is_raised(pair):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pair.ask()
        with pytest.raises(RuntimeWarning), pair.them.as_asked():
            np.exp(np.array([1e9]))


def test_numpys_errors_are_what_they_are_for_the_test(pair):
    with np.errstate(all="raise"):
        pair.ask()
    with pytest.raises(FloatingPointError), pair.them.as_asked():
        np.exp(np.array([1e9]))
    pair.ask()
    with pair.them.as_asked():
        np.exp(np.array([1e9]))


NO_NEWS = {
    "a word": "stdout",
    "too few parts": ([], []),
    "tuples": ((), (), ()),
    "no pairs": ([1], [], []),
    "long pairs": ([("stdout", "x", 1)], [], []),
    "another stream": ([("stdin", "x")], [], []),
    "an attribute": ([("__class__", "x")], [], []),
    "no text": ([("stdout", b"x")], [], []),
    "a warning of no class": ([], [((), "x")], []),
    "a warning of odd names": ([], [((1,), "x")], []),
}


@pytest.mark.parametrize("news", NO_NEWS.values(), ids=NO_NEWS)
def test_what_is_no_news_is_refused(pair, news):
    with pytest.raises(WireError):
        pair.us.heard(news)


@pytest.mark.parametrize("name", ["SystemExit", "KeyError", "UserWarning", "no class"])
def test_a_warning_is_a_warning_whatever_it_says_to_be(pair, name):
    with warnings.catch_warnings(record=True) as log:
        warnings.simplefilter("always")
        pair.us.heard(([], [((f"builtins:{name}",), "x" * 10**5)], []))
    assert issubclass(log[0].category, UserWarning)
    assert len(str(log[0].message)) == 2000
