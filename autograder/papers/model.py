"""What papers are made of: cells as they ran, exercises as they were marked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["code", "markdown", "raw"]
Role = Literal["locked", "solution", "test", "free", "text"]
Output = Mapping[str, Any]  # an output of nbformat 4, as a candidate sent it: anything goes


@dataclass(frozen=True)
class Cell:
    """One cell, in the order of the notebook.

    role: "locked" and "test" are from the lab's source, "text" is the lab's own words; what is
        typed by the student is "solution" or "free"
    metadata: that of the lab's source for locked, solution and test cells, else empty
    outputs: capped before; of a test cell, nothing that a student's code wrote while hidden
        tests ran
    ran: False for a code cell that is not run when it is graded
    """

    kind: Kind
    source: str
    role: Role
    id: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    outputs: Sequence[Output] = ()
    execution_count: int | None = None
    ran: bool = True

    @property
    def exercise(self) -> str | None:
        """The exercise that a solution or a test cell belongs to."""
        if self.role not in ("solution", "test"):
            return None
        return str(self.metadata["nbgrader"]["grade_id"]).removesuffix("-tests")


@dataclass(frozen=True)
class Exercise:
    """The marks of one exercise.

    message: the hint that the student reads, so without a value of a hidden test
    comment: what a person wrote to it
    """

    name: str
    points: float
    max_points: float
    status: str
    message: str = ""
    comment: str = ""


@dataclass(frozen=True)
class Paper:
    """One marked submission.

    total: the points that count, with marks by hand and late penalties
    exercises: one for each test cell, and those whose cells are lost
    """

    student: str
    lab: str
    status: str
    note: str
    total: float
    cells: Sequence[Cell]
    exercises: Sequence[Exercise]

    @property
    def max_total(self) -> float:
        """The most that can be had."""
        return sum(exercise.max_points for exercise in self.exercises)
