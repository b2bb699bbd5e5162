"""How far a run has come: a line that moves on a terminal, and a log that stays short elsewhere."""

import time
from collections.abc import Callable, Iterator
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn
from rich.text import Text

from autograder.results import Status, SubmissionResult

_LOST = (Status.TIME_OUT, Status.CRASHED)
_MOST_LINES = 50  # of a log; in a class that is no larger, each submission has its own
_QUIET = 60.0  # seconds after which a log has another line in any case
_MOST_NAMED = 20  # submissions that could not be graded
_BAR = 16  # characters


class Pace:
    """How many results there are, and how fast they come; an earlier one took no time.

    failed: those that could not be graded. lost: those with a time-out or a crash.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._began = clock, clock()
        self.total = self.done = self.reused = self.failed = self.lost = 0

    def add(self, result: SubmissionResult, reused: bool, total: int) -> None:
        """Count a result."""
        self.total = total
        self.done += 1
        self.reused += reused
        self.failed += not result.is_final
        self.lost += result.status in _LOST

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return self._clock() - self._began

    @property
    def rate(self) -> float | None:
        """Submissions a minute; None before the first one."""
        fresh = self.done - self.reused
        return 60 * fresh / self.seconds if fresh and self.seconds > 0 else None

    @property
    def left(self) -> float | None:
        """Seconds that the others take at this rate, if none of them is an earlier one."""
        return 60 * (self.total - self.done) / self.rate if self.rate else None

    def words(self) -> str:
        """Rate, failures and times, the more important ones first."""
        return ", ".join(self._words())

    def _words(self) -> Iterator[str]:
        if self.failed:
            yield f"{self.failed} failed"
        if self.rate is not None:
            yield f"{self.rate:.0f} a minute"
        if self.left:
            yield f"{duration(self.left)} left"
        yield f"{duration(self.seconds)} so far"
        if self.lost:
            yield f"{self.lost} timed out or crashed"


def duration(seconds: float) -> str:
    """Hours where there are any, minutes and seconds.

    >>> duration(62.4), duration(3600)
    ('1:02', '1:00:00')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def moves(console: Console) -> bool:
    """Whether a line can be written over: on a terminal, but not in an editor's shell."""
    return console.is_terminal and not console.is_dumb_terminal


class ProgressLine:
    """For a `with`: shows each result that is added. `pace` has the numbers."""

    def __init__(self, name: str, console: Console, pace: Pace | None = None) -> None:
        self.pace = pace or Pace()
        self._console, self._last_line = console, 0.0
        columns = TextColumn("{task.description}"), BarColumn(_BAR), MofNCompleteColumn()
        self._bar = Progress(
            *columns, _Words(self.pace), console=console, disable=not moves(console)
        )
        self._task = self._bar.add_task(name, total=None)

    def __enter__(self) -> "ProgressLine":
        self._bar.start()
        return self

    def __exit__(
        self, kind: type | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def add(self, result: SubmissionResult, reused: bool, total: int) -> None:
        """Count a result. One that could not be graded is named at once."""
        self.pace.add(result, reused, total)
        self._bar.update(self._task, total=total, completed=self.pace.done)
        if not result.is_final:
            self._name(result)
        if not moves(self._console):
            self._log(result, reused)

    def _name(self, result: SubmissionResult) -> None:
        from autograder.class_report.words import line

        if self.pace.failed <= _MOST_NAMED:
            said = f"  {line(result.student)}: {result.status}: {line(result.note, 300)}"
            self._console.print(said, soft_wrap=True)
        if self.pace.failed == _MOST_NAMED:
            self._console.print("  Further failures are only counted.")

    def _log(self, result: SubmissionResult, reused: bool) -> None:
        pace = self.pace
        if pace.total <= _MOST_LINES:
            if result.is_final and not reused:
                where = f"{pace.done}/{pace.total}"
                self._console.print(f"  {where} {result.student}: {result.status}", soft_wrap=True)
        elif self._is_due():
            self._last_line = pace.seconds
            self._console.print(f"  {pace.done}/{pace.total}, {pace.words()}", soft_wrap=True)

    def _is_due(self) -> bool:
        """True when another fiftieth is done, or when nothing was said for long."""
        pace = self.pace
        parts = [_MOST_LINES * done // pace.total for done in (pace.done - 1, pace.done)]
        return parts[0] < parts[1] or pace.seconds - self._last_line > _QUIET


class _Words(ProgressColumn):
    """Made anew several times a second, also while no result comes."""

    def __init__(self, pace: Pace) -> None:
        super().__init__()
        self._pace = pace

    def render(self, task: Task) -> Text:
        """What the pace says."""
        return Text(self._pace.words(), overflow="ellipsis", no_wrap=True)
