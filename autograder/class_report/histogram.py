"""The totals as bars, in units of the drawing."""

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.tally import Bin

WIDTH, HEIGHT = 640, 236
_LEFT, _RIGHT, _TOP, _BOTTOM = 14, 14, 30, 40
_GAP = 3  # between two bars
BASE = HEIGHT - _BOTTOM  # where the bars stand


@dataclass(frozen=True)
class Bar:
    """A rectangle, and the number of submissions to write on its top."""

    x: float
    y: float
    width: float
    height: float
    count: int

    @property
    def middle(self) -> float:
        """Where the number stands."""
        return self.x + self.width / 2


@dataclass(frozen=True)
class Tick:
    """Points to write below the edge of two bars; where there is little room, only `main` ones."""

    x: float
    points: float
    main: bool


def bars(bins: Sequence[Bin]) -> list[Bar]:
    """A bar for each bin; the highest fills the drawing."""
    step = _step(bins)
    highest = max((b.count for b in bins), default=0) or 1
    heights = [round((BASE - _TOP) * b.count / highest, 2) for b in bins]
    return [
        Bar(round(_LEFT + place * step + _GAP / 2, 2), BASE - height, step - _GAP, height, b.count)
        for place, (b, height) in enumerate(zip(bins, heights, strict=True))
    ]


def ticks(bins: Sequence[Bin]) -> list[Tick]:
    """The edges of the bins."""
    edges = [b.low for b in bins] + [b.high for b in bins[-1:]]
    step = _step(bins)
    return [
        Tick(round(_LEFT + place * step, 2), points, place % 2 == 0)
        for place, points in enumerate(edges)
    ]


def _step(bins: Sequence[Bin]) -> float:
    return round((WIDTH - _LEFT - _RIGHT) / max(len(bins), 1), 2)
