"""What can be done with an object of the other side by Python's signs: loops, places, `a + b`.

An object that a student's function returns may lie: one whose `-` always gives 0 is handed the very
value that a test expects. So of a candidate's objects only harmless signs are believed, and those
that the lab itself asks for: `allowed`.
"""

import functools
from collections.abc import Callable, Collection
from typing import Any

from autograder.wire.terms import WireError

HARMLESS = (
    *("__iter__", "__next__", "__len__", "__getitem__", "__setitem__", "__delitem__"),
    *("__enter__", "__exit__", "__repr__", "__str__"),
)
_BINARY = (
    *("add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "pow"),
    *("and", "or", "xor", "lshift", "rshift"),
)
SIGNS = (
    *HARMLESS,
    *("__contains__", "__reversed__", "__hash__", "__bool__", "__int__", "__float__"),
    *("__complex__", "__index__", "__neg__", "__pos__", "__abs__", "__invert__", "__round__"),
    *("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__"),
    *(f"__{kind}{name}__" for name in _BINARY for kind in ("", "r", "i")),
)
OPEN = HARMLESS[:4]  # what a candidate may do with any object of the examiner's


@functools.lru_cache(maxsize=1000)
def signs_of(kind: type) -> tuple[str, ...]:
    """Which of these a class has, other than as every object has them."""
    own = {name for base in kind.__mro__ if base is not object for name in vars(base)}
    return tuple(sign for sign in SIGNS if sign in own)


def perform(thing: Any, name: str, args: tuple, signs: Collection[str]) -> Any:
    """Do one of these signs. In a list, which is empty for the end of a loop and NotImplemented.

    Raises TypeError for what is none of them.
    """
    if name not in signs:
        raise TypeError(f"Expected a sign that the object has, got {name!r:.40}.")
    try:
        value = getattr(type(thing), name)(thing, *args)
    except StopIteration:
        return []
    return [] if value is NotImplemented else [value]


def with_signs(base: type, name: str, signs: Collection[str], allowed: Collection[str]) -> type:
    """A stand-in class of that name with those of these signs that are allowed."""
    told = {*signs}.intersection(allowed)
    return _with_signs(base, name, tuple(sign for sign in SIGNS if sign in told))


@functools.lru_cache(maxsize=1000)
def _with_signs(base: type, name: str, signs: tuple[str, ...]) -> type:
    """Remembered beyond a submission, so of nothing but what is known."""
    named = name.rpartition(".")[2]
    methods = {sign: _METHODS.get(sign) or _asking(sign) for sign in signs}
    if "__eq__" in methods:
        methods.setdefault("__hash__", base.__hash__)
    return type(named if named.isidentifier() else base.__name__, (base,), methods)


def _ask(self: Any, name: str, *args: Any) -> list:
    found = self._peer.request("perform", self._ref.number, name, args)
    if type(found) is not list or len(found) > 1:
        raise WireError(f"Expected a list of one value, got {type(found).__name__}.")
    return found


def _asking(name: str) -> Callable[..., Any]:
    def sign(self: Any, *args: Any) -> Any:
        found = _ask(self, name, *args)
        return found[0] if found else NotImplemented

    return sign


def _iter(self: Any) -> Any:
    (found,) = _ask(self, "__iter__") or [None]
    if not hasattr(type(found), "__iter__"):
        raise TypeError(f"iter() returned non-iterator of type '{type(found).__name__}'")
    return iter(found) if isinstance(found, list | tuple | range) else found


def _next(self: Any) -> Any:
    found = _ask(self, "__next__")
    if not found:
        raise StopIteration
    return found[0]


def _len(self: Any) -> int:
    (found,) = _ask(self, "__len__") or [None]
    if type(found) is not int or not 0 <= found < 2**63:
        raise TypeError(f"Expected a length, got {found!r:.40}.")
    return found


def _exit(self: Any, *error: Any) -> bool:
    """What went wrong inside stays on its side: it is told of as if all went well."""
    _ask(self, "__exit__", None, None, None)
    return False


_METHODS = {"__iter__": _iter, "__next__": _next, "__len__": _len, "__exit__": _exit}
