"""Named tuples, which are plain data but for their class: each side has one of its own."""

import functools
from collections import namedtuple
from typing import Any

from autograder.wire.terms import LONGEST_NAME, WireError

_MOST_FIELDS = 100
_own: dict[tuple[str, tuple[str, ...]], type] = {}  # classes of this side that have crossed


def is_named(kind: type) -> bool:
    """Whether this is a class of named tuples."""
    fields = vars(kind).get("_fields")
    return issubclass(kind, tuple) and type(fields) is tuple and len(fields) <= _MOST_FIELDS


def name_of(kind: Any) -> tuple[str, tuple[str, ...]]:
    """By what the other side knows the class, which is remembered."""
    name = kind.__name__[:LONGEST_NAME], kind._fields
    _own[name] = kind
    return name


def named(name: Any, fields: Any, values: list[Any]) -> tuple:
    """A tuple of these values, of the class of that name. Raises WireError where none can be."""
    if type(name) is not str or type(fields) is not tuple or len(fields) != len(values):
        raise WireError("Expected a name, fields and their values.")
    if not len(fields) <= _MOST_FIELDS or any(type(field) is not str for field in fields):
        raise WireError(f"Expected at most {_MOST_FIELDS} names of fields.")
    return tuple.__new__(_own.get((name, fields)) or _made(name, fields), values)


@functools.lru_cache(maxsize=1000)
def _made(name: str, fields: tuple[str, ...]) -> type:
    try:
        return namedtuple(name, fields)
    except ValueError as error:
        raise WireError(f"Expected a named tuple: {error}") from error
