"""A course with one lab and a class whose answers are all right."""

import shutil
from pathlib import Path
from unittest import mock

import nbformat

from autograder import release as steps
from autograder.cells import solution_cells
from autograder.course import Course, Lab
from autograder.files import notebook_text
from autograder.lesson import answers

ROOT = Path(__file__).resolve().parents[2]
TORCH_LAB = ROOT / "tests" / "autograder" / "torch_lab"


def make_course(lab: str, root: Path) -> Lab:
    """Build and release a lab in a course of its own in `root`; "torch" is the lab of the tests.

    CourseError for an unknown lab.
    """
    source = TORCH_LAB if lab == "torch" else Course.find(ROOT).lab(lab).folder
    shutil.copytree(source, root / "notebooks" / source.name)
    shutil.copyfile(ROOT / "nbgrader_config.py", root / "nbgrader_config.py")
    made = Course(root).lab(source.name)
    with mock.patch.object(steps, "verify", return_value=0):  # no wrong answers here
        steps.build(made)
    steps.release(made)
    return made


def with_class(lab: Lab, students: int, root: Path) -> Lab:
    """A copy of the course in `root`, and so many submissions, no two of them the same text."""
    shutil.copytree(lab.course.root, root)
    copy = Course(root).lab(lab.name)
    nb, source = (nbformat.read(path, as_version=4) for path in (copy.student, copy.source))
    cells, given = solution_cells(nb), answers(source)
    for number in range(students):
        for name, answer in given.items():
            cells[name].source = f"{answer}\n_student = {number}\n"
        path = copy.course.nbgrader / "submitted" / f"student-{number:04}" / lab.name
        path.mkdir(parents=True)
        (path / f"{lab.name}.ipynb").write_text(notebook_text(nb), encoding="utf-8")
    return copy
