"""NumPy's generators as plain data: what has to be the same for the same numbers to come.

A state may come from an enemy. NumPy believes what it is told, reads beyond its arrays for a wrong
position, and never ends a draw from a generator that only gives zeros: so a state is looked at.
"""

import random
from struct import Struct
from typing import Any

import numpy as np

from autograder.wire.terms import WireError
from autograder.wire.twisters import check_twister, is_alive, twister_of

_KINDS = ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")
_OLD = {"RandomState": np.random.RandomState, "Random": random.Random}
_PCG64 = Struct("<16s16sBIQQ")  # its state, and what a seed of one number makes children from
_MOST_WORDS, _MOST_CHILDREN = 64, 10_000  # of a seed; that were spawned


Rng = np.random.Generator | np.random.RandomState | random.Random


def is_rng(thing: object) -> bool:
    """Whether it is a generator whose state can cross."""
    return isinstance(thing, np.random.Generator) or twister_of(thing) is not None


def state_of(rng: Any) -> dict[str, Any]:
    """The state, and the seed that `rng.spawn` makes children from."""
    if twister := twister_of(rng):
        return {"bit_generator": type(rng).__name__, "state": twister.get()}
    seed = getattr(rng.bit_generator, "seed_seq", None)
    known = isinstance(seed, np.random.SeedSequence)
    words = (seed.entropy, seed.spawn_key, seed.n_children_spawned) if known else None
    return {**rng.bit_generator.state, "seed": words}


def packed(state: dict[str, Any]) -> Any:
    """The same in some bytes, if it is of the usual kind: most messages with one are small."""
    if state["bit_generator"] != "PCG64":
        return state
    inner, (entropy, key, children) = state["state"], state["seed"] or (None, None, None)
    if type(entropy) is not int or entropy >= 2**64 or key:
        return state
    large = (inner[name].to_bytes(16, "little") for name in ("state", "inc"))
    return _PCG64.pack(*large, state["has_uint32"], state["uinteger"], entropy, children)


def unpacked(state: Any) -> Any:
    """What `packed` was given; WireError where it was given nothing."""
    if not isinstance(state, bytes):
        return state
    if len(state) != _PCG64.size:
        raise WireError(f"Expected the {_PCG64.size} bytes of a generator, got {len(state)}.")
    inner, inc, has_uint32, uinteger, entropy, children = _PCG64.unpack(state)
    large = {"state": int.from_bytes(inner, "little"), "inc": int.from_bytes(inc, "little")}
    more = {"has_uint32": has_uint32, "uinteger": uinteger, "seed": (entropy, (), children)}
    return {"bit_generator": "PCG64", "state": large, **more}


def has_moved(rng: Rng, before: Any) -> bool:
    """Whether it may be in another state than before, or have other children."""
    try:
        return state_of(rng) != before
    except ValueError:  # arrays, which do not compare as a whole
        return True


def make_rng(state: Any) -> Any:
    """A generator in this state. Raises WireError where it is none."""
    name = state.get("bit_generator") if isinstance(state, dict) else None
    if name not in (*_KINDS, *_OLD):
        raise WireError(f"Expected one of {', '.join([*_KINDS, *_OLD])}, got {name!r:.40}.")
    if name in _OLD:
        old = _OLD[name](0)
        set_state(old, state)
        return old
    rng = np.random.Generator(getattr(np.random, name)(_seed(state.get("seed"))))
    set_state(rng, state)
    return rng


def children_of(rng: Any) -> int:
    """How many have been spawned of it."""
    seed = getattr(getattr(rng, "bit_generator", None), "seed_seq", None)
    return getattr(seed, "n_children_spawned", 0)


def set_state(rng: Any, state: Any, *, children: int = _MOST_CHILDREN) -> None:
    """Bring the generator into this state. Raises WireError where that is none of its own.

    children: as many as have been spawned over there are spawned here, up to so many.
    """
    if twister := twister_of(rng):
        known = isinstance(state, dict) and state.get("bit_generator") == type(rng).__name__
        twister.put(check_twister(state.get("state") if known else None))
        return
    if not isinstance(rng, np.random.Generator):
        raise WireError(f"Expected the number of a generator, got {type(rng).__name__}'s.")
    try:
        if not _is_sound(state):
            raise ValueError("NumPy would not get on with it")
        rng.bit_generator.state = {key: state[key] for key in state if key != "seed"}
        _catch_up(rng, state.get("seed"), children)
    except (TypeError, ValueError, KeyError, IndexError, OverflowError, AttributeError) as error:
        raise WireError(f"Expected a state of this generator: {error}.") from error


def _is_sound(state: dict[str, Any]) -> bool:
    """False for a state that NumPy takes and that no seed gives."""
    inner = state["state"]
    if state["bit_generator"] == "MT19937":
        return 0 <= inner["pos"] <= 624 and is_alive(inner["key"].astype("<u4").tobytes())
    if state["bit_generator"] == "Philox":
        return 0 <= state["buffer_pos"] <= 4
    return state["bit_generator"] == "SFC64" or inner["inc"] % 2 == 1


def _seed(words: Any) -> np.random.SeedSequence:
    if words is None:
        return np.random.SeedSequence(0)
    try:
        entropy, key, count = words
        if not all(map(_is_small, (entropy, key))):
            raise ValueError("too long a seed")
        count = min(count, _MOST_CHILDREN)
        return np.random.SeedSequence(entropy, spawn_key=key, n_children_spawned=count)
    except (TypeError, ValueError, OverflowError) as error:
        raise WireError(f"Expected the seed of a generator: {error}.") from error


def _is_small(value: Any) -> bool:
    return isinstance(value, int) or (isinstance(value, tuple | list) and len(value) < _MOST_WORDS)


def _catch_up(rng: np.random.Generator, words: Any, most: int) -> None:
    """Children that were spawned over there are not spawned here again."""
    seed = getattr(rng.bit_generator, "seed_seq", None)
    if words is not None and isinstance(seed, np.random.SeedSequence):
        missing = min(words[2], most) - seed.n_children_spawned
        seed.spawn(max(missing, 0))
