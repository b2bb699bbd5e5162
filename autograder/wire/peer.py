"""Two processes that call each other's functions with plain data.

Each side keeps its own objects and knows those of the other by number. A call sends arguments and
waits; until the answer comes, the other side may call back. What a function does to the arrays,
lists, dicts, sets and generators that it is given comes back with its answer, for all to see.
"""

import contextlib
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from autograder.wire.changes import carry_over, change_of, containers
from autograder.wire.errors import error_of, said
from autograder.wire.frames import Closed, Late, receive, send
from autograder.wire.plain import LIMITS, Ref, WireError, decode, encode
from autograder.wire.protocols import perform, protocols_of, with_protocols
from autograder.wire.pytorch.lazy import PyTorch
from autograder.wire.rngs import has_moved, make_rng, packed, set_state, state_of, unpacked
from autograder.wire.terms import TORCH_KINDS

_MOST_THINGS = 20_000  # of the other side that are kept in mind
_BULK = 2**20  # bytes of arguments from which on calls are no longer sent together

Call = tuple[tuple, dict[str, Any]]  # arguments, by place and by name


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
        return self._peer.request("call", self._ref.number, *_flat(args, kwargs))

    def each_answer(self, calls: Sequence[Call]) -> Iterator[Any]:
        """Call it there with each (args, kwargs), many in one message."""
        for group in _groups(calls):
            values, failure = self._peer.answers(self._ref.number, group)
            yield from values
            if failure:
                raise failure


