"""A class to grade: ordinary work, no two the same, and attacks from the corpus among it."""

import os
import random
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from autograder.course import Course, Lab
from autograder.release import build, release
from tests.autograder.conftest import ROOT, make_course
from tests.autograder.corpus import (
    broken,
    honest,
    hostile_pipe,
    hostile_tricks,
    hostile_words,
    hostile_world,
)
from tests.autograder.corpus.bench import Lesson
from tests.autograder.corpus.case import SMALL, Case

_ORDINARY = [*honest.CASES, *broken.CASES]
_HOSTILE = [
    case
    for part in (hostile_tricks, hostile_world, hostile_pipe, hostile_words)
    for case in part.CASES
]


def open_course(root: Path, name: str) -> Lab:
    """A course of its own in `root` with that lab, released: the small one of the tests, or real.

    Its folders may be entered by others, as students' code needs where it runs as another user.
    """
    lab = make_course(root) if name == SMALL else _copy(Course(ROOT).lab(name), root)
    build(lab)
    release(lab)
    return lab


def _copy(lab: Lab, root: Path) -> Lab:
    shutil.copytree(lab.folder, root / "notebooks" / lab.name)
    shutil.copyfile(lab.course.root / "nbgrader_config.py", root / "nbgrader_config.py")
    return Course(root).lab(lab.name)


def hand_in(
    lab: Lab, students: int, attackers: int, draw: random.Random, *, hanging: bool
) -> dict[str, str]:
    """Fill class/submitted, and return the name of each student's case.

    hanging: submissions that run into the time limits are among them.
    """
    hostile = set(draw.sample(range(students), attackers))
    ordinary, attacks = _for(lab, _ORDINARY, hanging=False), _for(lab, _HOSTILE, hanging=hanging)
    solved, names = Lesson(lab.lesson, lab.name).solved, {}
    for number in range(students):
        case = draw.choice(attacks) if number in hostile else ordinary[number % len(ordinary)]
        mine = replace(case, answer=f"{case.answer}\n# {number}")
        student = f"student-{number:04}"
        names[student] = case.name
        folder = lab.course.nbgrader / "submitted" / student / lab.name
        for file in mine.handed(solved, _tokens(lab), folder).files:
            folder.mkdir(parents=True)
            (folder / f"{lab.name}.ipynb").write_bytes(file.content)
    return names


def _for(lab: Lab, cases: Sequence[Case], *, hanging: bool) -> list[Case]:
    """The cases that are one plain notebook of this lab; those of one exercise suit every lab."""
    labs = {SMALL, lab.name}
    return [c for c in cases if c.lab in labs and c.make is None and c.hangs <= hanging]


def outside(lab: Lab) -> Path:
    """Where attacks write to: nothing must ever be there."""
    return lab.course.root / "outside"


def _tokens(lab: Lab) -> Mapping[str, str]:
    """Where the attacks find what they are after."""
    return {
        "COURSE": str(lab.course.nbgrader),
        "OUTSIDE": str(outside(lab)),
        "PORT": "9",
        "PARENT": str(os.getpid()),
        "SECRET": "soak-secret",
    }
