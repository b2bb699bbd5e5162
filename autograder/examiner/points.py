"""What the value that a test cell ends in says of the points, as nbgrader reads it."""

from typing import Any


def share_of(value: Any, points: float) -> float:
    """The share of a test's points that a value stands for; 1 for what is no number of points.

    nbgrader makes a number of the text that the notebook shows: there is none for None, and none
    in `True` or `np.float64(0.5)`. What is below 0 is strange to it and counts as full marks; what
    is above the points, which it refuses with the whole submission, does so here.

    >>> share_of(1, 2), share_of(0.0, 2), share_of(True, 2), share_of(None, 2), share_of(-1, 2)
    (0.5, 0.0, 1.0, 1.0, 1.0)
    """
    if type(value) not in (int, float):
        return 1.0
    return value / points if 0 <= value < points else 1.0
