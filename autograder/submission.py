"""Read what a student handed in, without ever changing it."""

import json
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.course import Lab
from autograder.errors import CourseError
from autograder.lesson import grade_id


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
        path = self.folder / f"{self.lab.name}.ipynb"
        if not path.is_file():
            others = sorted(p.name for p in self.folder.iterdir())
            raise UnreadableError(
                f"no {path.name} in the submission. It holds: {', '.join(others) or 'nothing'}."
            )
        content = path.read_bytes()
        if not content.strip():
            raise UnreadableError(f"{path.name} is empty.")
        try:
            text = content.decode("utf-8-sig")
            json.loads(text)
            nb = nbformat.reads(text, as_version=4)
            nbformat.validate(nb)
        except UnicodeDecodeError:
            raise UnreadableError(f"{path.name} is not UTF-8 text.") from None
        except json.JSONDecodeError as error:
            raise UnreadableError(f"{path.name} is not JSON: {error}.") from None
        except Exception as error:  # nbformat raises what its migrations happen to trip over
            said = str(error).split("\n")[0]
            raise UnreadableError(f"{path.name} is not a Jupyter notebook: {said}.") from None
        return nb


def find_submissions(lab: Lab) -> list[Submission]:
    """All submissions of a lab, by student; CourseError where there are none."""
    root = lab.course.nbgrader / "submitted"
    if not root.is_dir():
        raise CourseError(
            f"No submissions: expected the folder {root}/STUDENT/{lab.name}/. "
            f"Put them there, or run `autograder sample {lab.name}` for a sample class."
        )
    folders = sorted(f for f in root.glob(f"*/{lab.name}") if f.is_dir())
    if not folders:
        raise CourseError(
            f"No submissions of '{lab.name}': expected {root}/STUDENT/{lab.name}/{lab.name}.ipynb."
        )
    return [Submission(f.parent.name, lab, f) for f in folders]


def repairs(submitted: NotebookNode, released: NotebookNode) -> list[str]:
    """What grading puts right: locked cells that were deleted, changed or copied."""
    theirs: dict[str, list[str]] = {}
    for cell in submitted.cells:
        if name := grade_id(cell):
            theirs.setdefault(name, []).append(cell.source)
    notes = []
    for cell in released.cells:
        name = grade_id(cell)
        if name is None or not cell.metadata.nbgrader.locked:
            continue
        found = theirs.get(name, [])
        if not found:
            notes.append(f"the locked cell '{name}' was deleted")
        elif len(found) > 1:
            notes.append(f"the locked cell '{name}' was there {len(found)} times")
        elif found[0] != cell.source:
            notes.append(f"the locked cell '{name}' was changed")
    return notes
