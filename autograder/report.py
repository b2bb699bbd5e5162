"""What the terminal shows: progress while grading, the table of grades, and where to look."""

import math
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from rich.console import Console
from rich.table import Table

from autograder.course import Lab
from autograder.gradebook.marks import Change
from autograder.progress import Pace, ProgressLine, duration
from autograder.results import Status, SubmissionResult
from autograder.submission import students_without
from autograder.tally import ClassTally, tally

_WIDTH_WITHOUT_TERMINAL = 160
_MOST_ROWS = 100  # of students; in a larger class those that need a look are listed
_NEED_A_LOOK = (
    *(Status.INFRASTRUCTURE_FAILURE, Status.REFUSED, Status.UNREADABLE, Status.CRASHED),
    Status.TIME_OUT,
)
_LEVELS = " ▁▂▃▄▅▆▇█"
console = Console(stderr=True, highlight=False, markup=False)


def working(what: str) -> AbstractContextManager:
    """Show that something takes a while: a spinner on a terminal, else one line."""
    if console.is_terminal:
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
    from autograder.class_report.write import write_class_report

    changes: list[Change] = []
    line = ProgressLine(lab.name, console)
    try:
        with _ended_as_by_ctrl_c(), line:
            results = grade(
                lab, **options, dry_run=dry_run, report=line.add, changed=changes.append
            )
    except KeyboardInterrupt:
        console.print(f"{lab.name}: {_stopped(line.pace, dry_run)}", soft_wrap=True)
        raise
    finally:  # the results are there, even where the gradebook is not
        if whole and not dry_run and line.pace.done:
            write_class_report(lab)
    _print_changes(changes)
    console.print(f"{lab.name}: {_done(line.pace)}", soft_wrap=True)
    absent = students_without(lab)
    if absent:
        console.print(f"{lab.name}: no folder of that name from {', '.join(absent)}")
    return results


@contextmanager
def _ended_as_by_ctrl_c() -> Iterator[None]:
    """Who ends the run from outside (SIGTERM) means what Ctrl-C means."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before or signal.SIG_DFL)


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


def _print_changes(changes: list[Change]) -> None:
    """Marks that were there before and are others now, or would be; by hand stands over both."""
    for change in sorted(changes):
        if change.before is not None:
            by_hand = "" if change.by_hand is None else f" (by hand: {change.by_hand:g})"
            points = f"{change.before:g} → {_points(change.after)}{by_hand}"
            console.print(f"  {change.student}, {change.exercise}: {points}")


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
    out.print(table)
    out.print()
    if counted.marked:
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
    for column in numbers:
        table.columns[column].justify = "right"
    return table


def _out() -> Console:
    width = None if sys.stdout.isatty() else _WIDTH_WITHOUT_TERMINAL
    return Console(highlight=False, markup=False, width=width)


def print_places(lab: Lab) -> None:
    """Where grades, report, gradebook and feedback of a lab are."""
    from autograder.class_report.write import report_path

    course = lab.course
    print(f"Grades:    {lab.results / 'grades.csv'}")
    print(f"Report:    {report_path(lab)}")
    print(f"Gradebook: {course.gradebook_name}  (make formgrader)")
    print(f"Feedback:  {course.nbgrader / 'feedback'}/STUDENT/{lab.name}/{lab.name}.html")
