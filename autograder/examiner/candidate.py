"""A student's notebook at work in another process, as the examiner sees it."""

import contextlib
import functools
import socket
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from autograder.candidate import STOPPED
from autograder.examiner.removal import remove
from autograder.examiner.shown import LONGEST_IN_ALL, outputs_in
from autograder.examiner.waiting import Effects
from autograder.wire.frames import Closed, Late
from autograder.wire.peer import Call, Peer
from autograder.wire.plain import WireError

_GOODBYE = 10  # seconds for the guardian to clean up
_LONGEST_REPORT = 1000


class InfrastructureError(Exception):
    """The machine did not do its part; nothing can be said of any student's work."""


class Lost(BaseException):  # no Exception: a test that catches the student's errors must not
    """The candidate cannot go on: it was `late` with an answer, or it ended, or it lied."""

    def __init__(self, how: str, *, late: bool = False) -> None:
        super().__init__(how)
        self.how, self.late = how, late


class Line(Peer):
    """A line to student code: what is asked raises `Lost` when no answer comes, and from then on.

    seconds: the limit for the answer to one call; `within` may set a shorter one for several.
    `lost` says what became of the line even to those who were not told.
    """

    def __init__(self, talk: socket.socket, *, seconds: float) -> None:
        super().__init__(talk, "examiner")
        self._seconds = seconds
        self.lost: Lost | None = None

    def request(self, verb: str, *content: Any, calls: int = 1) -> Any:
        """Ask for something; what the student's code raised comes as an Exception."""
        if self.lost:
            raise self.lost
        with self._losing(), self.within(self._seconds * calls):
            return super().request(verb, *content)

    def answers(self, number: int, calls: list[Call]) -> tuple[list, Exception | None]:
        """As a Peer does; an answer of another form is the end of the line too."""
        with self._losing():
            return super().answers(number, calls)

    def look(self, name: str) -> Any:
        """What the notebook calls by that name; NameError where there is nothing."""
        return self.request("look", name)

    def begin(self, names: Mapping[str, Any], signs: frozenset[str] | None = None) -> None:
        """A test begins that has these names; what it prints to, seeds and draws from is shared.

        signs: those that the student's objects may have in it, if not the same as before.
        """
        self.errors.names = names
        self.allow(self.allowed if signs is None else signs)
        self.world.begin()

    @contextlib.contextmanager
    def _losing(self) -> Iterator[None]:
        try:
            yield
        except Late:
            self.lost = Lost("no answer in time", late=True)
        except Closed:
            self.lost = Lost(self._why_gone())
        except WireError as error:  # whose words may be those of who knows hidden tests
            self.lost = Lost("what came is no answer")
            self.lost.__cause__ = error
        if self.lost:
            raise self.lost

    def _why_gone(self) -> str:
        return "its process ended"


class Snapshot(Line):
    """A copy of a candidate as it was at one place of the notebook, for the tests there."""

    def __init__(self, talk: socket.socket, *, seconds: float) -> None:
        super().__init__(talk, seconds=seconds)
        with self._losing(), self.within(seconds):
            self._receive()  # its first answer: that it is there


class Candidate(Line):
    """One process with one notebook in it, whose files are in `folder`; `end` it when done."""

    def __init__(self, sockets: list[socket.socket], *, folder: Path, seconds: float) -> None:
        talk, self._report, self._passing = sockets
        super().__init__(talk, seconds=seconds)
        self._folder = folder
        self._opened = [*sockets]
        self._room = LONGEST_IN_ALL

    def share_arrays(self) -> None:
        """From now on, arrays that cross stay the same on both sides."""
        self.shared.begin()
        self._order("share")

    def foresee(self, cells: Sequence[tuple[str, bool]]) -> list[Effects]:
        """What each of these cells would do, by its text and whether that is trusted."""
        answer = self._order("foresee", [*cells])
        with self._losing():
            if not (isinstance(answer, list) and len(answer) == len(cells)):
                raise WireError("expected the effects of each cell")
            return [Effects.of(told) for told in answer]

    def run(self, source: str) -> tuple[bool, list[dict[str, Any]]]:
        """Run a cell: whether it went through, and what it put out."""
        self.errors.lines |= {line.strip() for line in source.splitlines()}
        answer = self._order("run", source)
        with self._losing():
            if not (isinstance(answer, tuple) and list(map(type, answer)) == [bool, list]):
                raise WireError(f"expected what a cell put out, got {type(answer).__name__}")
        outputs, self._room = outputs_in(answer[1], self._room)
        return answer[0], outputs

    def snapshot(self) -> Snapshot:
        """A copy of the candidate as it is now, which goes its own way and ends with it."""
        mine, theirs = socket.socketpair()
        self._opened.append(mine)
        with theirs, contextlib.suppress(OSError):  # one that is gone is told by the request
            socket.send_fds(self._passing, [b"."], [theirs.fileno()])
        self._order("snapshot")
        copied = Snapshot(mine, seconds=self._seconds)
        copied.allowed, copied.classes = self.allowed, self.classes
        copied.errors.lines = self.errors.lines
        copied.shared.active = self.shared.active
        copied.world.continues(self.world)
        return copied

    def _order(self, verb: str, *content: Any) -> Any:
        """Ask for what student code has no part in: an error there is the end of the candidate."""
        try:
            return self.request(verb, *content)
        except Exception as error:
            self.lost = Lost(f"it could not go on: {type(error).__name__}: {error}")
            raise self.lost from error

    def end(self) -> None:
        """End it and all that it started.

        Raises InfrastructureError where its guardian was gone before, and it with that: nothing of
        what it seemed to do is the student's.
        """
        words = self._last_words
        for each in self._opened:
            each.close()
        remove(self._folder)
        if not words:
            raise InfrastructureError("The process that guards a candidate was ended from outside.")

    def _why_gone(self) -> str:
        words = self._last_words
        return "its process closed the line" if words in ("", STOPPED) else words

    @functools.cached_property
    def _last_words(self) -> str:
        """Have the guardian end it; what the guardian says of that, "" if nobody does."""
        with contextlib.suppress(OSError):
            self._report.settimeout(_GOODBYE)
            self._report.shutdown(socket.SHUT_WR)
            return self._report.recv(_LONGEST_REPORT).decode()
        return ""
