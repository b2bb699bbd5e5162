"""NumPy's generators as plain data: what has to be the same for the same numbers to come.

A state may come from an enemy. NumPy believes what it is told, reads beyond its arrays for a wrong
position, and never ends a draw from a generator that only gives zeros: so a state is looked at.
"""

from typing import Any

import numpy as np

from autograder.wire.terms import WireError

_KINDS = ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")
_MOST_WORDS, _MOST_CHILDREN = 64, 10_000  # of a seed; that were spawned


def state_of(rng: np.random.Generator) -> dict[str, Any]:
    """The state, and the seed that `rng.spawn` makes children from."""
    seed = getattr(rng.bit_generator, "seed_seq", None)
    known = isinstance(seed, np.random.SeedSequence)
    words = (seed.entropy, seed.spawn_key, seed.n_children_spawned) if known else None
    return {**rng.bit_generator.state, "seed": words}


def make_rng(state: Any) -> np.random.Generator:
    """A generator in this state. Raises WireError where it is none."""
    name = state.get("bit_generator") if isinstance(state, dict) else None
    if name not in _KINDS:
        raise WireError(f"Expected one of {', '.join(_KINDS)}, got {name!r:.40}.")
    rng = np.random.Generator(getattr(np.random, name)(_seed(state.get("seed"))))
    set_state(rng, state)
    return rng


def set_state(rng: Any, state: Any) -> None:
    """Bring the generator into this state. Raises WireError where that is none of its own."""
    if not isinstance(rng, np.random.Generator):
        raise WireError(f"Expected the number of a generator, got {type(rng).__name__}'s.")
    try:
        if not _is_sound(state):
            raise ValueError("NumPy would not get on with it")
        rng.bit_generator.state = {key: state[key] for key in state if key != "seed"}
        _catch_up(rng, state.get("seed"))
    except (TypeError, ValueError, KeyError, IndexError, OverflowError, AttributeError) as error:
        raise WireError(f"Expected a state of this generator: {error}.") from error


def _is_sound(state: dict[str, Any]) -> bool:
    """False for a state that NumPy takes and that no seed gives."""
    inner = state["state"]
    if state["bit_generator"] == "MT19937":
        return 0 <= inner["pos"] <= 624 and bool(np.any(inner["key"]))
    if state["bit_generator"] == "Philox":
        return 0 <= state["buffer_pos"] <= 4
    return state["bit_generator"] == "SFC64" or inner["inc"] % 2 == 1


def _seed(words: Any) -> np.random.SeedSequence:
    if words is None:
        return np.random.SeedSequence(0)
    try:
        entropy, key, _ = words
        if not all(map(_is_small, (entropy, key))):
            raise ValueError("too long a seed")
        return np.random.SeedSequence(entropy, spawn_key=key)
    except (TypeError, ValueError, OverflowError) as error:
        raise WireError(f"Expected the seed of a generator: {error}.") from error


def _is_small(value: Any) -> bool:
    return isinstance(value, int) or (isinstance(value, tuple | list) and len(value) < _MOST_WORDS)


def _catch_up(rng: np.random.Generator, words: Any) -> None:
    """Children that were spawned over there are not spawned here again."""
    seed = getattr(rng.bit_generator, "seed_seq", None)
    if words is not None and isinstance(seed, np.random.SeedSequence):
        missing = min(words[2], _MOST_CHILDREN) - seed.n_children_spawned
        seed.spawn(max(missing, 0))
