"""How long a submission may take."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Times:
    """Seconds: for one cell or call of the student's, for the tests of one exercise, for all."""

    cell: float = 10
    exercise: float = 20
    notebook: float = 120
