"""The work that a run is: what all its tasks have in common."""

import json
from dataclasses import dataclass

from autograder.cells import graded_cells, grading
from autograder.course import Lab
from autograder.examiner.times import Times
from autograder.sandbox.limits import Limits

GRACE = 60  # seconds on top of a notebook's time: to warm up, and to write the papers


@dataclass(frozen=True)
class Work:
    """What is the same for all submissions of a run.

    lab: its name; source and release: the two notebooks as JSON text; times and limits: of each
    submission; layers: of the sandbox, to put on.
    """

    lab: str
    source: str
    release: str
    times: Times
    limits: Limits
    layers: tuple[str, ...]

    @classmethod
    def of(cls, lab: Lab, cell_timeout: int, layers: tuple[str, ...]) -> "Work":
        """The work that a lab is, when one cell may run so many seconds."""
        source, release = (path.read_text(encoding="utf-8") for path in (lab.source, lab.release))
        times = Times(cell_timeout, exercise=2 * cell_timeout, notebook=12 * cell_timeout)
        return cls(lab.name, source, release, times, Limits(), layers)

    @property
    def exercises(self) -> dict[str, float]:
        """The points of each exercise."""
        cells = graded_cells(json.loads(self.source))
        return {name: float(grading(cell)["points"]) for name, cell in cells.items()}
