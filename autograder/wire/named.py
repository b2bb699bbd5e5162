"""Named tuples, which are plain data but for their class: each side has one of its own."""

import functools
from collections import namedtuple
from collections.abc import Callable, Mapping
from typing import Any

from autograder.wire.terms import LAB, LONGEST_NAME, WireError

_MOST_FIELDS, _LONGEST_FIELD = 100, 100
_MOST = 1000  # classes that are remembered

Kind = tuple[str, tuple[str, ...]]  # by what the other side knows a class: its name and fields


class Kinds:
    """The classes of named tuples that one end knows, for as long as it lasts.

    names: gives those of the notebook's cells; a class that both sides define is the own one.
    """

    def __init__(self, names: Callable[[], Mapping[str, Any]] = dict) -> None:
        self._names = names
        self._crossed: dict[Kind, type] = {}

    def note(self, kind: Any) -> Kind:
        """By what the other side knows the class, which is remembered."""
        name = kind.__name__[:LONGEST_NAME], kind._fields
        if len(self._crossed) < _MOST:
            self._crossed[name] = kind
        return name

    def of(self, name: str, fields: tuple[str, ...]) -> type:
        """The class of that name. Raises WireError where there can be none."""
        return self._crossed.get((name, fields)) or self._own(name, fields) or _made(name, fields)

    def _own(self, name: str, fields: tuple[str, ...]) -> type | None:
        found = self._names().get(name)
        if not issubclass(type(found), type):  # a stand-in says that it is one
            return None
        kind: Any = found
        is_meant = kind.__module__ == LAB and is_named(kind) and kind._fields == fields
        return kind if is_meant else None


def is_named(kind: type) -> bool:
    """Whether this is a class of named tuples."""
    fields = vars(kind).get("_fields")
    return issubclass(kind, tuple) and type(fields) is tuple and len(fields) <= _MOST_FIELDS


def named(kinds: Kinds, name: Any, fields: Any, values: list[Any]) -> tuple:
    """A tuple of these values, of the class of that name. Raises WireError where none can be."""
    if type(name) is not str or type(fields) is not tuple or len(fields) != len(values):
        raise WireError("Expected a name, fields and their values.")
    if len(fields) > _MOST_FIELDS or any(type(field) is not str for field in fields):
        raise WireError(f"Expected at most {_MOST_FIELDS} names of fields.")
    if len(name) > LONGEST_NAME or any(len(field) > _LONGEST_FIELD for field in fields):
        raise WireError("Expected short names of a named tuple and its fields.")
    return tuple.__new__(kinds.of(name, fields), values)


@functools.lru_cache(maxsize=1000)
def _made(name: str, fields: tuple[str, ...]) -> type:
    try:
        return namedtuple(name, fields)
    except ValueError as error:
        raise WireError(f"Expected a named tuple: {error}") from error
