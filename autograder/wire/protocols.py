"""What can be done with an object of the other side by Python's signs: loops, places, lengths."""

import functools
from typing import Any

from autograder.wire.terms import WireError

_NAMES = ("__iter__", "__next__", "__len__", "__getitem__")


def protocols_of(thing: object) -> tuple[str, ...] | None:
    """Which of these its type has; None without any."""
    return tuple(name for name in _NAMES if hasattr(type(thing), name)) or None


def perform(thing: Any, name: str, key: Any, *, trusted: bool) -> Any:
    """Do one of these; the next item is in a list, which is empty at the end of a loop.

    trusted: whether the other side is. Else it may not look into things by names.
    Raises WireError for what is none of these.
    """
    if name not in (protocols_of(thing) or ()) or callable(thing):
        raise WireError(f"Expected one of {', '.join(_NAMES)}, got {name!r:.40}.")
    if name == "__next__":
        try:
            return [next(thing)]
        except StopIteration:
            return []
    if name == "__getitem__":
        if not trusted and type(key) is not int:
            raise TypeError(f"Expected the number of an item, got {type(key).__name__}.")
        return thing[key]
    return iter(thing) if name == "__iter__" else len(thing)


@functools.lru_cache(maxsize=100)
def with_protocols(base: type, names: tuple[str, ...]) -> type:
    """The class with those of these methods."""
    methods = {name: _METHODS[name] for name in _NAMES if name in names}
    return type(base.__name__, (base,), methods) if methods else base


def _ask(self: Any, name: str, key: Any = None) -> Any:
    return self._peer.request("perform", self._ref.number, name, key)


def _iter(self: Any) -> Any:
    found = _ask(self, "__iter__")
    if not hasattr(type(found), "__iter__"):
        raise TypeError(f"iter() returned non-iterator of type '{type(found).__name__}'")
    return iter(found) if isinstance(found, list | tuple | range) else found


def _next(self: Any) -> Any:
    found = _ask(self, "__next__")
    if not isinstance(found, list) or len(found) > 1:
        raise WireError(f"Expected the next item, got {type(found).__name__}.")
    if not found:
        raise StopIteration
    return found[0]


def _len(self: Any) -> int:
    found = _ask(self, "__len__")
    if type(found) is not int or not 0 <= found < 2**63:
        raise TypeError(f"Expected a length, got {found!r:.40}.")
    return found


def _item(self: Any, key: Any) -> Any:
    return _ask(self, "__getitem__", key)


_METHODS = {"__iter__": _iter, "__next__": _next, "__len__": _len, "__getitem__": _item}
