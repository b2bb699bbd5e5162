"""Results of classes, made up, to count and to show."""

from typing import Any

from autograder.results import ExerciseResult, Status, SubmissionResult

LAB = "01_small"
LAYERS = ("limits", "landlock")


def mark(points: float = 2, name: str = "double", **more: Any) -> ExerciseResult:
    """The marks of one exercise, worth two points."""
    return ExerciseResult(
        **({"max_points": 2.0, "status": Status.GRADED} | more), name=name, points=points
    )


def result(student: str, *marks: ExerciseResult, **more: Any) -> SubmissionResult:
    """One submission; the lab is worth what its exercises here are."""
    fields: dict[str, Any] = {"status": Status.GRADED, "note": "", "key": "k", "layers": LAYERS}
    fields["max_points"] = sum(m.max_points for m in marks) or 2.0
    return SubmissionResult(**(fields | more), student=student, lab=LAB, exercises=marks)


def failed(student: str, note: str = "no process left") -> SubmissionResult:
    """One that the machine failed."""
    return result(student, status=Status.INFRASTRUCTURE_FAILURE, note=note)


def unreadable(student: str) -> SubmissionResult:
    """One without a notebook that can be read."""
    return result(student, status=Status.UNREADABLE, note="it is empty")


def large_class(students: int, note: str = "wrong: double") -> list[SubmissionResult]:
    """Eight exercises, and points that depend on the student's number alone."""
    return [
        result(
            f"student-{n:04}",
            *(mark(float((n * n + k) % 3), f"exercise_{k}") for k in range(8)),
            note=note,
        )
        for n in range(students)
    ]
