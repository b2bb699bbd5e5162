"""Does a generator give the same numbers over there, and can none be made that does harm here?"""

import random

import numpy as np
import pytest

from autograder.wire.rngs import (
    has_moved,
    is_rng,
    make_rng,
    packed,
    set_state,
    state_of,
    unpacked,
)
from autograder.wire.terms import WireError

KINDS = ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")


def rng_of(kind: str, seed=7) -> np.random.Generator:
    rng = np.random.Generator(getattr(np.random, kind)(seed))
    rng.random(5, dtype=np.float32)
    return rng


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", [7, 2**127, [1, 2, 3]])
def test_the_same_numbers_and_the_same_children_come(kind, seed):
    rng = rng_of(kind, seed)
    rng.spawn(2)
    same = make_rng(state_of(rng))
    assert same.spawn(1)[0].random() == rng.spawn(1)[0].random()
    assert same.random() == rng.random()
    assert state_of(same)["seed"] == state_of(rng)["seed"]


def test_children_that_were_spawned_there_are_not_spawned_here_again():
    rng = rng_of("PCG64")
    there = make_rng(state_of(rng))
    there.spawn(3)
    set_state(rng, state_of(there))
    assert rng.bit_generator.seed_seq.n_children_spawned == 3  # pyright: ignore


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("MT19937", lambda s: s["state"].update(pos=10**9)),
        ("MT19937", lambda s: s["state"].update(pos=-1)),
        ("MT19937", lambda s: s["state"].update(key=np.zeros(624, np.uint32))),
        ("MT19937", lambda s: s["state"].update(key=np.eye(1, 624, dtype=np.uint32)[0])),
        ("MT19937", lambda s: s["state"].update(key=np.ones(3, np.uint32))),
        ("Philox", lambda s: s.update(buffer_pos=5)),
        ("Philox", lambda s: s.update(buffer_pos=-(2**31))),
        ("PCG64", lambda s: s["state"].update(inc=0)),
        ("PCG64", lambda s: s["state"].update(inc=None)),
        ("PCG64DXSM", lambda s: s["state"].update(inc=2)),
        ("PCG64", lambda s: s.update(state=5)),
        ("PCG64", lambda s: s.update(bit_generator="MT19937")),
        ("PCG64", lambda s: s.update(bit_generator="os")),
        ("PCG64", lambda s: s.update(bit_generator=["PCG64"])),
        ("PCG64", lambda s: s.update(seed=5)),
        ("PCG64", lambda s: s.update(seed=([1] * 10**5, (), 0))),
        ("PCG64", lambda s: s.update(seed=(1, (), "x"))),
        ("PCG64", lambda s: s.pop("state")),
    ],
)
def test_a_state_that_no_seed_gives_is_refused(kind, change):
    state = state_of(rng_of(kind))
    change(state)
    with pytest.raises(WireError):
        make_rng(state)


def test_a_count_of_children_without_end_costs_nothing():
    state = state_of(rng_of("PCG64"))
    state["seed"] = (7, (), 2**63)
    assert make_rng(state).bit_generator.seed_seq.n_children_spawned <= 10_000  # pyright: ignore


@pytest.mark.parametrize("thing", [None, 5, np.random.RandomState, "abc"])
def test_only_a_generator_has_a_state(thing):
    with pytest.raises(WireError, match="number of a generator"):
        set_state(thing, {})


@pytest.mark.parametrize("kind", [np.random.RandomState, random.Random])
def test_the_older_generators_cross_as_well(kind):
    rng = kind(3)
    rng.random()
    before = state_of(rng)
    same = make_rng(unpacked(packed(before)))
    assert (type(same), is_rng(rng)) == (kind, True)
    assert not has_moved(rng, before)
    assert same.random() == rng.random()
    assert has_moved(rng, before)


@pytest.mark.parametrize("name", ["RandomState", "Random"])
@pytest.mark.parametrize("state", [None, b"", bytes(2507), b"\7" * 2507, np.ones(2507)])
def test_a_state_that_is_none_is_refused_by_the_older_generators_too(name, state):
    told = {"bit_generator": name, "state": state}
    with pytest.raises(WireError):
        make_rng(told)
    with pytest.raises(WireError):
        set_state(np.random.default_rng(0), told)
    for rng in (np.random.RandomState(0), random.Random(0)):
        with pytest.raises(WireError):
            set_state(rng, told)


def test_what_only_looks_like_an_older_generator_stays_where_it_is():
    class Loaded(random.Random):
        pass

    other = np.random.RandomState(np.random.PCG64(0))
    assert not any(map(is_rng, (Loaded(0), random.SystemRandom(), other, random, np.random)))
