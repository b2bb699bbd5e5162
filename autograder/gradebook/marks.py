"""What is handed to the gradebook, and what it says of it afterwards."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:  # it needs nbformat, which takes two seconds to import
    from autograder.results import SubmissionResult


@dataclass(frozen=True)
class Marks:
    """The automatic marks of one submission.

    student: the student's id.
    scores: points by exercise. An exercise with None waits for a mark by hand. None instead of the
        mapping says that the submission cannot be marked: earlier automatic marks become 0.
    unanswered: the solution cells that are still as released.
    timestamp: when it was handed in, in UTC and without a time zone, or None where nobody knows.
    """

    student: str
    scores: Mapping[str, float | None] | None
    unanswered: frozenset[str] = frozenset()
    timestamp: datetime | None = None


class Change(NamedTuple):
    """An automatic mark that a write changes; a mark by hand stands over both.

    Or a late penalty, which has a place among the exercises then.
    """

    student: str
    exercise: str
    before: float | None
    after: float | None
    by_hand: float | None


@dataclass
class Written:
    """What a write did, or would do: students by what happened to them, and each mark changed."""

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)  # why nothing of theirs was written
    changes: list[Change] = field(default_factory=list)

    def add(self, other: "Written") -> None:
        """Take in what the next part did."""
        self.new += other.new
        self.changed += other.changed
        self.unchanged += other.unchanged
        self.refused |= other.refused
        self.changes += other.changes


def marks_of(
    result: "SubmissionResult",
    *,
    unanswered: Iterable[str] = (),
    timestamp: datetime | None = None,
) -> Marks | None:
    """The marks of a result; None for an infrastructure failure, which says nothing of the work."""
    if not result.is_final:
        return None
    scores = {exercise.name: exercise.points for exercise in result.exercises}
    return Marks(result.student, scores or None, frozenset(unanswered), timestamp)
