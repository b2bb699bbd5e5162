"""Otter-Grader's local engine, in an environment of its own under build/.

A lab becomes an assignment of Otter's: each test cell, hidden tests included, is a test file, which
runs after the cell of its exercise. A class goes through the engine one by one in one process; in
parallel Otter runs containers only.
"""

import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import nbformat

from autograder.cells import grade_id, graded_cells, has_role
from autograder.course import Lab
from benchmarks._engines.classroom import ROOT
from benchmarks._engines.measured import Measured, moments
from benchmarks._engines.watched import run

_PACKAGES = ("otter-grader[grading]==7.0.0",)
_PYTHON = ROOT / "build" / "otter" / "bin" / "python"
_CLASS = Path(__file__).with_name("otter_class.py")
_TEST = """\
from otter.test_files import test_case

OK_FORMAT = False
name = {name!r}
points = {points}


@test_case(hidden=True)
def test(env):
    exec({source!r}, dict(env))
"""


def make_environment() -> str:
    """Install Otter where it is not there yet; "" or why that cannot be done."""
    commands = (
        [sys.executable, "-m", "venv", "--clear", str(_PYTHON.parents[1])],
        [str(_PYTHON), "-m", "pip", "install", "--quiet", *_PACKAGES],
    )
    ready = _PYTHON.parents[1] / "ready"
    for command in () if ready.is_file() else commands:
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            return done.stderr.strip().split("\n")[-1]
    # What labs import comes after Otter's own packages.
    site = next(_PYTHON.parents[1].glob("lib/python*/site-packages"))
    (site / "labs.pth").write_text(f"{ROOT}\n{sysconfig.get_path('purelib')}\n", encoding="utf-8")
    ready.touch()
    return ""


def grade(lab: Lab) -> Measured:
    """Grade a class. ClickException where a perfect answer does not get full marks."""
    root = lab.course.root
    write_assignment(lab, root)
    run([str(_PYTHON), "-m", "otter", "generate", "-t", "tests"], folder=root, path="")
    (root / "marked").mkdir()
    started = time.time()
    seconds, memory = run([str(_PYTHON), str(_CLASS)], folder=root, path="")
    return Measured(seconds, memory, started, [moments([*root.glob("marked/*/results.json")])])


def write_assignment(lab: Lab, root: Path) -> None:
    """tests/EXERCISE.py, and handed-in/STUDENT.ipynb with Otter's metadata for nbgrader's."""
    source = nbformat.read(lab.source, as_version=4)
    (root / "tests").mkdir()
    (root / "handed-in").mkdir()
    for name, cell in graded_cells(source).items():
        text = _TEST.format(name=name, points=cell.metadata.nbgrader.points, source=cell.source)
        (root / "tests" / f"{name}.py").write_text(text, encoding="utf-8")
    for path in lab.course.nbgrader.glob(f"submitted/*/{lab.name}/{lab.name}.ipynb"):
        nb = nbformat.read(path, as_version=4)
        nb.cells = [cell for cell in nb.cells if not has_role(cell, "grade")]
        for cell in nb.cells:
            if has_role(cell, "solution"):
                cell.metadata.otter = {"tests": [grade_id(cell)]}
        nbformat.write(nb, root / "handed-in" / f"{path.parents[1].name}.ipynb")
