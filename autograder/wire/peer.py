"""Two processes that call each other's functions with plain data.

Each side keeps its own objects and knows those of the other by number. A call sends arguments and
waits; until the answer comes, the other side may call back. What a function does to the arrays,
lists, dicts, sets and generators that it is given comes back with its answer, for all to see.
"""

import contextlib
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograder.wire.changes import carry_over, change_of, containers
from autograder.wire.drawn import Drawn
from autograder.wire.errors import Errors, class_names
from autograder.wire.frames import Closed, Late, receive, send
from autograder.wire.lent import Lent, change_there
from autograder.wire.looks import Looks, cell_classes
from autograder.wire.named import Kinds
from autograder.wire.plain import LIMITS, Ref, WireError, decode, encode
from autograder.wire.protocols import HARMLESS, SIGNS
from autograder.wire.pytorch.lazy import PyTorch
from autograder.wire.remotes import Call, Remote, flat, stand_in
from autograder.wire.rngs import (
    Rng,
    has_moved,
    is_rng,
    make_rng,
    packed,
    state_of,
    unpacked,
)
from autograder.wire.shared import SharedArrays
from autograder.wire.terms import TORCH_KINDS
from autograder.wire.world import CandidatesWorld, ExaminersWorld

_MOST_THINGS = 20_000  # of the other side that are kept in mind


