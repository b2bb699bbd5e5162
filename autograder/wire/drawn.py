"""Generators that cross: what one side draws is drawn on the other as well, and no more than that.

The examiner believes no state of a generator of its own but one that comes next. After any other, a
test would go on with numbers that a student has chosen, zeros for instance.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from autograder.wire.rngs import children_of, set_state
from autograder.wire.terms import WireError
from autograder.wire.twisters import check_twister, follow, twister_of

_MOST_CHILDREN = 10_000  # that are spawned here because they were over there, in all
_MOST_DRAWS = 40  # as a power of two
_MULTIPLIERS = {
    "PCG64": 0x2360ED051FC65DA44385DF649FCCF645,
    "PCG64DXSM": 0xDA942042E4DD58B5,
}
_ALL_BITS = 2**128 - 1


class Drawn:
    """One end's part. me: "examiner" or "candidate"."""

    def __init__(self, me: str) -> None:
        self._trusting = me == "candidate"
        self._children = _MOST_CHILDREN
        self._apart: set[int] = set()  # ids of own ones of which nothing more is believed

    def take(self, rng: Any, state: Any, *, own: bool) -> None:
        """Bring a generator to where it is over there. Raises WireError for no state of it."""
        if self._trusting or not own:
            self._set(rng, state)
        elif id(rng) not in self._apart and not self._follow(rng, state):
            self._apart.add(id(rng))
            _go_on(rng)

    def _set(self, rng: Any, state: Any) -> None:
        before = children_of(rng)
        set_state(rng, state, children=before + self._children)
        self._children -= children_of(rng) - before

    def _follow(self, rng: Any, state: Any) -> bool:
        """Bring it to this state if that comes next; whether it does."""
        if twister := twister_of(rng):
            known = isinstance(state, dict) and state.get("bit_generator") == type(rng).__name__
            return follow(twister, check_twister(state.get("state") if known else None))
        if not isinstance(rng, np.random.Generator):
            raise WireError(f"Expected the number of a generator, got {type(rng).__name__}'s.")
        before = rng.bit_generator.state
        self._set(rng, state)
        now = rng.bit_generator.state
        if _comes_next(before, now):
            return True
        rng.bit_generator.state = before
        return False


def _comes_next(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether draws lead from one state to the other, where that can be found out."""
    multiplier = _MULTIPLIERS.get(before["bit_generator"])
    if multiplier is None:
        return True
    old, new = before["state"], now["state"]
    return old["inc"] == new["inc"] and _leads(old["state"], new["state"], multiplier, old["inc"])


def _leads(place: int, to: int, multiplier: int, plus: int) -> bool:
    """Whether steps x → multiplier · x + plus lead there: the lowest bits say how many."""
    for bit in range(_MOST_DRAWS):
        if place == to:
            return True
        if (place ^ to) >> bit & 1:
            place = (place * multiplier + plus) & _ALL_BITS
        plus = (multiplier + 1) * plus & _ALL_BITS
        multiplier = multiplier * multiplier & _ALL_BITS
    return place == to


def _go_on(rng: Any) -> None:
    """Draw something, as the other side seems to have done."""
    if twister := twister_of(rng):
        twister.skip()
    elif isinstance(rng, np.random.Generator):
        rng.random()
