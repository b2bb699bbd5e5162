"""Two processes that call each other's functions with plain data.

Each side keeps its own objects and knows those of the other by number. A call sends arguments and
waits; until the answer comes, the other side may call back. What a function does to the arrays and
generators that it is given comes back with its answer, so that it can be seen.
"""

import contextlib
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograder.wire.errors import error_of, said
from autograder.wire.frames import Closed, Late, receive, send
from autograder.wire.plain import LIMITS, Ref, WireError, decode, encode
from autograder.wire.rngs import make_rng, set_state, state_of

_MOST_THINGS = 20_000  # of the other side that are kept in mind


class Remote:
    """An object of the other side. Its attributes are fetched when they are asked for."""

    def __init__(self, peer: "Peer", ref: Ref) -> None:
        self._peer, self._ref = peer, ref

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # what NumPy, copy and others look for is not there
            raise AttributeError(name)
        return self._peer.request("get", self._ref.number, name)

    def __repr__(self) -> str:
        return f"<{self._ref.kind} {self._ref.name} of the {self._ref.owner}>"


class RemoteCallable(Remote):
    """A function, class or module of the other side."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it there."""
        return self._peer.request("call", self._ref.number, args, kwargs)


class Peer:
    """One end of the line.

    me: "examiner" or "candidate"; more: what can be asked for besides calls and attributes, by
    name. The examiner's functions can be called, but nothing of it can be looked into: from the
    attributes of any object a way leads to all of Python. `deadline` is the moment (of
    `time.monotonic`) until which answers are waited for.
    Requests raise `Late` after it, `Closed` when the other side is gone, WireError when it does not
    keep to the protocol, and what `error_of` makes of an error that was raised there.
    """

    def __init__(self, sock: socket.socket, me: str, more: dict[str, Callable] | None = None):
        self.socket, self.me = sock, me
        self.deadline: float | None = None
        self._verbs = {"call": self._call, **(more or {})}
        if me == "candidate":
            self._verbs["get"] = self._get
        # Student code may raise anything; of the examiner's own, Ctrl-C is no answer.
        self._answerable = BaseException if me == "candidate" else Exception
        self._own: list[Any] = []
        self._numbers: dict[int, int] = {}  # id of an own object -> its number
        self._theirs: dict[int, Any] = {}
        self._mirrors: dict[int, int] = {}  # id of a copied generator -> its number over there
        self._errors: list[BaseException] = []  # own ones that the other side was told of
        self._rngs: list[np.random.Generator] = []  # met in the message that was read last

    @contextlib.contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Wait for answers so long in all, and no longer than a limit that holds already."""
        before, limit = self.deadline, time.monotonic() + seconds
        self.deadline = limit if before is None else min(before, limit)
        try:
            yield
        finally:
            self.deadline = before

    def request(self, verb: str, *content: Any) -> Any:
        """Ask the other side for something and return its answer."""
        arrays: list[np.ndarray] = []
        self._send((verb, *content), arrays)
        while True:
            (kind, *answer), theirs = self._receive()
            if kind == "returned":
                value, changed, _ = _shaped(answer, object, dict, list)
                _carry_over(changed, arrays)
                return value
            if kind == "raised":
                name, text, line, number = _shaped(answer, str, str, str, int)
                raise error_of(name, text, line, number, self._errors)
            self._answer(kind, answer, theirs)

    def serve(self) -> None:
        """Answer requests until the other side is gone."""
        with contextlib.suppress(Closed):
            while True:
                (verb, *content), arrays = self._receive()
                self._answer(verb, content, arrays)

    def _answer(self, verb: str, content: list, arrays: list[np.ndarray]) -> None:
        rngs, before = self._rngs, [array.tobytes() for array in arrays]
        try:
            value = self._verb(verb)(*content)
            pairs = enumerate(zip(arrays, before, strict=True))
            changed = {i: array for i, (array, old) in pairs if array.tobytes() != old}
            self._send(("returned", value, changed, rngs))
        except (Closed, Late):
            raise
        except self._answerable as error:
            self._errors.append(error)
            own, number = self.me == "candidate", len(self._errors)
            self._send(("raised", *said(error, own=own, number=number)))

    def _verb(self, name: str) -> Callable:
        if name not in self._verbs:
            raise WireError(f"Peer: expected one of {', '.join(self._verbs)}, got {name:.40}.")
        return self._verbs[name]

    def _call(self, *content: Any) -> Any:
        number, args, kwargs = _shaped([*content], int, tuple, dict)
        return self._known(number)(*args, **kwargs)

    def _get(self, number: int, name: str) -> Any:
        return getattr(self._known(number), name)

    def _known(self, number: int) -> Any:
        if not isinstance(number, int) or not 0 <= number < len(self._own):
            raise WireError(f"Peer: expected the number of an object, got {number!r:.40}.")
        return self._own[number]

    def _send(self, message: tuple, arrays: list[np.ndarray] | None = None) -> None:
        send(self.socket, encode(message, self._refer, arrays=arrays), deadline=self.deadline)

    def _receive(self) -> tuple[list, list[np.ndarray]]:
        """The next message, which begins with a word, and the arrays in it."""
        data = receive(self.socket, limit=LIMITS.size, deadline=self.deadline)
        arrays: list[np.ndarray] = []
        self._rngs = []
        message = decode(data, self._resolve, arrays=arrays)
        if not (isinstance(message, tuple) and message and isinstance(message[0], str)):
            raise WireError(f"Peer: expected a message, got {type(message).__name__}.")
        return list(message), arrays

    def _refer(self, thing: object) -> Ref:
        if isinstance(thing, Remote):
            return thing._ref
        state = state_of(thing) if isinstance(thing, np.random.Generator) else None
        if id(thing) in self._mirrors:
            return Ref(_other(self.me), self._mirrors[id(thing)], "rng", "Generator", state)
        return Ref(self.me, self._number(thing), _kind(thing), _name(thing), state)

    def _number(self, thing: object) -> int:
        """The number of an own object, which is kept: the id of a lost one may come again."""
        if id(thing) not in self._numbers:
            self._numbers[id(thing)] = len(self._own)
            self._own.append(thing)
        return self._numbers[id(thing)]

    def _resolve(self, ref: Ref) -> Any:
        if ref.owner == self.me:
            found = self._known(ref.number)
        else:
            if ref.number not in self._theirs:
                if len(self._theirs) >= _MOST_THINGS:
                    raise WireError(f"Peer: expected at most {_MOST_THINGS:,} objects, got more.")
                self._theirs[ref.number] = self._stand_in(ref)
            found = self._theirs[ref.number]
        if ref.kind == "rng":
            set_state(found, ref.state)
            self._rngs.append(found)
        return found

    def _stand_in(self, ref: Ref) -> Any:
        if ref.kind != "rng":
            return (Remote if ref.kind == "object" else RemoteCallable)(self, ref)
        mirror = make_rng(ref.state)
        self._mirrors[id(mirror)] = ref.number
        return mirror


def _other(side: str) -> str:
    return "examiner" if side == "candidate" else "candidate"


def _kind(thing: object) -> str:
    if isinstance(thing, np.random.Generator):
        return "rng"
    if not callable(thing):
        return "object"
    return "class" if isinstance(thing, type) else "function"


def _name(thing: object) -> str:
    name = getattr(thing, "__qualname__", type(thing).__qualname__)
    return str(name)[:100]


def _carry_over(changed: dict, arrays: list[np.ndarray]) -> None:
    """Do to our arrays what was done to their copies."""
    for place, array in changed.items():
        if not isinstance(place, int) or not 0 <= place < len(arrays):
            raise WireError(f"Peer: expected the place of an argument, got {place!r:.40}.")
        mine = arrays[place]
        if not isinstance(array, np.ndarray) or array.shape != mine.shape:
            raise WireError(f"Peer: expected an array {mine.shape} for argument {place}.")
        if mine.flags.writeable:
            mine[...] = array.astype(mine.dtype)


def _shaped(answer: list, *types: type) -> list:
    if len(answer) != len(types) or not all(map(isinstance, answer, types)):
        got = ", ".join(type(part).__name__ for part in answer)
        raise WireError(f"Peer: expected {', '.join(t.__name__ for t in types)}, got {got:.80}.")
    return answer
