"""Submissions a minute: a class of perfect answers, graded by the course, nbgrader and Otter.

    python -m benchmarks.grading                the course and stock nbgrader
    python -m benchmarks.grading --otter        Otter-Grader's local engine too
    python -m benchmarks.grading --lab torch    a lab on PyTorch
    python -m benchmarks.grading --flat         the course alone: does a submission cost the same
                                                in a class of 10 and in one of 3,000?

Each is run as its user would: command lines, start-up included, on a course of its own. The course
and nbgrader write the gradebook, the executed notebook and the feedback page of every submission,
the course with all layers of the sandbox that this machine has; Otter writes its results. They go
by turns, and a ratio (how many times faster the course is) is the median of those of the turns: a
machine has good and bad minutes.
nbgrader and Otter start a kernel for each submission, so they get fewer of them: their rate does
not depend on how many there are.

Wanted on two processors: 20 times nbgrader's rate (8 times with PyTorch), 400 a minute, the first
result within 3 s, 600 MB.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median

import click
from rich.console import Console
from rich.table import Table

from autograder.course import Lab
from autograder.errors import CourseError
from autograder.sandbox import available
from benchmarks._engines import course, otter_grader, stock
from benchmarks._engines.classroom import make_course, with_class
from benchmarks._engines.measured import Measured, each

Grade = Callable[[Lab], Measured]
_SIZES = 10, 100, 1000, 3000
_SEVERAL = click.IntRange(2)  # there is a time between two


@click.command(context_settings={"show_default": True})
@click.option("--students", type=_SEVERAL, default=200, help="In the course's class.")
@click.option("--few", type=_SEVERAL, default=10, help="In nbgrader's class, and Otter's.")
@click.option("--rounds", type=click.IntRange(1), default=3, help="Turns that each engine has.")
@click.option("--lab", default="09_regularization", help="Or: torch.")
@click.option("--otter", "with_otter", is_flag=True, help="Measure Otter-Grader as well.")
@click.option("--flat", is_flag=True, help="Measure classes of several sizes instead.")
def main(students: int, few: int, rounds: int, lab: str, with_otter: bool, flat: bool) -> None:
    """Grade copies of the perfect submission in courses of their own."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            made = make_course(lab, Path(folder, "course"))
        except CourseError as error:
            raise click.ClickException(str(error)) from error
        if flat:
            table = _table_of_sizes(made)
        else:
            engines: dict[str, tuple[Grade, int]] = {
                "the course": (course.grade, students),
                "stock nbgrader": (stock.grade, few),
            }
            problem = otter_grader.make_environment() if with_otter else ""
            if with_otter and not problem:
                engines["Otter-Grader"] = otter_grader.grade, few
            table = _table_of_engines(_by_turns(made, engines, rounds))
            if problem:
                table.add_row("Otter-Grader", f"not measured: {problem}")
    layers = [layer for layer, problem in available().items() if not problem]
    table.caption = f"The course's sandbox: {', '.join(layers)}"
    Console().print(table)


def _by_turns(
    lab: Lab, engines: dict[str, tuple[Grade, int]], rounds: int
) -> dict[str, list[Measured]]:
    """What each engine did in each round."""
    found: dict[str, list[Measured]] = {name: [] for name in engines}
    for _ in range(rounds):
        for name, (grade, students) in engines.items():
            found[name].append(_on_a_class(lab, grade, students))
    return found


def _on_a_class(lab: Lab, grade: Grade, students: int) -> Measured:
    with tempfile.TemporaryDirectory() as folder:
        return grade(with_class(lab, students, Path(folder, "course")))


def _table_of_engines(found: dict[str, list[Measured]]) -> Table:
    table = Table(
        "engine", "a minute", "ratio", "once it runs", "ratio", "first result", "memory of all"
    )
    ours = found["the course"]
    for name, measured in found.items():
        table.add_row(
            name,
            f"{median(m.rate for m in measured):.1f}",
            f"{median(o.rate / m.rate for o, m in zip(ours, measured, strict=True)):.1f} ×",
            f"{median(m.steady for m in measured):.1f}",
            f"{median(o.steady / m.steady for o, m in zip(ours, measured, strict=True)):.1f} ×",
            f"{median(m.first for m in measured):.1f} s",
            f"{max(m.memory for m in measured) / 2**20:.0f} MB",
        )
    return table


def _table_of_sizes(lab: Lab) -> Table:
    """One class of each size, and of the largest the first and the last tenth."""
    table = Table("class", "ms a submission", "first result", "memory of all")
    for students in _SIZES:
        measured = _on_a_class(lab, course.grade, students)
        memory = f"{measured.memory / 2**20:.0f} MB"
        cost = 1000 * each(measured.phases[0])
        table.add_row(f"{students:,}", f"{cost:.0f}", f"{measured.first:.1f} s", memory)
    (phase,), tenth = measured.phases, students // 10
    for name, part in (("first", phase[:tenth]), ("last", phase[-tenth:])):
        table.add_row(f"{students:,}, {name} tenth", f"{1000 * each(part):.0f}", "", "")
    return table


if __name__ == "__main__":
    main()