class RemoteClass(RemoteCallable):
    """A class of the other side."""

    def __instancecheck__(self, thing: Any) -> bool:
        return self._peer.request("isinstance", thing, self) is True

    @property
    def __bases__(self) -> tuple[type, ...]:
        """What issubclass wants to know: those of its bases that are known on both sides."""
        found = self._peer.request("bases", self)
        known = isinstance(found, tuple) and all(isinstance(base, type) for base in found)
        return found if known else ()


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
        self._torch = PyTorch(me, self.request)
        self._verbs = {"call": self._call, "perform": self._perform, **(more or {})}
        if me == "candidate":
            self._verbs |= {"get": self._get, "each": self._each}
            self._verbs |= {"isinstance": isinstance, "bases": self._torch.bases}
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

    def request(self, verb: str, *content: Any, calls: int = 1) -> Any:
        """Ask the other side for something, which calls its code so often; return its answer."""
        arrays: list[np.ndarray] = []
        self._send((verb, *content), arrays)
        while True:
            (kind, *answer), theirs = self._receive()
            if kind == "returned":
                value, *more = answer or [None]
                if more:
                    written, changed, _ = _shaped(more, dict, dict, list)
                    _write_over(written, arrays)
                    carry_over(changed, containers(content))
                return value
            if kind == "raised":
                raise self._error(answer)
            self._answer(kind, answer, theirs)

    def answers(self, number: int, calls: list[Call]) -> tuple[list, Exception | None]:
        """What their function answers to each call, up to the first that raises, and its error."""
        flat = tuple(_flat(*call) for call in calls)
        answer = self.request("each", number, flat, calls=len(calls))
        values, said = _shaped(list(_shaped([answer], tuple)[0]), list, tuple)
        missing = len(calls) - len(values)
        if missing < 0 or bool(missing) != bool(said):
            raise WireError(f"Peer: expected {len(calls)} answers, got {len(values)}.")
        return values, self._error(said) if said else None

    def serve(self) -> None:
        """Answer requests until the other side is gone."""
        with contextlib.suppress(Closed):
            while True:
                (verb, *content), arrays = self._receive()
                self._answer(verb, content, arrays)

    def _answer(self, verb: str, content: list, arrays: list[np.ndarray]) -> None:
        before = [array.tobytes() for array in arrays]
        rngs = [(rng, state_of(rng)) for rng in self._rngs]
        try:
            boxes = [(box, box.copy()) for box in containers(content)]
            with self._torch.as_asked():
                value = self._verb(verb)(*content)
            pairs = enumerate(zip(arrays, before, strict=True))
            written = {i: array for i, (array, old) in pairs if array.tobytes() != old}
            changed = {i: new for i, pair in enumerate(boxes) if (new := change_of(*pair))}
            moved = [rng for rng, old in rngs if has_moved(rng, old)]
            news = (written, changed, moved)
            self._send(("returned", value, *(news if any(news) else ())))
        except (Closed, Late):
            raise
        except self._answerable as error:
            self._send(("raised", *self._said(error)))

    def _said(self, error: BaseException) -> tuple[str, str, str, int]:
        """What the other side is told of an own error, which is kept."""
        self._errors.append(error)
        return said(error, own=self.me == "candidate", number=len(self._errors))

    def _error(self, told: Sequence) -> Exception:
        """What to raise for an error that the other side told of."""
        name, text, line, number = _shaped([*told], str, str, str, int)
        return error_of(name, text, line, number, self._errors)

    def _verb(self, name: str) -> Callable:
        verb = self._verbs.get(name) or self._torch.verbs().get(name)
        if verb is None:
            known = ", ".join([*self._verbs, *self._torch.verbs()])
            raise WireError(f"Peer: expected one of {known}, got {name:.40}.")
        return verb

    def _call(self, *content: Any) -> Any:
        number, values, names = _shaped([*content], int, tuple, tuple)
        function, by_place = self._known(number), len(values) - len(names)
        return function(*values[:by_place], **dict(zip(names, values[by_place:], strict=True)))

    def _each(self, number: int, calls: tuple) -> tuple[list, tuple]:
        """The values of these calls, in order; after the first that raises, what to say of it."""
        values = []
        for call in calls:
            try:
                values.append(self._call(number, *call))
            except (Closed, Late):
                raise
            except self._answerable as error:
                return values, self._said(error)
        return values, ()

    def _get(self, number: int, name: str) -> Any:
        return getattr(self._known(number), name)

    def _perform(self, number: int, name: str, key: Any) -> Any:
        return perform(self._known(number), name, key, trusted=self.me == "candidate")

    def _known(self, number: int) -> Any:
        if not isinstance(number, int) or not 0 <= number < len(self._own):
            raise WireError(f"Peer: expected the number of an object, got {number!r:.40}.")
        return self._own[number]

    def _send(self, message: tuple, arrays: list[np.ndarray] | None = None) -> None:
        try:
            news = self._torch.news(message[0])
            data = self._encoded((*message, news), arrays)
        except Exception as error:
            self._torch.forget()
            if message[0] != "raised":
                if isinstance(error, WireError) and self.me == "examiner":
                    raise TypeError(str(error)) from error  # the test's mistake, not an answer's
                raise
            data = self._encoded((*message, None), arrays)  # that can be said in any case
        send(self.socket, data, deadline=self.deadline)

    def _encoded(self, message: tuple, arrays: list[np.ndarray] | None) -> bytes:
        return encode(message, self._refer, arrays=arrays, keeps=self._torch.keeps)

    def _receive(self) -> tuple[list, list[np.ndarray]]:
        """The next message, which begins with a word, and the arrays in it."""
        data = receive(self.socket, limit=LIMITS.size, deadline=self.deadline)
        arrays: list[np.ndarray] = []
        self._rngs = []
        message = decode(data, self._resolve, arrays=arrays)
        if not (isinstance(message, tuple) and message and isinstance(message[0], str)):
            raise WireError(f"Peer: expected a message, got {type(message).__name__}.")
        *content, news = message
        self._torch.heard(news)
        return content, arrays

    def _refer(self, thing: object) -> Ref:
        if isinstance(thing, Remote):
            return thing._ref
        if ref := self._torch.refer(thing):
            return ref
        state = packed(state_of(thing)) if isinstance(thing, np.random.Generator) else None
        if id(thing) in self._mirrors:
            return Ref(_other(self.me), self._mirrors[id(thing)], "rng", "Generator", state)
        kind = _kind(thing)
        if kind == "object":
            state = protocols_of(thing)
        return Ref(self.me, self._number(thing), kind, _name(thing), state)

    def _number(self, thing: object) -> int:
        """The number of an own object, which is kept: the id of a lost one may come again."""
        if id(thing) not in self._numbers:
            self._numbers[id(thing)] = len(self._own)
            self._own.append(thing)
        return self._numbers[id(thing)]

    def _resolve(self, ref: Ref) -> Any:
        if ref.kind in TORCH_KINDS:
            return self._torch.resolve(ref)
        if ref.owner == self.me:
            found = self._known(ref.number)
        else:
            if ref.number not in self._theirs:
                if len(self._theirs) >= _MOST_THINGS:
                    raise WireError(f"Peer: expected at most {_MOST_THINGS:,} objects, got more.")
                self._theirs[ref.number] = self._stand_in(ref)
            found = self._theirs[ref.number]
        if ref.kind == "rng":
            set_state(found, unpacked(ref.state))
            self._rngs.append(found)
        return found

    def _stand_in(self, ref: Ref) -> Any:
        if ref.kind == "object":
            names = ref.state if isinstance(ref.state, tuple) else ()
            return with_protocols(Remote, tuple(n for n in names if isinstance(n, str)))(self, ref)
        if ref.kind != "rng":
            return (RemoteClass if ref.kind == "class" else RemoteCallable)(self, ref)
        mirror = make_rng(unpacked(ref.state))
        self._mirrors[id(mirror)] = ref.number
        return mirror


def _flat(args: tuple, kwargs: dict[str, Any]) -> tuple[tuple, tuple]:
    """All arguments, and the names of the last of them."""
    return (*args, *kwargs.values()), (*kwargs,)


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


def _write_over(written: dict, arrays: list[np.ndarray]) -> None:
    """Do to our arrays what was done to their copies."""
    for place, array in written.items():
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
