"""What the terminal shows: progress while grading, the table of grades, and where to look."""

import math
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from autograder.course import Lab
from autograder.errors import CourseError
from autograder.progress import Pace, ProgressLine, duration, moves
from autograder.results import Status, SubmissionResult
from autograder.sandbox import LAYERS
from autograder.submission import students_without
from autograder.tally import ClassTally, tally

if TYPE_CHECKING:  # the workers start by importing this, and databases are slow to import
    from autograder.gradebook.marks import Change

_WIDTH_WITHOUT_TERMINAL = 160
_MOST_ROWS = 100  # of students; in a larger class those that need a look are listed
_NEED_A_LOOK = (
    *(Status.INFRASTRUCTURE_FAILURE, Status.REFUSED, Status.UNREADABLE, Status.CRASHED),
    Status.TIME_OUT,
)
_ENDS = tuple(getattr(signal, n) for n in ("SIGTERM", "SIGHUP") if hasattr(signal, n))
_LEVELS = " ▁▂▃▄▅▆▇█"
console = Console(stderr=True, highlight=False, markup=False)


def working(what: str) -> AbstractContextManager:
    """Show that something takes a while: a spinner on a terminal, else one line."""
    if moves(console):
        return console.status(what)
    console.print(f"{what} ...")
    return nullcontext()


def grade_with_progress(
    lab: Lab,
    *,
    grade: Callable[..., list[SubmissionResult]],
    dry_run: bool = False,
    whole: bool = True,
    **options,
) -> list[SubmissionResult]:
    """Call `grade` with a progress line, and write the class report if it is the `whole` class."""
    changes: list[Change] = []
    line = ProgressLine(lab.name, console)
    with _told(lab, line.pace, changes, dry_run, whole), _ended_as_by_ctrl_c(), line:
        results = grade(lab, **options, dry_run=dry_run, report=line.add, changed=changes.append)
    if dry_run:
        console.print(f"{lab.name}: {_would_change(changes)}", soft_wrap=True)
    _print_others(lab, marks=whole)
    return results


@contextmanager
def _told(
    lab: Lab, pace: Pace, changes: "list[Change]", dry_run: bool, whole: bool
) -> Iterator[None]:
    """Say how a run ends. Its results are there, and go into the report, whatever the end is."""
    try:
        yield
    except KeyboardInterrupt:
        console.print(f"{lab.name}: {_stopped(pace, dry_run)}", soft_wrap=True)
        raise
    except CourseError:  # as where the gradebook refuses the marks of one
        if pace.done:
            _print_end(lab, pace, changes)
        raise
    else:
        _print_end(lab, pace, changes)
    finally:
        if whole and not dry_run and pace.done:
            from autograder.class_report.write import write_class_report  # students come first

            write_class_report(lab)


@contextmanager
def _ended_as_by_ctrl_c() -> Iterator[None]:
    """Who ends the run from outside, or closes the terminal, means what Ctrl-C means."""
    before = {number: signal.getsignal(number) for number in _ENDS}
    heard = [number for number, what in before.items() if what is not signal.SIG_IGN]  # nohup
    try:
        for number in heard:
            signal.signal(number, signal.default_int_handler)
        yield
    finally:
        for number in heard:
            signal.signal(number, before[number] or signal.SIG_DFL)


def _stopped(pace: Pace, dry_run: bool) -> str:
    if dry_run:
        return "stopped. It was a dry run: nothing was written."
    if not pace.done:
        return "stopped before the first submission was done. The next run starts again."
    return f"stopped. {pace.done} of {pace.total} are done and kept; the next run does the rest."


def _done(pace: Pace) -> str:
    said = f"{pace.done - pace.failed} graded, {pace.reused} of them before"
    if pace.rate:
        said += f"; {duration(pace.seconds)}, {pace.rate:.0f} a minute"
    if pace.failed:
        said += f"; {pace.failed} could not be graded: run it again"
    return said


def _print_end(lab: Lab, pace: Pace, changes: "list[Change]") -> None:
    """Which marks are others now, or would be, and what was done."""
    for change in sorted(changes, key=lambda c: c[:2]):
        if change.before is not None:
            console.print(f"  {_change(change)}", soft_wrap=True)
    console.print(f"{lab.name}: {_done(pace)}", soft_wrap=True)


def _change(change: "Change") -> str:
    by_hand = "" if change.by_hand is None else f" (by hand: {change.by_hand:g})"
    points = f"{change.before:g} → {_points(change.after)}{by_hand}"
    return f"{change.student}, {change.exercise}: {points}"


def _would_change(changes: "list[Change]") -> str:
    """What a dry run was for."""
    changed = {change.student for change in changes if change.before is not None}
    first = {change.student for change in changes} - changed
    said = "a dry run, nothing was written; "
    if not changes:
        return f"{said}no mark would change"
    words = [f"marks would change: {len(changed)}"] if changed else []
    words += [f"would get first ones: {len(first)}"] if first else []
    return f"{said}of these students {', '.join(words)}"


