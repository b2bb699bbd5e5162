"""What of the process around it a called function shares with who calls it, while a test runs.

In a notebook both have one `print`, one `np.random.seed`, one list of warnings. Here the examiner
says whether anybody listens, and each side what became of its generators. What is printed reaches
who listens in a test, and no page: the functions of students know what hidden tests pass to them.
"""

import contextlib
import sys
import warnings
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograder.wire.errors import Errors, class_names, sendable
from autograder.wire.terms import WireError
from autograder.wire.twisters import PROCESS, Twister, check_twister, follow

MOST_SAID = 100_000  # characters that are printed and warned of in one test
CUT = "\n[The rest of what was printed was cut.]\n"
_MOST_WARNINGS, _LONGEST, _LEAST = 100, 2000, 100  # of one message; characters of one
_STREAMS = ("stdout", "stderr")

States = list[bytes | None]  # of the generators; None for one that is where it was


class Ears(NamedTuple):
    """Who listens: to the streams; to warnings ("", "record", "error"); to NumPy's own errors."""

    streams: tuple[bool, ...] = (False, False)
    warnings: str = ""
    numpy_errors: dict[str, Any] | None = None


_DEAF = Ears()
# Where no lab has seeded them: then the other side's draws come after none of ours.
_AT_IMPORT: dict[Twister, Any] = {twister: twister.seen() for twister in PROCESS}


class Draws:
    """The generators that all code of a process draws from, and where the other side's are."""

    def __init__(self, twisters: Sequence[Twister]) -> None:
        self._all, self._see = twisters, [twister.seen for twister in twisters]
        self._told: list[Any] = self._seen()
        self._now: list[Any] = []
        self._apart: set[Twister] = set()
        self._has_begun = False
        self.start: list[Any] = []  # where they were before the first test of all

    def _seen(self) -> list[Any]:
        return [see() for see in self._see]

    def begin(self) -> None:
        """A test begins. On a new line, what the other side says first of its own holds."""
        if self._has_begun:
            return
        self._has_begun, self._now = True, self._seen()
        self.start += [] if self.start else self._now
        self._told = [*self.start]
        stands = zip(self._all, self.start, strict=True)
        self._apart |= {twister for twister, now in stands if _AT_IMPORT.get(twister) == now}

    def news(self) -> States:
        """Those that the other side does not know; an empty list for none."""
        seen = [see() for see in self._see]
        if seen == self._told:
            return []
        at_first, self._now = self._now, []
        if seen == at_first:
            return []
        told = zip(self._all, seen, self._told, strict=True)
        states = [twister.get() if now != known else None for twister, now, known in told]
        self._apart -= {t for t, state in zip(self._all, states, strict=True) if state}
        self._told = self._seen()
        return states

    def take(self, states: States) -> None:
        """Bring them to these states."""
        for place, twister, state in self._said(states):
            twister.put(state)
            self._told[place] = twister.seen()

    def follow(self, states: States) -> None:
        """Bring them to these states if they come next, else only on. Raises WireError."""
        for place, twister, state in self._said(states):
            sound = check_twister(state)
            if twister not in self._apart and not follow(twister, sound):
                self._apart.add(twister)
                twister.skip()
            self._told[place] = twister.seen()

    def _said(self, states: States) -> list[tuple[int, Twister, Any]]:
        pairs = enumerate(zip(self._all, states, strict=False))
        return [(i, twister, state) for i, (twister, state) in pairs if state is not None]

    def forget(self) -> None:
        """Say all again: a message did not go."""
        self._told = [None] * len(self._all)


class _Ground:
    """The examiner's streams and settings as they are where a test begins."""

    def __init__(self) -> None:
        self.streams = self._out, self._err = sys.stdout, sys.stderr
        self._filters, self._first = warnings.filters, [*warnings.filters][:1]
        self._numpy_errors = np.geterr()

    def ears(self) -> Ears:
        """What the test has put in their place."""
        out, err, filters, errors = sys.stdout, sys.stderr, warnings.filters, np.geterr()
        are_same = out is self._out and err is self._err and errors == self._numpy_errors
        is_quiet = filters is self._filters and filters[:1] == self._first
        if are_same and is_quiet:
            return _DEAF
        action, _, kind, *_ = [*filters, ("default", None, None)][0]
        of_all = {"error": "error", "ignore": ""} if kind is Warning else {}
        streams = (out is not self._out, err is not self._err)
        numpy_errors = None if errors == self._numpy_errors else {**errors}
        return Ears(streams, "" if is_quiet else of_all.get(action, "record"), numpy_errors)