class Peer:
    """One end of the line.

    me: "examiner" or "candidate"; more: what can be asked for besides calls and attributes, by
    name. `deadline` is the moment (of `time.monotonic`) until which answers are waited for;
    `allowed` are the signs, such as `__add__`, that the other side's objects may have here, and
    `classes` those of the lab, by name, which its objects may be of.
    Requests raise `Late` after it, `Closed` when the other side is gone, WireError when it does not
    keep to the protocol, and what `error_of` makes of an error that was raised there.
    """

    def __init__(self, sock: socket.socket, me: str, more: dict[str, Callable] | None = None):
        self.socket, self.me = sock, me
        self.deadline: float | None = None
        self._turn = threading.RLock()  # a student may call a function of ours in several threads
        self.allowed = frozenset(HARMLESS if me == "examiner" else SIGNS)
        self.classes: dict[str, type] = {}
        self.shared, self._lent = SharedArrays(me), Lent()
        self._torch, self._looks = PyTorch(me, self.request), Looks(me, self._known)
        self._verbs = {"call": self._call, **self._looks.verbs, **(more or {})}
        if me == "candidate":
            self._verbs |= {"each": self._each, "share": self.shared.begin}
            self._verbs |= {"isinstance": isinstance, "issubclass": issubclass}
            self._verbs |= {"bases": lambda kind: (self._torch.bases(kind), cell_classes(kind))}
        # Student code may raise anything; of the examiner's own, Ctrl-C is no answer.
        self._answerable = BaseException if me == "candidate" else Exception
        self._own: list[Any] = []
        self._numbers: dict[int, int] = {}  # id of an own object -> its number
        self._theirs: dict[int, Any] = {}
        self._mirrors: dict[int, int] = {}  # id of a copied generator -> its number over there
        self.errors = Errors(open=me == "candidate")
        self._kinds = Kinds(lambda: self.errors.names)
        self.world: Any = ExaminersWorld(self.errors) if me == "examiner" else CandidatesWorld()
        self._drawn = Drawn(me)
        self._rngs: list[Rng] = []  # met in the message that was read last
        self._met: deque[Rng] = deque(maxlen=3)  # those that a student's generator may still use

    def allow(self, signs: frozenset[str]) -> None:
        """Let the other side's objects have these signs here, also those that were met before."""
        if signs != self.allowed:
            known = self._theirs.items()
            self._theirs = {n: t for n, t in known if not issubclass(type(t), Remote)}
            self.allowed = signs

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
        with self._turn:
            return self._ask(verb, *content)

    def _ask(self, verb: str, *content: Any) -> Any:
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
                raise self.errors.error_of(answer)
            self._answer(kind, answer, theirs)

    def answers(self, number: int, calls: list[Call]) -> tuple[list, Exception | None]:
        """What their function answers to each call, up to the first that raises, and its error."""
        content = tuple(flat(*call) for call in calls)
        answer = self.request("each", number, content, calls=len(calls))
        values, said = _shaped(list(_shaped([answer], tuple)[0]), list, tuple)
        missing = len(calls) - len(values)
        if missing < 0 or bool(missing) != bool(said):
            raise WireError(f"Peer: expected {len(calls)} answers, got {len(values)}.")
        return values, self.errors.error_of(said) if said else None

    def attribute(self, number: int, name: str) -> Any:
        """Of an object of the other side."""
        value = self.request("get", number, name)
        return self._lent.note(number, name, value) if self.shared.active else value

    def serve(self) -> None:
        """Answer requests until the other side is gone."""
        with contextlib.suppress(Closed):
            while True:
                (verb, *content), arrays = self._receive()
                self._answer(verb, content, arrays)

    def _answer(self, verb: str, content: list, arrays: list[np.ndarray]) -> None:
        before = [array.tobytes() for array in arrays]
        met = self._met if verb == "perform" else self._rngs
        rngs = [(rng, state_of(rng)) for rng in met]
        try:
            boxes = [(box, box.copy()) for box in containers(content)]
            with self._torch.as_asked(), self.world.as_asked():
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
            if isinstance(error, WireError) and self.me == "examiner":
                # As itself it would end the line when student code lets it pass.
                error = TypeError(str(error))
            self._send(("raised", *self.errors.said(error)))

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
                return values, self.errors.said(error)
        return values, ()

    def _known(self, number: int) -> Any:
        if not isinstance(number, int) or not 0 <= number < len(self._own):
            raise WireError(f"Peer: expected the number of an object, got {number!r:.40}.")
        return self._own[number]

    def _send(self, message: tuple, arrays: list[np.ndarray] | None = None) -> None:
        try:
            news = self._torch.news(message[0])
            more = self.world.news(), self.shared.changed(), self._lent.changed()
            news = [news, *more] if any(more) else news
            data = self._encoded((*message, news), arrays)
        except Exception as error:
            self._torch.forget()
            self.world.forget()
            self.shared.forget()
            if message[0] != "raised":
                if isinstance(error, WireError) and self.me == "examiner":
                    raise TypeError(str(error)) from error  # the test's mistake, not an answer's
                raise
            data = self._encoded((*message, None), arrays)  # that can be said in any case
        send(self.socket, data, deadline=self.deadline)

    def _encoded(self, message: tuple, arrays: list[np.ndarray] | None) -> bytes:
        shares = self.shared.shares if self.shared.active else None
        keeps, kinds = self._torch.keeps, self._kinds
        return encode(message, self._refer, arrays=arrays, keeps=keeps, shares=shares, kinds=kinds)

    def _receive(self) -> tuple[list, list[np.ndarray]]:
        """The next message, which begins with a word, and the arrays in it."""
        data = receive(self.socket, limit=LIMITS.size, deadline=self.deadline)
        arrays: list[np.ndarray] = []
        self._rngs = []
        message = decode(data, self._resolve, arrays=arrays, kinds=self._kinds)
        if not (isinstance(message, tuple) and message and isinstance(message[0], str)):
            raise WireError(f"Peer: expected a message, got {type(message).__name__}.")
        *content, news = message
        several = type(news) is list
        news, told, written, lent = (
            _shaped(news, object, object, list, list) if several else (news, None, [], [])
        )
        self._torch.heard(news)
        self.shared.heard(written)
        for number, name, change in lent if self.me == "candidate" else ():
            change_there(self._known(number), name, change)
        self.world.heard(told)
        return content, arrays

    def _refer(self, thing: object) -> Ref:
        if isinstance(thing, Remote):
            return thing._ref
        if type(thing) is np.ndarray:
            return self.shared.refer(thing)
        if ref := self._torch.refer(thing):
            return ref
        kind = _kind(thing)
        state = packed(state_of(thing)) if kind == "rng" else None
        if id(thing) in self._mirrors:
            return Ref(_other(self.me), self._mirrors[id(thing)], kind, _name(thing), state)
        if isinstance(thing, type) and issubclass(thing, BaseException):
            state = class_names(thing)
        if kind in ("object", "function"):
            state = self._looks.description(thing)
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
        if ref.kind == "array":
            return self.shared.resolve(ref)
        if ref.owner == self.me:
            found = self._known(ref.number)
        else:
            if ref.number not in self._theirs:
                if len(self._theirs) >= _MOST_THINGS:
                    raise WireError(f"Peer: expected at most {_MOST_THINGS:,} objects, got more.")
                self._theirs[ref.number] = self._made(ref)
            found = self._theirs[ref.number]
        if ref.kind == "rng":
            self._drawn.take(found, unpacked(ref.state), own=ref.owner == self.me)
            self._rngs.append(found)
            self._met.append(found)
        return found

    def _made(self, ref: Ref) -> Any:
        if ref.kind == "class" and ref.state:
            mirror: Any = self.errors.class_of(ref.state)
        elif ref.kind != "rng":
            return stand_in(self, ref)
        else:
            mirror = make_rng(unpacked(ref.state))
        self._mirrors[id(mirror)] = ref.number
        return mirror


def _other(side: str) -> str:
    return "examiner" if side == "candidate" else "candidate"


def _kind(thing: object) -> str:
    if is_rng(thing):
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
