"""What the marks of a class come to: totals, exercises, and the mistakes that cost points.

Counted are the submissions that were run. One that could not be read has 0 points in the gradebook
but says nothing of an exercise, and one that the machine failed has no marks at all.
"""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean, median
from typing import TypeVar

from autograder.results import ExerciseResult, Status, SubmissionResult

Word = TypeVar("Word", bound=str)


@dataclass(frozen=True)
class Bin:
    """How many totals lie from `low` up to `high`; only the last bin has its `high` as well."""

    low: float
    high: float
    count: int


@dataclass(frozen=True)
class ExerciseTally:
    """One exercise over all submissions that have marks for it."""

    name: str
    marks: tuple[ExerciseResult, ...]

    @property
    def max_points(self) -> float:
        """The most that could be had."""
        return max(mark.max_points for mark in self.marks)

    @property
    def full(self) -> int:
        """How many have all points; nobody has where there are none."""
        return sum(mark.points >= mark.max_points > 0 for mark in self.marks)

    @property
    def some(self) -> int:
        """How many have a part of the points."""
        return sum(0 < mark.points < mark.max_points for mark in self.marks)

    @property
    def none(self) -> int:
        """How many have no point of those that could be had."""
        return sum(mark.points <= 0 < mark.max_points for mark in self.marks)

    @property
    def mean(self) -> float:
        """Points of one submission, on average."""
        return fmean(mark.points for mark in self.marks)

    @property
    def share(self) -> float:
        """The part of the points that the class has; 1 where there are none to be had."""
        most = math.fsum(mark.max_points for mark in self.marks)
        return math.fsum(mark.points for mark in self.marks) / most if most else 1.0

    @property
    def parts(self) -> list[tuple[float, int]]:
        """The points of those who have a part of them, and how many have so many."""
        given = (round(mark.points, 6) for mark in self.marks if 0 < mark.points < mark.max_points)
        return sorted(Counter(given).items())

    @property
    def mistakes(self) -> list[tuple[str, int]]:
        """The misconceptions that were found, the most common first."""
        return _by_count(mark.misconception for mark in self.marks if mark.misconception)

    @property
    def other_losses(self) -> list[tuple[Status, int]]:
        """What became of those who lost points by no known misconception."""
        lost = (m for m in self.marks if m.points < m.max_points and not m.misconception)
        return _by_count(mark.status for mark in lost)


@dataclass(frozen=True)
class ClassTally:
    """A class: every result, and of those that were run the exercises, the hardest first."""

    results: tuple[SubmissionResult, ...]
    marked: tuple[SubmissionResult, ...]
    exercises: tuple[ExerciseTally, ...]

    @property
    def max_points(self) -> float:
        """The most that could be had."""
        return max((result.max_points for result in self.results), default=0.0)

    @property
    def totals(self) -> list[float]:
        """The points of each submission that was run."""
        return [result.points for result in self.marked]

    @property
    def mean(self) -> float | None:
        """Of the totals; None where there are none."""
        return fmean(self.totals) if self.marked else None

    @property
    def median(self) -> float | None:
        """Of the totals; None where there are none."""
        return median(self.totals) if self.marked else None

    @property
    def full(self) -> int:
        """How many have all points; nobody has where there are none."""
        return sum(result.points >= result.max_points > 0 for result in self.marked)

    @property
    def none(self) -> int:
        """How many have no point."""
        return sum(result.points <= 0 < result.max_points for result in self.marked)

    @property
    def statuses(self) -> list[tuple[Status, int]]:
        """How many submissions have which status, in the order of `Status`."""
        found = Counter(result.status for result in self.results)
        return [(status, found[status]) for status in Status if found[status]]

    def bins(self, number: int = 10) -> list[Bin]:
        """The totals in bins of one width from 0 to the most; none where there are no points."""
        if self.max_points <= 0:
            return []
        counts = Counter(_place(points / self.max_points, number) for points in self.totals)
        edges = [self.max_points * place / number for place in range(number + 1)]
        return [Bin(edges[i], edges[i + 1], counts[i]) for i in range(number)]


def tally(results: Iterable[SubmissionResult]) -> ClassTally:
    """Count what the results of one lab say."""
    everything = tuple(results)
    marked = tuple(result for result in everything if result.is_final and result.exercises)
    exercises: dict[str, list[ExerciseResult]] = {}
    for mark in (mark for result in marked for mark in result.exercises):
        exercises.setdefault(mark.name, []).append(mark)
    tallies = [ExerciseTally(name, tuple(marks)) for name, marks in exercises.items()]
    return ClassTally(everything, marked, tuple(sorted(tallies, key=lambda t: t.share)))


def _by_count(names: Iterable[Word]) -> list[tuple[Word, int]]:
    """Each with how often it comes, the most common first, and of equal ones by name."""
    return sorted(Counter(names).items(), key=lambda pair: (-pair[1], pair[0]))


def _place(share: float, number: int) -> int:
    """The bin of a share; one that is a hair below an edge, by rounding, is on it."""
    return min(max(math.floor(round(share * number, 9)), 0), number - 1)
