"""Who has handed in, and where it is."""

import os
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Course, Lab
from autograder.errors import CourseError

SAMPLE_PREFIX = "sample-"  # how a sample class is told from a real one
_LONGEST_NAME = 230  # bytes of a student's name: most file systems take 255, with what is added


@dataclass(frozen=True)
class Submission:
    """What a student handed in for one lab: a folder, or an archive in its place."""

    student: str
    lab: Lab
    folder: Path


def find_submissions(lab: Lab) -> list[Submission]:
    """All submissions of a lab, by student; CourseError where there are none.

    Where a real class has handed in, what is left of a sample class is no part of it.
    """
    root = lab.course.nbgrader / "submitted"
    if not root.is_dir():
        raise CourseError(
            f"No submissions: expected the folder {root}/STUDENT/{lab.name}/. "
            f"Put them there, or run `autograder sample {lab.name}` for a sample class."
        )
    students = real_students(lab.course) or student_folders(root)
    found = [Submission(name, lab, path) for name in students if (path := _place(root / name, lab))]
    if not found:
        raise CourseError(
            f"No submissions of '{lab.name}': expected {root}/STUDENT/{lab.name}/{lab.name}.ipynb."
        )
    return found


def _place(student: Path, lab: Lab) -> Path | None:
    """Where a student's work on the lab is, if there is any, or if nobody may look."""
    folder, archive = student / lab.name, student / f"{lab.name}.zip"
    try:
        return folder if folder.is_dir() else archive if archive.is_file() else None
    except PermissionError:
        return folder


def students_without(lab: Lab) -> list[str]:
    """Students who handed in something, but nothing under this lab's name."""
    root = lab.course.nbgrader / "submitted"
    return [name for name in student_folders(root) if not _place(root / name, lab)]


def real_students(course: Course) -> list[str]:
    """Students in the submissions folder who are not of the sample class."""
    students = student_folders(course.nbgrader / "submitted")
    return [name for name in students if not name.startswith(SAMPLE_PREFIX)]


def student_folders(root: Path) -> list[str]:
    """The names of the students' folders; CourseError for a name that no file could keep."""
    folders = [f.name for f in root.iterdir() if f.is_dir()] if root.is_dir() else []
    students = sorted(name for name in folders if not name.startswith((".", "__")))
    for name in students:
        if not name.isprintable():
            raise CourseError(f"The folder {name!r} in {root} has no readable name. Rename it.")
        if len(os.fsencode(name)) > _LONGEST_NAME:
            raise CourseError(
                f"The folder {name[:40]}… in {root} has too long a name for files that are named "
                f"after it: expected {_LONGEST_NAME} bytes at most. Rename it."
            )
    return students
