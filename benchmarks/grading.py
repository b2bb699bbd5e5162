"""Seconds per graded submission: a class of perfect answers to a lab, graded one by one."""

import shutil
import statistics
import tempfile
from pathlib import Path

import click

from autograder.course import Course
from autograder.grade import grade_class
from autograder.release import build, release
from autograder.sample import write_sample_class
from autograder.submission import SAMPLE_PREFIX as PREFIX


@click.command()
@click.option("--students", default=10, show_default=True)
@click.option("--lab", default="09_regularization", show_default=True)
def main(students: int, lab: str) -> None:
    """Grade copies of the perfect submission in a course of its own."""
    here = Course.find(Path())
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        shutil.copytree(here.root / "notebooks" / lab, root / "notebooks" / lab)
        shutil.copyfile(here.root / "nbgrader_config.py", root / "nbgrader_config.py")
        copy = Course(root).lab(lab)
        build(copy)
        release(copy)
        write_sample_class(copy)
        submitted = copy.course.nbgrader / "submitted"
        perfect = submitted / f"{PREFIX}perfect"
        for number in range(students):
            shutil.copytree(perfect, submitted / f"student-{number:03}")
        for other in submitted.glob(f"{PREFIX}*"):
            shutil.rmtree(other)
        results = grade_class(copy, report=lambda *_: None)
    seconds = [r.seconds for r in results]
    median, rate = statistics.median(seconds), 60 * len(seconds) / sum(seconds)
    print(f"{len(seconds)} submissions: median {median:.2f} s, {rate:.1f} a minute")


if __name__ == "__main__":
    main()
