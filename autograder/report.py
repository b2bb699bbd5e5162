"""What the terminal shows: progress while grading, the table of grades, and where to look."""

import sys
from collections import Counter
from contextlib import AbstractContextManager, nullcontext

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from autograder.course import Lab
from autograder.gradebook.marks import Change
from autograder.results import ExerciseResult, SubmissionResult
from autograder.submission import students_without

_WIDTH_WITHOUT_TERMINAL = 160
console = Console(stderr=True, highlight=False, markup=False)


def working(what: str) -> AbstractContextManager:
    """Show that something takes a while: a spinner on a terminal, else one line."""
    if console.is_terminal:
        return console.status(what)
    console.print(f"{what} ...")
    return nullcontext()


def grade_with_progress(lab: Lab, **options) -> list[SubmissionResult]:
    """`grade_class` with a progress bar on a terminal, and a line a submission elsewhere."""
    from autograder.grade import grade_class

    changes: list[Change] = []
    columns = [TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()]
    reused = 0
    with Progress(*columns, TimeRemainingColumn(), console=console) as progress:
        task = progress.add_task(f"{lab.name}: grading", total=None)

        def report(result: SubmissionResult, was_known: bool, total: int) -> None:
            nonlocal reused
            reused += was_known
            progress.update(task, total=total, advance=1)
            if not was_known and not console.is_terminal:
                console.print(f"  {result.student}: {result.status}")

        results = grade_class(lab, **options, report=report, changed=changes.append)
    _print_changes(changes)
    console.print(f"{lab.name}: {len(results)} graded, {reused} of them before")
    absent = students_without(lab)
    if absent:
        console.print(f"{lab.name}: no folder of that name from {', '.join(absent)}")
    return results


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
    """Student, points, status, and what happened."""
    table = Table("student", "points", "status", "what happened", box=None, pad_edge=False)
    table.columns[1].justify = "right"
    for r in results:
        points = f"{r.points:g}/{r.max_points:g}" if r.is_final else "–"
        table.add_row(r.student, points, r.status.value, r.note)
    width = None if sys.stdout.isatty() else _WIDTH_WITHOUT_TERMINAL
    Console(highlight=False, markup=False, width=width).print(table)


def print_summary(results: list[SubmissionResult]) -> None:
    """For each exercise: how many have all, some and no points, and the most common mistakes."""
    exercises: dict[str, list[ExerciseResult]] = {}
    for exercise in (e for r in results for e in r.exercises):
        exercises.setdefault(exercise.name, []).append(exercise)
    table = Table(
        "exercise", "all", "some", "none", "most common mistakes", box=None, pad_edge=False
    )
    for name, marks in exercises.items():
        full = sum(e.points >= e.max_points for e in marks)
        none = sum(e.points == 0 for e in marks)
        mistakes = Counter(e.misconception for e in marks if e.misconception).most_common(3)
        words = ", ".join(f"{mistake} ({count})" for mistake, count in mistakes)
        table.add_row(name, str(full), str(len(marks) - full - none), str(none), words)
    width = None if sys.stdout.isatty() else _WIDTH_WITHOUT_TERMINAL
    Console(highlight=False, markup=False, width=width).print(table)


def print_places(lab: Lab) -> None:
    """Where grades, gradebook and feedback of a lab are."""
    course = lab.course
    print(f"Grades:    {lab.results / 'grades.csv'}")
    print(f"Gradebook: {course.nbgrader / 'gradebook.db'}  (make formgrader)")
    print(f"Feedback:  {course.nbgrader / 'feedback'}/STUDENT/{lab.name}/{lab.name}.html")
