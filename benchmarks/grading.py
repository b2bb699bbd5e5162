"""Submissions a minute: a class of perfect answers, graded by the course and by stock nbgrader.

    python -m benchmarks.grading

Both write the gradebook, the executed notebook and the feedback page of every submission; the
course with all layers of the sandbox that this machine has. Stock nbgrader starts a kernel for
each, so it gets fewer of them: its rate does not depend on how many there are.
"""

import shutil
import tempfile
import threading
import time
from pathlib import Path

import click
import psutil
from rich.console import Console
from rich.table import Table

from autograder.course import Course, Lab
from autograder.engine import Engine
from autograder.grade import grade_class
from autograder.release import build, release
from autograder.sample import write_sample_class
from autograder.submission import SAMPLE_PREFIX as PREFIX


@click.command()
@click.option("--students", default=200, show_default=True)
@click.option("--stock", default=10, show_default=True, help="Of these, graded by nbgrader too.")
@click.option("--lab", default="09_regularization", show_default=True)
def main(students: int, stock: int, lab: str) -> None:
    """Grade copies of the perfect submission in a course of its own."""
    with tempfile.TemporaryDirectory() as folder:
        copy = _class_of(students, Course.find(Path()).lab(lab), Path(folder))
        rate, first, memory = _ours(copy, students)
        theirs = _stock(copy, stock)
    table = Table("engine", "submissions a minute", "first result", "memory of all processes")
    table.add_row("the course", f"{rate:.0f}", f"{first:.1f} s", f"{memory / 2**20:.0f} MB")
    table.add_row("stock nbgrader", f"{theirs:.1f}", "", "")
    table.add_row("ratio", f"{rate / theirs:.1f}", "", "")
    Console().print(table)


def _class_of(students: int, lab: Lab, root: Path) -> Lab:
    """A course of its own in `root`, with so many perfect answers, no two of them the same text."""
    shutil.copytree(lab.folder, root / "notebooks" / lab.name)
    shutil.copyfile(lab.course.root / "nbgrader_config.py", root / "nbgrader_config.py")
    copy = Course(root).lab(lab.name)
    build(copy)
    release(copy)
    write_sample_class(copy)
    submitted, name = copy.course.nbgrader / "submitted", f"{lab.name}.ipynb"
    perfect = (submitted / f"{PREFIX}perfect" / lab.name / name).read_text(encoding="utf-8")
    shutil.rmtree(submitted)
    for number in range(students):
        path = submitted / f"student-{number:04}" / lab.name / name
        path.parent.mkdir(parents=True)
        path.write_text(perfect.replace("weight_decay * w", f"weight_decay * w + {number} * 0"))
    return copy


def _ours(lab: Lab, students: int) -> tuple[float, float, int]:
    """Submissions a minute, seconds to the first result, and the most memory held at once."""
    moments, memory = [], _Memory()
    started = time.perf_counter()
    with memory:
        results = grade_class(lab, report=lambda *_: moments.append(time.perf_counter() - started))
    if any(result.points != result.max_points for result in results):
        raise click.ClickException("A perfect answer did not get full marks.")
    return 60 * students / (time.perf_counter() - started), moments[0], memory.most


def _stock(lab: Lab, students: int) -> float:
    """Submissions a minute."""
    engine = Engine(lab.course)
    started = time.perf_counter()
    for number in range(students):
        engine.autograde(lab, f"student-{number:04}")
        engine.feedback(lab, f"student-{number:04}")
    return 60 * students / (time.perf_counter() - started)


class _Memory:
    """Watches this process and all that it starts: shared pages are counted once (PSS)."""

    def __init__(self) -> None:
        self.most = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(1):
            family = [psutil.Process(), *psutil.Process().children(recursive=True)]
            self.most = max(self.most, sum(map(_memory_of, family)))


def _memory_of(process: psutil.Process) -> int:
    try:
        return process.memory_full_info().pss
    except psutil.Error:  # it ended while we looked
        return 0


if __name__ == "__main__":
    main()
