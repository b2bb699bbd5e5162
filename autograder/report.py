"""What the terminal shows: progress while grading, the table of grades, and where to look."""

import sys
from contextlib import AbstractContextManager, nullcontext

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from autograder.course import Lab
from autograder.results import SubmissionResult
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

        results = grade_class(lab, **options, report=report)
    console.print(f"{lab.name}: {len(results)} graded, {reused} of them before")
    absent = students_without(lab)
    if absent:
        console.print(f"{lab.name}: no folder of that name from {', '.join(absent)}")
    return results


def print_table(results: list[SubmissionResult]) -> None:
    """Student, points, status, and what happened."""
    table = Table("student", "points", "status", "what happened", box=None, pad_edge=False)
    table.columns[1].justify = "right"
    for r in results:
        points = f"{r.points:g}/{r.max_points:g}" if r.is_final else "–"
        table.add_row(r.student, points, r.status.value, r.note)
    width = None if sys.stdout.isatty() else _WIDTH_WITHOUT_TERMINAL
    Console(highlight=False, markup=False, width=width).print(table)


def print_places(lab: Lab) -> None:
    """Where grades, gradebook and feedback of a lab are."""
    course = lab.course
    print(f"Grades:    {lab.results / 'grades.csv'}")
    print(f"Gradebook: {course.nbgrader / 'gradebook.db'}  (make formgrader)")
    print(f"Feedback:  {course.nbgrader / 'feedback'}/STUDENT/{lab.name}/{lab.name}.html")
