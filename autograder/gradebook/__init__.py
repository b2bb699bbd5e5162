"""Marks in nbgrader's own gradebook, which formgrader opens: SQLite, or PostgreSQL by URL."""

from autograder.gradebook.book import LabGradebook
from autograder.gradebook.database import GradebookError
from autograder.gradebook.lateness import Penalty, configured_penalty, read_timestamp
from autograder.gradebook.marks import Change, Marks, Written, marks_of

__all__ = [
    "Change",
    "GradebookError",
    "LabGradebook",
    "Marks",
    "Penalty",
    "Written",
    "configured_penalty",
    "marks_of",
    "read_timestamp",
]