class ExaminersWorld:
    """The examiner's part: nothing is shared before `begin`. errors: they know classes."""

    def __init__(self, errors: Errors, twisters: Sequence[Twister] = PROCESS) -> None:
        self._errors, self._draws = errors, Draws(twisters)
        self._ground: _Ground | None = None
        self._told: Ears | None = _DEAF
        self._room = 0

    def continues(self, other: "ExaminersWorld") -> None:
        """Tests on the other line may run before those on this one."""
        self._draws.start = other._draws.start

    def begin(self) -> None:
        """A test begins: what is changed from now on, it has changed."""
        self._ground, self._told, self._room = _Ground(), None, MOST_SAID
        self._draws.begin()

    def news(self) -> tuple | None:
        """What goes with a message."""
        if self._ground is None:
            return None
        ears, states = self._ground.ears(), self._draws.news()
        if not states and (ears is self._told or ears == self._told):
            return None
        self._told = ears
        return (*ears, states)

    def heard(self, news: Any) -> None:
        """Take what came with a message. Raises WireError where it makes no sense."""
        if news is None:
            return
        if not (isinstance(news, tuple) and [*map(type, news)] == [list, list, list]):
            raise WireError("Expected what was printed, warned of and drawn.")
        if self._ground is None:
            return
        said, warned, states = news
        self._draws.follow(states)
        for name, text in _pairs(said, str, str):
            self._print(name, text)
        for names, text in _pairs(warned, tuple, str):
            self._warn(names, text)

    def _print(self, name: str, text: str) -> None:
        if name not in _STREAMS or self._ground is None:
            raise WireError(f"Expected one of {', '.join(_STREAMS)}, got {name:.40}.")
        stream = getattr(sys, name)
        if stream not in (None, self._ground.streams[_STREAMS.index(name)]):
            heard, self._room = _cut(text, self._room)
            stream.write(heard)

    def _warn(self, names: tuple, text: str) -> None:
        kind = self._errors.class_of(names)
        if self._room > 0:
            self._room -= len(text) + _LEAST
            category = kind if issubclass(kind, Warning) else UserWarning
            warnings.warn_explicit(text[:_LONGEST], category, "<the notebook>", 1)

    def forget(self) -> None:
        """Say all again: a message did not go."""
        self._draws.forget()
        self._told = None

    def as_asked(self) -> contextlib.AbstractContextManager:
        """Nothing: a test's own functions run as the test does."""
        return contextlib.nullcontext()


class CandidatesWorld:
    """The candidate's part: nothing is shared before the examiner speaks of it."""

    def __init__(self, twisters: Sequence[Twister] = PROCESS) -> None:
        self._draws, self._ears, self._is_open = Draws(twisters), _DEAF, False
        self._said: list[tuple[str, str]] = []
        self._warned: list[tuple] = []
        self._sent: tuple[list, list] = ([], [])
        self._room = MOST_SAID

    def news(self) -> tuple | None:
        """What goes with a message."""
        states = self._draws.news() if self._is_open else []
        if not (states or self._said or self._warned):
            return None
        self._sent = self._said, self._warned
        self._said, self._warned, self._room = [], [], MOST_SAID
        return (*self._sent, states)

    def heard(self, news: Any) -> None:
        """Take what came with a message."""
        if news is not None:
            *ears, states = news
            self._ears, self._is_open = Ears(*ears), True
            self._draws.take(states)

    def printed(self, name: str, text: str) -> None:
        """Keep what was printed, if anybody listens."""
        if self._ears.streams[_STREAMS.index(name)]:
            kept, self._room = _cut(text, self._room)
            self._said += [(name, sendable(kept))] if kept else []

    def forget(self) -> None:
        """Say all again: a message did not go."""
        self._draws.forget()
        said, warned = self._sent
        self._said, self._warned, self._sent = said + self._said, warned + self._warned, ([], [])

    def as_asked(self) -> contextlib.AbstractContextManager:
        """Inside, warnings and NumPy's errors are what they are for who asked last."""
        listens = self._ears.warnings or self._ears.numpy_errors
        return self._listening(self._ears) if listens else contextlib.nullcontext()

    @contextlib.contextmanager
    def _listening(self, ears: Ears) -> Iterator[None]:
        errors = (ears.numpy_errors or {}).items()
        known: Any = {name: how for name, how in errors if how not in ("call", "log")}
        with np.errstate(**known), warnings.catch_warnings(record=bool(ears.warnings)) as log:
            if ears.warnings:
                warnings.simplefilter("error" if ears.warnings == "error" else "always")
            try:
                yield
            finally:
                self._warned += [_warning(each) for each in (log or [])[:_MOST_WARNINGS]]


World = ExaminersWorld | CandidatesWorld


def _cut(text: str, room: int) -> tuple[str, int]:
    """What there is room for, and the room that is left."""
    if len(text) <= room:
        return text, room - len(text)
    return (text[:room] + CUT if room >= 0 else ""), -1


def _pairs(values: list, *kinds: type) -> list[tuple]:
    if not all(isinstance(v, tuple) and [*map(type, v)] == [*kinds] for v in values):
        raise WireError("Expected pairs of what was printed or warned of.")
    return values


def _warning(told: warnings.WarningMessage) -> tuple[tuple[str, ...], str]:
    try:
        text = str(told.message)[:_LONGEST]
    except Exception:  # student code may be asked
        text = "a warning that cannot be printed"
    return class_names(told.category), sendable(text)
