"""Python's and NumPy's older generators: Mersenne twisters, by state and by what comes next.

A state may come from an enemy. One can be made that gives any 624 numbers, or zeros for long: so
the examiner takes over only what its own generator gives next (`follow`).
"""

import ctypes
import random
from struct import Struct
from typing import Any

import numpy as np

from autograder.wire.terms import WireError

_STATE = Struct("<2496sH?d")  # 624 words, the place among them, the other number of a normal pair
_WORDS = 624
_AT_ONCE, _MOST_BLOCKS = 64, 2048  # blocks that are looked at, to find where the other side is
_LARGEST_NORMAL = 13.0  # that 53 random bits give
_MEMORY = ctypes.c_char * (4 * (_WORDS + 1))  # the words, and the place


class NumPys:
    """A RandomState; by default that of `np.random.rand` and the like."""

    def __init__(self, rng: np.random.RandomState | None = None) -> None:
        self._rng: Any = np.random.mtrand._rand if rng is None else rng
        self._bits = self._rng._bit_generator
        self._memory = _MEMORY.from_address(self._bits.ctypes.state_address)
        self._paired = False

    def seen(self) -> Any:
        """What is another value after each draw and seed; it is had in no time."""
        words = self._memory.raw
        return (words, self._rng.get_state()[3:]) if self._paired else words

    def get(self) -> bytes:
        """The state. Raises WireError for another kind of generator."""
        kind, words, place, self._paired, normal = self._rng.get_state()[:5]
        if kind != "MT19937":
            raise WireError(f"A RandomState of kind {kind} cannot cross.")
        return _STATE.pack(words.astype("<u4").tobytes(), place, bool(self._paired), normal)

    def put(self, state: bytes) -> None:
        """Bring it into a sound state."""
        words, place, self._paired, normal = _STATE.unpack(state)
        key = np.frombuffer(words, "<u4")
        self._rng.set_state(("MT19937", key, place, int(self._paired), normal))

    def skip(self) -> None:
        """Draw a block of numbers."""
        self._rng.bytes(4 * _WORDS)


class Pythons:
    """A random.Random; by default that of `random.random` and the like."""

    def __init__(self, rng: random.Random | None = None) -> None:
        self._rng: Any = random._inst if rng is None else rng  # pyright: ignore[reportAttributeAccessIssue]
        self._memory = _MEMORY.from_address(id(self._rng) + object.__basicsize__)

    def seen(self) -> Any:
        """What is another value after each draw and seed; it is had in no time."""
        if _IN_MEMORY:
            return self._memory.raw, self._rng.gauss_next
        return self._rng.getstate()

    def get(self) -> bytes:
        """The state."""
        _, (*words, place), normal = self._rng.getstate()
        key = np.array(words, "<u4").tobytes()
        return _STATE.pack(key, place, normal is not None, normal or 0.0)

    def put(self, state: bytes) -> None:
        """Bring it into a sound state."""
        words, place, paired, normal = _STATE.unpack(state)
        key = np.frombuffer(words, "<u4").tolist()
        self._rng.setstate((3, (*key, place), normal if paired else None))

    def skip(self) -> None:
        """Draw a block of numbers."""
        self._rng.randbytes(4 * _WORDS)


Twister = NumPys | Pythons


def _is_in_memory() -> bool:
    """Whether Random keeps its state where CPython 3.11 does: first the place, then the words."""
    if getattr(random.Random, "__basicsize__", 0) < object.__basicsize__ + ctypes.sizeof(_MEMORY):
        return False
    rng = random.Random(5)
    rng.random()
    *words, place = rng.getstate()[1]
    there = _MEMORY.from_address(id(rng) + object.__basicsize__).raw
    return there == np.array([place, *words], np.uint32).tobytes()


_IN_MEMORY = _is_in_memory()
PROCESS: tuple[Twister, ...] = (NumPys(), Pythons())  # that all code draws from


def twister_of(thing: object) -> Twister | None:
    """The generator as a Mersenne twister, if it is one of the older kind."""
    if type(thing) is random.Random:
        return Pythons(thing)
    is_old = type(thing) is np.random.RandomState
    if is_old and isinstance(thing._bit_generator, np.random.MT19937):  # pyright: ignore
        return NumPys(thing)  # pyright: ignore[reportArgumentType]
    return None


def check_twister(state: Any) -> bytes:
    """The state, if it is sound. Raises WireError."""
    if type(state) is bytes and len(state) == _STATE.size and state[-9] in (0, 1):
        words, place, _, normal = _STATE.unpack(state)
        if place <= _WORDS and is_alive(words) and abs(normal) <= _LARGEST_NORMAL:
            return state
    raise WireError("Expected the state of a Mersenne twister.")


def is_alive(words: bytes) -> bool:
    """Whether anything but zeros comes of these words: of the first, one bit counts."""
    return bool(words[3] & 0x80) or any(words[4:])


def follow(twister: Twister, state: Any) -> bool:
    """Bring it into this sound state if that comes next, within some millions of numbers.

    What was left of a pair of normal numbers is not looked at: it is one number.
    """
    words, place, *_ = _STATE.unpack(state)
    own, own_place, *_ = _STATE.unpack(twister.get())
    found = place >= own_place if words == own else _comes_after(own, words)
    if found:
        twister.put(state)
    return found


def _comes_after(own: bytes, words: bytes) -> bool:
    wanted = _tempered(np.frombuffer(words, "<u4"))
    bits = np.random.MT19937()
    key = np.frombuffer(own, "<u4")
    bits.state = {"bit_generator": "MT19937", "state": {"key": key, "pos": _WORDS}}
    for _ in range(_MOST_BLOCKS // _AT_ONCE):
        numbers = np.random.Generator(bits).bytes(4 * _WORDS * _AT_ONCE)
        blocks = np.frombuffer(numbers, "<u4").reshape(-1, _WORDS)
        likely = np.flatnonzero(blocks[:, 0] == wanted[0])
        if any(np.array_equal(blocks[place], wanted) for place in likely):
            return True
    return False


def _tempered(words: np.ndarray) -> np.ndarray:
    """The numbers that a block of these words gives: each of them gives one, and no other."""
    numbers = words.astype(np.uint32)
    numbers ^= numbers >> 11
    numbers ^= (numbers << 7) & np.uint32(0x9D2C5680)
    numbers ^= (numbers << 15) & np.uint32(0xEFC60000)
    return numbers ^ (numbers >> 18)
