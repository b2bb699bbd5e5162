"""Does the writer leave the gradebook of a real class as `nbgrader autograde` does?"""

import os
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path

from autograder.course import Course
from autograder.gradebook import LabGradebook, Marks, configured_penalty, read_timestamp
from tests.autograder.gradebook.stock import content, gradebook

HANDED_IN = {"ada": "2026-03-01 13:00:00.250000 UTC", "bob": "2026-03-01 10:00:00 Europe/Madrid"}


def test_nbgrader_and_the_writer_agree_on_a_class(released, tmp_path):
    """Ada's answer is right and late, Bob's is untouched and in time."""
    shutil.copytree(released.course.root, tmp_path / "course")
    lab = Course(tmp_path / "course").lab(released.name)
    with (lab.course.root / "nbgrader_config.py").open("a") as file:
        file.write('c.LateSubmissionPlugin.penalty_method = "zero"\n')
    with gradebook(lab.course.gradebook_url) as book:
        book.find_assignment(lab.name).duedate = datetime(2026, 3, 1, 12)
        book.db.commit()
    for student, answer in {"ada": lab.solution, "bob": lab.release}.items():
        hand_in(lab, student, answer)
    ours = f"sqlite:///{shutil.copy(lab.course.nbgrader / 'gradebook.db', tmp_path)}"
    autograde(lab)

    penalty = configured_penalty(lab.course.root)
    book = LabGradebook(ours, lab.name, penalty=penalty)
    full, zero = book.exercises(), dict.fromkeys(book.exercises(), 0.0)
    times = {s: read_timestamp(lab.course.nbgrader / "submitted" / s / lab.name) for s in HANDED_IN}
    untouched = frozenset(zero)
    book.write(
        [Marks("ada", full, timestamp=times["ada"]), Marks("bob", zero, untouched, times["bob"])]
    )
    assert content(ours) == content(lab.course.gradebook_url)


def hand_in(lab, student: str, answer: Path) -> None:
    folder = lab.course.nbgrader / "submitted" / student / lab.name
    folder.mkdir(parents=True)
    shutil.copyfile(answer, folder / f"{lab.name}.ipynb")
    (folder / "timestamp.txt").write_text(HANDED_IN[student])


def autograde(lab) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "autograde", lab.name], cwd=lab.course.root,
        env={**os.environ, "PATH": path}, check=False, capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