def _print_others(lab: Lab, *, marks: bool) -> None:
    """Who is no part of the run, but perhaps should be: a folder renamed, or moved away.

    marks: look into the gradebook as well.
    """
    from autograder.class_report.words import names

    if absent := students_without(lab):
        said = "have a folder in class/submitted, but no work of that name in it"
        console.print(f"{lab.name}: {said}: {names(absent)}", soft_wrap=True)
    if marks and (gone := _only_in_gradebook(lab)):
        said = "in the gradebook, but no longer in class/submitted"
        console.print(f"{lab.name}: {said}: {names(gone)}", soft_wrap=True)


def _only_in_gradebook(lab: Lab) -> list[str]:
    from autograder.run.desk import open_gradebook  # with all that marks

    submitted = lab.course.nbgrader / "submitted"
    try:
        students = open_gradebook(lab).students()
    except CourseError:  # what it is good for is said elsewhere
        return []
    return [name for name in students if not (submitted / name).is_dir()]


def _points(points: float | None) -> str:
    return "by hand" if points is None else f"{points:g}"


def print_table(results: list[SubmissionResult]) -> None:
    """Student, points, status, and what happened; of a large class those who need a look."""
    from autograder.class_report.words import line

    listed, said = results, ""
    if len(results) > _MOST_ROWS:
        listed = [r for status in _NEED_A_LOOK for r in results if r.status is status]
        said = f"{len(listed)} of {len(results)} need a look; the others are in grades.csv."
    table = _table("student", "points", "status", "what happened", numbers=(1,))
    for r in listed[:_MOST_ROWS]:
        points = f"{r.points:g}/{r.max_points:g}" if r.is_final else "–"
        table.add_row(line(r.student), points, r.status.value, line(r.note, 400))
    out = _out()
    out.print(table)
    if said:
        out.print(said, soft_wrap=True)


def print_summary(results: list[SubmissionResult]) -> None:
    """Each exercise, the hardest first: points and most common mistakes. Then totals, statuses."""
    from autograder.class_report.words import number

    counted, out = tally(results), _out()
    columns = "exercise", "all", "some", "none", "mean", "most common mistakes"
    table = _table(*columns, numbers=range(1, 5))
    for exercise in counted.exercises:
        mistakes = ", ".join(f"{name} ({count})" for name, count in exercise.mistakes[:3])
        shares = map(str, (exercise.full, exercise.some, exercise.none))
        mean = f"{number(exercise.mean)}/{number(exercise.max_points)}"
        table.add_row(exercise.name, *shares, mean, mistakes)
    out.print()
    if counted.marked:
        out.print(table)
        out.print()
        middle = f"mean {number(counted.mean)}, median {number(counted.median)}"
        of = f"of {number(counted.max_points)} points, {len(counted.marked)} marked"
        out.print(f"{_sparkline(counted, out)}{middle} {of}", soft_wrap=True)
    said = (f"{status.value}: {count}" for status, count in counted.statuses)
    out.print(", ".join(said), soft_wrap=True)


def _sparkline(counted: ClassTally, out: Console) -> str:
    """The totals from 0 to the most as small bars; empty where they cannot be had or printed."""
    counts = [b.count for b in counted.bins()]
    highest = max(counts, default=0)
    if not highest or out.options.ascii_only:
        return ""
    bars = (_LEVELS[math.ceil(count * (len(_LEVELS) - 1) / highest)] for count in counts)
    return f"totals 0 {''.join(bars)} {counted.max_points:g}, "


def _table(*columns: str, numbers: Iterable[int]) -> Table:
    table = Table(*columns, box=None, pad_edge=False)
    table.columns[0].overflow = "fold"  # a name that is cut is nobody's
    for column in numbers:
        table.columns[column].justify = "right"
    return table


def _out() -> Console:
    width = None if sys.stdout.isatty() else _WIDTH_WITHOUT_TERMINAL
    return Console(highlight=False, markup=False, width=width)


def print_missing_layers(results: list[SubmissionResult]) -> None:
    """Say of which layers of the sandbox students' code had to do without, if of any."""
    missing = [layer for layer in LAYERS if any(layer not in r.layers for r in results)]
    if missing:
        print(f"Sandbox:   without {', '.join(missing)}; `autograder doctor` says why")


def print_places(lab: Lab) -> None:
    """Where grades, report, gradebook and feedback of a lab are."""
    from autograder.class_report.write import report_path

    course = lab.course
    print(f"Grades:    {lab.results / 'grades.csv'}")
    print(f"Report:    {report_path(lab)}")
    where = "" if course.gradebook else "  (make formgrader)"  # which opens the configured one
    print(f"Gradebook: {course.gradebook_name}{where}")
    print(f"Feedback:  {course.nbgrader / 'feedback'}/STUDENT/{lab.name}/{lab.name}.html")
