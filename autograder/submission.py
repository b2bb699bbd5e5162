"""Read what a student handed in, without ever changing it."""

import json
import warnings
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.course import Course, Lab
from autograder.errors import CourseError

SAMPLE_PREFIX = "sample-"  # how a sample class is told from a real one


class UnreadableError(Exception):
    """The submission is no notebook; the message says what it is instead."""


@dataclass(frozen=True)
class Submission:
    """A student's folder for one lab."""

    student: str
    lab: Lab
    folder: Path

    def read(self) -> NotebookNode:
        """The notebook as handed in; UnreadableError with a sentence where there is none."""
        if set(self.student) & set("*?[]"):
            raise UnreadableError("the folder's name holds one of *?[], a pattern. Rename it.")
        path = self.folder / f"{self.lab.name}.ipynb"
        if path.is_symlink() or self.folder.is_symlink() or self.folder.parent.is_symlink():
            raise UnreadableError(f"{path.name} is a link. Hand in the file itself.")
        if not path.is_file():
            others = sorted(p.name for p in self.folder.iterdir() if p.is_file())
            raise UnreadableError(
                f"no file {path.name} in the submission. Files: {', '.join(others) or 'none'}."
            )
        try:
            return _parse(path.name, path.read_bytes())
        except PermissionError:
            raise UnreadableError(f"{path.name} may not be read. Change its rights.") from None


def _parse(name: str, content: bytes) -> NotebookNode:
    if not content.strip():
        raise UnreadableError(f"{name} is empty.")
    try:
        text = content.decode("utf-8-sig")
        json.loads(text)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of missing and repeated cell ids: mended here
            nb = nbformat.reads(text, as_version=4)
            nbformat.validate(nb)
    except UnicodeDecodeError:
        raise UnreadableError(f"{name} is not UTF-8 text.") from None
    except json.JSONDecodeError as error:
        raise UnreadableError(f"{name} is not JSON: {error}.") from None
    except Exception as error:  # nbformat raises what its migrations happen to trip over
        said = str(error).split("\n")[0]
        raise UnreadableError(f"{name} is not a Jupyter notebook: {said}.") from None
    return nb


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
    folders = [root / name / lab.name for name in students]
    found = [Submission(f.parent.name, lab, f) for f in folders if f.is_dir()]
    if not found:
        raise CourseError(
            f"No submissions of '{lab.name}': expected {root}/STUDENT/{lab.name}/{lab.name}.ipynb."
        )
    return found


def students_without(lab: Lab) -> list[str]:
    """Students who handed in something, but nothing under this lab's name."""
    root = lab.course.nbgrader / "submitted"
    return [name for name in student_folders(root) if not (root / name / lab.name).is_dir()]


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
    return students
