"""PyTorch's generators of random numbers: what is drawn over there is drawn here as well.

The candidate is told each state. The examiner believes none: it looks for the one that it is told
among those that come next, as a state can be made that only gives zeros, to a test as well.
"""

from struct import Struct
from typing import Any

import torch

from autograder.wire.pytorch.places import Place, Places

_DEFAULT = ("examiner", 0)
_HEAD = Struct("<QiiQ")  # the seed, how many numbers are left in the block, whether seeded, next
_BLOCK = 624  # 32-bit numbers
_WORDS = slice(_HEAD.size, _HEAD.size + 8 * _BLOCK)
_MOST_BLOCKS, _MOST_IN_ALL = 1000, 200_000  # that are looked at for one state, and for all


class Draws:
    """The generators among what is shared."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._told: dict[Place, bytes] = {}
        self._left = _MOST_IN_ALL
        places.put(_DEFAULT, torch.default_generator)
        if places.me == "candidate":
            self._told[_DEFAULT] = _state(torch.default_generator)

    def tell(self, generator: torch.Generator) -> tuple[Place, Any]:
        """The place of a generator, and its state."""
        place = self._places.add(generator)
        self._told[place] = _state(generator)
        return place, self._told[place]

    def take(self, place: Place, state: Any) -> torch.Generator:
        """The generator of which this is said. Raises any error where it makes no sense."""
        seed, left, _, position = _HEAD.unpack_from(state)
        self._places.ensure(place, lambda: torch.Generator().manual_seed(seed))
        generator = self._places.find(place, torch.Generator)
        if self._places.me == "candidate":
            _set(generator, state)
        elif left + position in (_BLOCK + 1, 1):
            self._follow(generator, state, seed)
        self._told[place] = _state(generator)
        return generator

    def _follow(self, generator: torch.Generator, state: bytes, seed: int) -> None:
        """Bring it into this state if it comes next, from where it is or from a seed; else only on.

        What was left of a pair of normal numbers is not looked at: it is one number.
        """
        starts = [torch.Generator().manual_seed(seed)]
        if generator.initial_seed() == seed:
            starts.insert(0, torch.Generator().set_state(generator.get_state()))
        for start in starts:
            for _ in range(min(_MOST_BLOCKS, self._left)):
                if _state(start)[_WORDS] == state[_WORDS]:
                    _set(generator, state)
                    return
                _draw_block(start)
                self._left -= 1
        _draw_block(generator)

    def changed(self) -> list[torch.Generator]:
        """Those whose state the other side does not know."""
        generators = self._places.all_of(torch.Generator)
        return [g for g in generators if self._told.get(self._places.add(g)) != _state(g)]

    def forget(self) -> None:
        """Say all again: a message did not go."""
        self._told.clear()


def _state(generator: torch.Generator) -> bytes:
    return generator.get_state().numpy().tobytes()


def _set(generator: torch.Generator, state: bytes) -> None:
    generator.set_state(torch.frombuffer(bytearray(state), dtype=torch.uint8))


def _draw_block(generator: torch.Generator) -> None:
    """Draw what is left of its block of numbers, so that the next one is made."""
    left = _HEAD.unpack_from(_state(generator))[1]
    torch.empty(left, dtype=torch.int32).random_(generator=generator)
