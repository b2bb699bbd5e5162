"""One submission in the gradebook: its rows, and what marks change in them.

Nothing here reads or writes a database.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import TableClause

from autograder.gradebook.lateness import Penalty, bounded, seconds_late
from autograder.gradebook.marks import Change, Marks
from autograder.gradebook.tables import (
    COMMENT,
    GRADE,
    STUDENT_ID_LENGTH,
    SUBMISSION,
    SUBMITTED_NOTEBOOK,
)

Row = dict[str, Any]
_NO_TEXT = re.compile("[\0\ud800-\udfff]")  # what a database does not take for text
LATE_PENALTY = "late penalty"  # in the place of an exercise, which cannot have a blank in its name
_UNTOUCHED = "No response."  # nbgrader's words for a cell that is still as released


@dataclass(frozen=True)
class Exercise:
    """A cell with points; id and max_points as the gradebook has them."""

    cell_id: str
    max_points: float


@dataclass(frozen=True)
class LabCells:
    """A released lab: what a submission of it gets a row for."""

    assignment_id: str
    notebook_id: str
    duedate: datetime | None
    exercises: Mapping[str, Exercise]
    solutions: Mapping[str, str]  # ids of the cells that students fill in, by name
    tasks: tuple[str, ...] = ()  # ids of nbgrader's task cells: marked and commented by hand alone

    def graded(self) -> list[str]:
        """The ids of the cells that a grade belongs to."""
        return [*(exercise.cell_id for exercise in self.exercises.values()), *self.tasks]

    def commented(self) -> list[str]:
        """The ids of the cells that a comment belongs to."""
        return [*self.solutions.values(), *self.tasks]


@dataclass
class Entry:
    """One submission: a row, the row of its notebook, grades and comments by cell id."""

    submission: Row
    notebook: Row
    grades: dict[str, Row] = field(default_factory=dict)
    comments: dict[str, Row] = field(default_factory=dict)

    def rows(self) -> Iterator[tuple[TableClause, Row]]:
        """All rows with their tables, those first that others refer to."""
        yield SUBMISSION, self.submission
        yield SUBMITTED_NOTEBOOK, self.notebook
        yield from ((GRADE, row) for row in self.grades.values())
        yield from ((COMMENT, row) for row in self.comments.values())

    def copy(self) -> "Entry":
        """Another entry with the same content."""
        grades = {cell_id: dict(row) for cell_id, row in self.grades.items()}
        comments = {cell_id: dict(row) for cell_id, row in self.comments.items()}
        return Entry(dict(self.submission), dict(self.notebook), grades, comments)

    def points(self) -> float:
        """The notebook's score as nbgrader sums it: by hand before automatic, and extra credit."""
        return math.fsum(_points(row) for row in self.grades.values())

    def marks(self, lab: LabCells) -> Marks:
        """The automatic marks that are kept here."""
        return Marks(
            self.submission["student_id"],
            {n: self.grades[e.cell_id]["auto_score"] for n, e in lab.exercises.items()},
            frozenset(
                name
                for name, cell_id in lab.solutions.items()
                if self.comments[cell_id]["auto_comment"] == _UNTOUCHED
            ),
            self.submission["timestamp"],
        )


def new_entry(lab: LabCells, student: str) -> Entry:
    """A submission as nbgrader makes it, still without cells."""
    submission = {
        "id": uuid4().hex,
        "assignment_id": lab.assignment_id,
        "student_id": student,
        "timestamp": None,
        "extension": None,
    }
    return Entry(submission, new_notebook(lab, submission))


def new_notebook(lab: LabCells, submission: Row) -> Row:
    """The row of a submitted notebook, as nbgrader makes it."""
    return {
        "id": uuid4().hex,
        "assignment_id": submission["id"],
        "notebook_id": lab.notebook_id,
        "flagged": False,
        "late_submission_penalty": None,
    }


def complete(entry: Entry, lab: LabCells) -> Entry:
    """The entry with a row for every cell; those that are missing are made as nbgrader makes them.

    >>> lab = LabCells("a", "n", None, {"relu": Exercise("c", 2.0)}, {"relu": "d"})
    >>> entry = complete(new_entry(lab, "ada"), lab)
    >>> entry.grades["c"]["auto_score"], entry.grades["c"]["needs_manual_grade"]
    (None, True)
    """
    grades = {cell_id: entry.grades.get(cell_id) or _grade_row() for cell_id in lab.graded()}
    comments = {c: entry.comments.get(c) or {"auto_comment": None} for c in lab.commented()}
    for cell_id, row in [*grades.items(), *comments.items()]:
        if "id" not in row:
            row |= {"id": uuid4().hex, "notebook_id": entry.notebook["id"], "cell_id": cell_id}
    return Entry(entry.submission, entry.notebook, grades, comments)


