"""What stands here for the functions, classes and objects of the other side."""

import functools
import inspect
from collections.abc import Iterator, Sequence
from typing import Any

from autograder.wire.protocols import with_signs
from autograder.wire.terms import Ref, WireError

_BULK = 2**20  # bytes of arguments from which on calls are no longer sent together

Call = tuple[tuple, dict[str, Any]]  # arguments, by place and by name


class Remote:
    """An object of the other side. Its attributes are fetched when they are asked for."""

    def __init__(self, peer: Any, ref: Ref) -> None:
        vars(self).update(_peer=peer, _ref=ref)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") and name.endswith("_"):  # what NumPy, copy and IPython look for
            raise AttributeError(name)
        return self._peer.attribute(self._ref.number, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if self._peer.me == "candidate" and self._ref.kind == "function":
            vars(self)[name] = value  # a note on a function that is passed in
        else:
            self._peer.request("set", self._ref.number, name, value)

    def __delattr__(self, name: str) -> None:
        self._peer.request("delete", self._ref.number, name)

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        memo[id(self)] = copied = self._peer.request("deepcopy", self._ref.number)
        return copied

    def __repr__(self) -> str:
        return f"<{self._ref.kind} {self._ref.name} of the {self._ref.owner}>"


class RemoteCallable(Remote):
    """A function, class or module of the other side."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it there."""
        return self._peer.request("call", self._ref.number, *flat(args, kwargs))

    def each_answer(self, calls: Sequence[Call]) -> Iterator[Any]:
        """Call it there with each (args, kwargs), many in one message."""
        for group in _groups(calls):
            values, failure = self._peer.answers(self._ref.number, group)
            yield from values
            if failure:
                raise failure

    @property
    def __name__(self) -> str:
        return self._ref.name.rpartition(".")[2]

    @property
    def __signature__(self) -> inspect.Signature:
        if self._peer.me == "candidate":  # which sees no more of our functions than that
            return inspect.signature(type(self).__call__.__get__(self))
        told = self._peer.request("signature", self._ref.number)
        try:
            return inspect.Signature([_parameter(*parameter) for parameter in told])
        except (TypeError, ValueError) as error:
            raise WireError(f"Expected the signature of a function: {error}") from error


class RemoteClass(RemoteCallable):
    """A class of the other side."""

    @property
    def __class__(self) -> type:  # what isinstance(Net, type) asks for
        return type

    def __instancecheck__(self, thing: Any) -> bool:
        return self._peer.request("isinstance", thing, self) is True

    def __subclasscheck__(self, kind: Any) -> bool:
        return self._peer.request("issubclass", kind, self) is True

    @property
    def __bases__(self) -> tuple[type, ...]:
        """What issubclass wants to know: those of its bases that are known on both sides."""
        try:
            of_pytorch, names = self._peer.request("bases", self)
            known = [self._peer.classes[name] for name in names if name in self._peer.classes]
        except (TypeError, ValueError) as error:
            raise WireError(f"Expected the bases of a class: {error}") from error
        return *(base for base in of_pytorch if isinstance(base, type)), *known


def stand_in(peer: Any, ref: Ref) -> Remote:
    """What stands for the object that the other side calls by this name."""
    if ref.kind == "class":
        return RemoteClass(peer, ref)
    base = RemoteCallable if ref.kind == "function" else Remote
    if ref.state is None and base is RemoteCallable:
        return RemoteCallable(peer, ref)
    signs, names = _told(ref.state)
    kind = with_signs(base, ref.name, signs, peer.allowed)
    if known := next(filter(None, map(peer.classes.get, names)), None):
        kind = _of_class(kind, known)
    return kind(peer, ref)


def _told(state: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Signs, and names of classes."""
    if state is None:
        return (), ()
    try:
        signs, names = state
        return tuple(s for s in signs if type(s) is str), tuple(n for n in names if type(n) is str)
    except (TypeError, ValueError) as error:
        raise WireError(f"Expected what an object can do: {error}") from error


@functools.lru_cache(maxsize=1000)
def _of_class(kind: type, known: type) -> type:
    """The stand-in's class, which says to `isinstance` that it is of the lab's."""
    return type(kind.__name__, (kind,), {"__class__": known})


def flat(args: tuple, kwargs: dict[str, Any]) -> tuple[tuple, tuple]:
    """All arguments, and the names of the last of them."""
    return (*args, *kwargs.values()), (*kwargs,)


def _parameter(name: str, kind: int, default: tuple) -> inspect.Parameter:
    given = {"default": default[0]} if default else {}
    return inspect.Parameter(name, inspect._ParameterKind(kind), **given)


def _groups(calls: Sequence[Call]) -> Iterator[list[Call]]:
    """The calls, in order, in groups that are not too large for a message."""
    group, bulk = [], 0
    for call in calls:
        size = _size(call)
        if group and bulk + size > _BULK:
            yield group
            group, bulk = [], 0
        group.append(call)
        bulk += size
    if group:
        yield group


def _size(value: object) -> int:
    """Bytes of the arrays and tensors in nested arguments."""
    if isinstance(value, tuple | list):
        return sum(map(_size, value))
    if isinstance(value, dict):
        return _size([*value.values()])
    return 0 if isinstance(value, Remote) else getattr(value, "nbytes", 0)
