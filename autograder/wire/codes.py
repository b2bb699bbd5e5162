"""What a message is made of: the codes of extension values, and what may be a key."""

from collections import Counter, OrderedDict, defaultdict
from operator import eq
from struct import Struct
from types import NoneType
from typing import Any

import numpy as np

from autograder.wire.terms import Limits, WireError

(LIST, TUPLE, DICT, SET, FROZENSET, SLICE, RANGE, NUMPY_TEXT, REF) = range(9)  # with parts
(INT, COMPLEX, ELLIPSIS, DTYPE, TYPE, SCALAR, ARRAY, TENSOR, SAME) = range(9, 18)
NAMED, DICT_OF = 18, 19  # with parts

SCALARS = tuple(np.dtype(char).type for char in "?bhilqBHILQefdgFDG")
SCALAR_CODES = {kind: bytes([i]) for i, kind in enumerate(SCALARS)}
TYPES = (bool, int, float, complex, str, bytes, list, tuple, dict, set, *SCALARS, np.ndarray)
TYPE_CODES = {kind: bytes([i]) for i, kind in enumerate(TYPES)}
DICTS = (OrderedDict, Counter, defaultdict)
_KEYS = (NoneType, bool, int, float, complex, str, bytes, np.generic)
NATIVE = frozenset({NoneType, bool, int, float, str, bytes})  # as msgpack gives them
PACKED = NATIVE - {int}  # as it takes them; integers may be too large
INT_BITS = 4096
_SAME_HASH = 64  # so many keys of one hash are no accident
TWO_FLOATS = Struct("<dd")
NUMBER = Struct("<I")


def check_keys(keys: list[Any], left: int) -> int:
    """How many more keys the message may have, or WireError."""
    if len(keys) > left:
        raise WireError("A message has too many keys of dicts and sets; try a list or an array.")
    for key in keys:
        if type(key) is not str and not _is_key(key):
            raise WireError(
                "Expected numbers, text, None, or tuples of these as keys and in sets, "
                f"got {type(key).__name__}."
            )
    return left - len(keys)


def _is_key(value: Any) -> bool:
    kind = type(value)  # isinstance would ask the object
    if issubclass(kind, (tuple, frozenset)):
        return all(map(_is_key, value))
    return issubclass(kind, _KEYS)


def crowded(keys: list[Any]) -> bool:
    """Whether many keys share a hash, which would make a dict of them slow."""
    if len(keys) <= _SAME_HASH:
        return False
    hashes = sorted(map(hash, keys))
    return any(map(eq, hashes, hashes[_SAME_HASH:]))


def check_range(value: range, limits: Limits) -> range:
    """The same, unless who loops over it would not come to an end."""
    if value[limits.items :]:
        raise WireError(f"Expected a range of at most {limits.items:,} numbers, got a longer one.")
    return value