def marked(entry: Entry, marks: Marks, lab: LabCells, penalty: Penalty) -> Entry:
    """A copy with the marks in it, by nbgrader's rules; what people wrote by hand stays."""
    entry = entry.copy()
    handed_in_again = marks.timestamp not in (None, entry.submission["timestamp"])
    if handed_in_again:
        entry.submission["timestamp"] = marks.timestamp
    for name, exercise in lab.exercises.items():
        score = 0.0 if marks.scores is None else marks.scores[name]
        _grade(entry.grades[exercise.cell_id], score, handed_in_again)
    for name, cell_id in lab.solutions.items():
        entry.comments[cell_id]["auto_comment"] = _UNTOUCHED if name in marks.unanswered else None
    entry.notebook["late_submission_penalty"] = _penalty(entry, lab, penalty)
    return entry


def find_changes(before: Entry, after: Entry, lab: LabCells) -> list[Change]:
    """Every exercise that has another automatic mark afterwards, and another late penalty."""
    changes = _penalty_change(before, after)
    for name, exercise in lab.exercises.items():
        old, new = before.grades[exercise.cell_id], after.grades[exercise.cell_id]
        if old["auto_score"] != new["auto_score"]:
            student = after.submission["student_id"]
            by_hand = old["manual_score"]
            changes.append(Change(student, name, old["auto_score"], new["auto_score"], by_hand))
    return changes


def _penalty_change(before: Entry, after: Entry) -> list[Change]:
    """That of an earlier mark: with a first one there is nothing to compare."""
    old, new = (e.notebook["late_submission_penalty"] or 0.0 for e in (before, after))
    if old == new or all(row["auto_score"] is None for row in before.grades.values()):
        return []
    return [Change(after.submission["student_id"], LATE_PENALTY, old, new, None)]


def find_problem(marks: Marks, lab: LabCells) -> str | None:
    """A sentence that says why these marks cannot be written, or None."""
    return _identity_problem(marks) or _score_problem(marks, lab)


def _grade(row: Row, score: float | None, handed_in_again: bool) -> None:
    """Set the automatic mark; a person looks again where one had marked what is now different."""
    score = None if score is None else float(score)
    if score == row["auto_score"] and not handed_in_again:
        return
    row["auto_score"] = score
    row["needs_manual_grade"] = row["manual_score"] is not None or score is None


def _grade_row() -> Row:
    by_hand = {"manual_score": None, "extra_credit": None}
    return {"auto_score": None, "needs_manual_grade": True, **by_hand}


def _points(row: Row) -> float:
    score = row["auto_score"] if row["manual_score"] is None else row["manual_score"]
    return 0.0 if score is None else score + (row["extra_credit"] or 0.0)


def _penalty(entry: Entry, lab: LabCells, penalty: Penalty) -> float | None:
    late = seconds_late(entry.submission["timestamp"], lab.duedate, entry.submission["extension"])
    if late <= 0:
        return None
    points = entry.points()
    return bounded(penalty(entry.submission["student_id"], points, late), points)


def _identity_problem(marks: Marks) -> str | None:
    student = marks.student
    strange = _NO_TEXT.search(student)
    if strange or not 0 < len(student) <= STUDENT_ID_LENGTH:
        return (
            f"A student's id must have 1 to {STUDENT_ID_LENGTH} characters that can be stored. Got "
            f"{student[:40]!r}, {len(student)} long. Rename the folder of the submission."
        )
    if marks.timestamp is not None and marks.timestamp.tzinfo is not None:
        return f"A timestamp must be in UTC, without a time zone. Got {marks.timestamp}."
    return None


def _score_problem(marks: Marks, lab: LabCells) -> str | None:
    if marks.scores is not None and marks.scores.keys() != lab.exercises.keys():
        return (
            f"Expected points for {', '.join(sorted(lab.exercises))}, as the gradebook has them. "
            f"Got {', '.join(sorted(marks.scores)) or 'none'}. Release the lab again."
        )
    if strange := sorted(marks.unanswered - lab.solutions.keys()):
        return f"The gradebook has no solution cell {', '.join(strange)}. Release the lab again."
    for name, score in (marks.scores or {}).items():
        most = lab.exercises[name].max_points
        if score is not None and not 0 <= score <= most:
            return f"The points of '{name}' must be 0 to {most:g}. Got {score!r}."
    return None
