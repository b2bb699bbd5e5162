"""What an examiner gives back for a submission."""

from dataclasses import dataclass

from autograder.results import ExerciseResult, Status


@dataclass(frozen=True)
class Marked:
    """What became of a submission; `notebook` and `page` are empty where nothing was run."""

    status: Status
    note: str
    exercises: tuple[ExerciseResult, ...] = ()
    notebook: str = ""
    page: str = ""
