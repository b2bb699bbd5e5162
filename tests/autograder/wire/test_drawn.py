"""Does the examiner take over what was drawn from its generators, and no state that was chosen?"""

import random
import time

import numpy as np
import pytest

from autograder.wire.drawn import Drawn
from autograder.wire.rngs import children_of, make_rng, state_of
from autograder.wire.terms import WireError

MAKE = {
    "PCG64": lambda: np.random.Generator(np.random.PCG64(3)),
    "PCG64DXSM": lambda: np.random.Generator(np.random.PCG64DXSM(3)),
    "RandomState": lambda: np.random.RandomState(3),
    "Random": lambda: random.Random(3),
}


def draw(rng, count: int) -> list[float]:
    return [rng.random() for _ in range(count)]


@pytest.mark.parametrize("name", MAKE)
@pytest.mark.parametrize("count", [0, 1, 5, 2000])
def test_what_is_drawn_over_there_is_drawn_here(name, count):
    mine, there, drawn = MAKE[name](), MAKE[name](), Drawn("examiner")
    for _ in range(2):
        draw(there, count)
        drawn.take(mine, state_of(there), own=True)
        assert state_of(mine) == state_of(there)


@pytest.mark.parametrize("name", MAKE)
def test_a_state_that_does_not_come_next_is_not_taken(name):
    mine, honest, drawn = MAKE[name](), MAKE[name](), Drawn("examiner")
    draw(mine, 1000)
    draw(honest, 1000)
    chosen = state_of(MAKE[name]())
    drawn.take(mine, chosen, own=True)
    after = draw(mine, 1000)
    assert after != draw(MAKE[name](), 1000)
    drawn.take(mine, state_of(honest), own=True)  # nor is any other, from then on
    assert draw(mine, 1) != draw(honest, 1)


def test_other_increments_are_another_generator():
    mine = np.random.default_rng(0)
    state = state_of(mine)
    state["state"] = {**state["state"], "state": 0, "inc": 1}
    Drawn("examiner").take(mine, state, own=True)
    assert mine.bit_generator.state["state"]["inc"] != 1


def test_the_candidate_takes_any_state_and_so_does_a_copy():
    for drawn, own in ((Drawn("candidate"), True), (Drawn("examiner"), False)):
        rng = MAKE["RandomState"]()
        drawn.take(rng, state_of(np.random.RandomState(9)), own=own)
        assert rng.random() == np.random.RandomState(9).random()


def test_what_is_no_generator_has_no_state():
    with pytest.raises(WireError):
        Drawn("examiner").take([], state_of(np.random.default_rng(0)), own=True)
    with pytest.raises(WireError):
        Drawn("examiner").take(np.random.RandomState(0), {"state": b""}, own=True)


def test_children_that_are_said_to_be_spawned_take_no_time():
    states = [state_of(np.random.default_rng(seed)) for seed in range(500)]
    drawn, begun = Drawn("examiner"), time.process_time()
    for state in states:
        rng = make_rng(state)
        drawn.take(rng, {**state, "seed": (0, (), 10_000)}, own=False)
        made = make_rng({**state, "seed": (0, (), 10_000)})
        assert children_of(made) == 10_000
    assert time.process_time() - begun < 5


def test_children_that_were_spawned_over_there_are_not_spawned_again():
    mine, there = np.random.default_rng(0), np.random.default_rng(0)
    there.spawn(3)
    Drawn("examiner").take(mine, state_of(there), own=True)
    assert mine.spawn(1)[0].random() == there.spawn(1)[0].random()
