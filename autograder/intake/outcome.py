"""What taking in a submission gives: cells to grade, or a sentence that says why there are none."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

_LONGEST_NAME = 80


class IntakeStatus(StrEnum):
    """What became of a submission before anything in it was run."""

    OK = "ok"
    REPAIRED = "repaired"
    UNREADABLE = "unreadable"  # there is no notebook in it that can be read
    REFUSED = "refused"  # it could be read and is not: a link, too large, another lab


class Role(StrEnum):
    """Whose a cell is, and what it is for."""

    SOLUTION = "solution"  # the student's text in a cell of the lab
    TESTS = "tests"  # the lab's: marked
    LOCKED = "locked"  # the lab's: setup
    LESSON = "lesson"  # the lab's, free to edit: explanations, demonstrations
    OWN = "own"  # a cell that the student added


@dataclass(frozen=True)
class Cell:
    """A cell to grade; `metadata` is the lab's own, never the submission's. Not to be changed."""

    kind: str  # "code", "markdown" or "raw"
    text: str
    role: Role
    id: str  # used once in the notebook
    name: str = ""  # the grade id
    metadata: Mapping[str, Any] = field(default_factory=dict)
    answered: bool = False  # of a solution: it is not what was handed out

    @property
    def is_of_lab(self) -> bool:
        """True for a cell with a grade id."""
        return self.role in (Role.SOLUTION, Role.TESTS, Role.LOCKED)

    @property
    def is_skipped(self) -> bool:
        """True for cells that graders do not run: explorers, and other slow things to look at."""
        return "skip-execution" in self.metadata.get("tags", ())


@dataclass(frozen=True)
class Intake:
    """What was taken in: `notes` are for the instructor, `said` is one sentence for the student."""

    status: IntakeStatus
    cells: tuple[Cell, ...]
    notes: tuple[str, ...]
    said: str


@dataclass(frozen=True)
class Trouble:
    """Something handed in that is not graded, and a sentence for the student."""

    status: IntakeStatus
    said: str


class NotTakenError(Exception):
    """Raised where something handed in is not graded."""

    def __init__(self, trouble: Trouble):
        super().__init__(trouble)
        self.trouble = trouble


def unreadable(said: str) -> NotTakenError:
    """The error for what is no notebook."""
    return NotTakenError(Trouble(IntakeStatus.UNREADABLE, said))


def refused(said: str) -> NotTakenError:
    """The error for what is not opened on purpose."""
    return NotTakenError(Trouble(IntakeStatus.REFUSED, said))


def shown(name: str) -> str:
    """A name from a submission, fit to be printed, kept and sent; the end says what it is.

    >>> shown("my lab.ipynb"), shown("a" + chr(27) + "[31m" + chr(0xD800))
    ('my lab.ipynb', 'a?[31m?')
    """
    if len(name) > _LONGEST_NAME:
        name = f"{name[: _LONGEST_NAME // 2]}…{name[-_LONGEST_NAME // 2 :]}"
    return "".join(c if c.isprintable() else "?" for c in name)
