"""The small lab as work for workers, a few submissions, and what one process makes of them."""

import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder.course import Course, Lab
from autograder.examiner.marked import Marked
from autograder.examiner.times import Times
from autograder.files import notebook_text
from autograder.grade import grade_class
from autograder.intake import Handed, HandedFile
from autograder.lesson import answers, read_lesson, solution_cells
from autograder.run.local import grade_here
from autograder.run.work import Work
from autograder.sandbox import available
from autograder.sandbox.limits import Limits
from tests.autograder.gradebook.stock import content

STUDENTS = ("ada", "bo", "cy", "di", "eli", "fay")
QUIET: dict[str, Any] = {"report": lambda *_: None}
OPTIONS: dict[str, Any] = {**QUIET, "cell_timeout": 5, "workers": 0}
LAYERS = tuple(layer for layer, problem in available().items() if not problem)


@pytest.fixture(scope="session")
def work(released: Lab) -> Work:
    """The small lab, and short limits."""
    source, release = (p.read_text(encoding="utf-8") for p in (released.source, released.release))
    return Work(released.name, source, release, Times(4, 8, 24), Limits(), LAYERS)


@pytest.fixture(scope="session")
def notebooks(released: Lab) -> dict[str, str]:
    """Right, wrong, a crash, a loop, and no notebook."""
    right = answers(read_lesson(released.lesson))["l2_penalty"]
    head = "def l2_penalty(w, *, weight_decay):\n"
    texts = {
        "right": right,
        "wrong": right.replace("0.5 * ", ""),
        "crash": f"{head}    import os; os._exit(1)",
        "loop": f"{head}    import time\n    while True: time.sleep(1)",
    }
    return {name: notebook(released, text) for name, text in texts.items()} | {"nothing": "{"}


def notebook(lab: Lab, answer: str) -> str:
    """The student notebook with this answer."""
    nb = nbformat.read(lab.student, as_version=4)
    solution_cells(nb)["l2_penalty"].source = answer
    return notebook_text(nb)


@pytest.fixture(scope="session")
def tasks(released: Lab, notebooks: dict[str, str]) -> list[tuple[str, Handed]]:
    """The notebooks as tasks."""
    name = f"{released.name}.ipynb"
    return [(s, Handed((HandedFile(name, text.encode()),))) for s, text in notebooks.items()]


@pytest.fixture(scope="session")
def expected(work: Work, tasks: list[tuple[str, Handed]]) -> dict[str, Marked]:
    """What this process makes of them."""
    return dict(grade_here(work, tasks, workers=0))


def copy(lab: Lab, root: Path) -> Lab:
    """The same course somewhere else."""
    shutil.copytree(lab.course.root, root)
    return Course(root).lab(lab.name)


def written(lab: Lab) -> dict[str, bytes]:
    """All that grading writes: results, papers, grades.csv; and the gradebook's rows."""
    folders = lab.results, lab.course.nbgrader / "autograded", lab.course.nbgrader / "feedback"
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    found = {
        str(p.relative_to(lab.course.root)): p.read_bytes()
        for p in files
        if not p.name.startswith(".")
    }
    return {**found, "gradebook": repr(content(lab.course.gradebook_url)).encode()}


@pytest.fixture(scope="session")
def handed_in(released: Lab, notebooks: dict[str, str], tmp_path_factory) -> Lab:
    """A class that has handed in, some of them late."""
    lab = copy(released, tmp_path_factory.mktemp("class") / "course")
    kinds = ("right", "wrong", "nothing", "right", "crash", "wrong")
    for student, kind in zip(STUDENTS, kinds, strict=True):
        folder = lab.course.nbgrader / "submitted" / student / lab.name
        folder.mkdir(parents=True)
        (folder / f"{lab.name}.ipynb").write_text(notebooks[kind], encoding="utf-8")
        if kind == "wrong":
            time = "2026-03-01 12:00:00.000000 UTC"
            (folder / "timestamp.txt").write_text(time, encoding="utf-8")
    return lab


@pytest.fixture(scope="session")
def undivided(handed_in: Lab, tmp_path_factory) -> dict[str, bytes]:
    """What one run writes."""
    lab = copy(handed_in, tmp_path_factory.mktemp("undivided") / "course")
    grade_class(lab, **OPTIONS)
    return written(lab)
