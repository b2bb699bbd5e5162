"""What grading says of a submission: the result model, as JSON and CSV."""

import csv
import io
import json
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from autograder.files import write_text

_NUMBERS = {"points", "max_points"}
_WORDS = {"student", "lab", "note", "key", "name", "message"}


class Status(StrEnum):
    """What happened to a submission or an exercise; the worst comes last."""

    GRADED = "graded"
    PARTLY_GRADED = "partly graded"  # some exercises were not attempted
    NOT_ATTEMPTED = "not attempted"
    REPAIRED = "repaired"
    ERROR = "error in an exercise"
    TIME_OUT = "time-out"
    CRASHED = "crashed"
    UNREADABLE = "unreadable"
    REFUSED = "refused"
    INFRASTRUCTURE_FAILURE = "infrastructure failure"


@dataclass(frozen=True)
class ExerciseResult:
    """Points and status of one exercise.

    `message` is the hint that the student reads, `misconception` the name of the mistake, if known.
    """

    name: str
    points: float
    max_points: float
    status: Status
    message: str = ""
    misconception: str | None = None


@dataclass(frozen=True)
class SubmissionResult:
    """Points and status of one submission.

    `key` is the content that it was graded from, `layers` the sandbox's that held meanwhile.
    """

    student: str
    lab: str
    status: Status
    note: str
    exercises: tuple[ExerciseResult, ...]
    max_points: float
    key: str
    layers: tuple[str, ...] = ()

    @property
    def points(self) -> float:
        """The automatic marks; later corrections by hand are in the gradebook."""
        return sum(e.points for e in self.exercises)

    @property
    def is_final(self) -> bool:
        """False where nothing can be said of the student's work: try again."""
        return self.status is not Status.INFRASTRUCTURE_FAILURE

    def write(self, folder: Path) -> None:
        """Write it as `folder`/STUDENT.json, whole or not at all."""
        text = json.dumps(asdict(self), ensure_ascii=False, indent=1)
        write_text(folder / f"{self.student}.json", text + "\n")

    @classmethod
    def read(cls, path: Path) -> "SubmissionResult | None":
        """The student's result in a file of that name, or None where there is none to be read."""
        try:
            fields = json.loads(path.read_text(encoding="utf-8"))
            exercises = tuple(ExerciseResult(**_checked(e)) for e in fields["exercises"])
            layers = tuple(fields.get("layers", ()))
            result = cls(**{**_checked(fields), "exercises": exercises, "layers": layers})
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None
        return result if result.student == path.stem else None


def _checked(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of a result; some error where one is no such number, status or text."""
    checked = {**fields, "status": Status(fields["status"])}
    for name, value in fields.items():
        if name in _NUMBERS:
            checked[name] = float(value)
            if not math.isfinite(checked[name]):
                raise ValueError(f"{name} must be finite")
        elif name in _WORDS or (name == "misconception" and value is not None):
            value.encode()
    return checked


def overall_status(exercises: tuple[ExerciseResult, ...], *, repaired: bool) -> Status:
    """The worst that happened; "not attempted" only where no exercise was."""
    found = {e.status for e in exercises}
    for status in (Status.CRASHED, Status.TIME_OUT, Status.ERROR):
        if status in found:
            return status
    if found == {Status.NOT_ATTEMPTED}:
        return Status.NOT_ATTEMPTED
    if repaired:
        return Status.REPAIRED
    return Status.PARTLY_GRADED if Status.NOT_ATTEMPTED in found else Status.GRADED


def note_of(exercises: tuple[ExerciseResult, ...], repairs: Iterable[str]) -> str:
    """What was put right, and what became of the exercises that lost points, in one line."""
    words = [*repairs]
    lost = [e for e in exercises if e.points < e.max_points]
    worst_first = Status.CRASHED, Status.TIME_OUT, Status.ERROR, Status.NOT_ATTEMPTED, Status.GRADED
    for status in worst_first:
        kind = "wrong" if status is Status.GRADED else status.value
        names = [e.name for e in lost if e.status is status]
        if names:
            where = "every exercise" if len(names) == len(exercises) else ", ".join(names)
            words.append(f"{kind}: {where}")
    return "; ".join(words)


def grades_csv(results: list[SubmissionResult]) -> str:
    """One line a submission: student, points, status, note, and the points of each exercise.

    A submission that could not be graded has no points, not zero. A cell that a spreadsheet would
    take for a formula gets a leading apostrophe.
    """
    names = list(dict.fromkeys(e.name for r in results for e in r.exercises))
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["student", "lab", "points", "max_points", "status", "note", *names])
    for r in results:
        points = {e.name: f"{e.points:g}" for e in r.exercises}
        marks = [f"{r.points:g}" if r.is_final else "", f"{r.max_points:g}"]
        words = [_no_formula(w) for w in (r.student, r.lab)]
        row = [*words, *marks, r.status.value, _no_formula(r.note)]
        absent = "0" if r.is_final else ""
        table.writerow([*row, *(points.get(name, absent) for name in names)])
    return text.getvalue()


def _no_formula(text: str) -> str:
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
