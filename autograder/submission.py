"""Read what a student handed in, without ever changing it."""

import json
import warnings
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.course import Lab
from autograder.errors import CourseError


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
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of missing and repeated cell ids: mended here
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
