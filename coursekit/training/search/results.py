"""What a search found: one row a trial, the best ones, a CSV file and a picture."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coursekit.numpy_ref import _check
from coursekit.training.search.spaces import Choice, Params, Range, Space

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

RESERVED = ("trial", "score", "failed", "seconds")  # the columns that every search has


@dataclass(frozen=True)
class Trial:
    """One call of the objective. Trials are equal if all but their seconds are.

    score: the higher the better; −inf if the trial failed. metrics: what else the objective
    returned. failed: why the trial has no score, or None.
    """

    number: int
    params: Params
    score: float
    metrics: dict[str, Any] = field(default_factory=dict)
    failed: str | None = None
    seconds: float = field(default=0.0, compare=False)

    @property
    def record(self) -> dict[str, Any]:
        """The trial as one flat row."""
        own = {"score": self.score, "failed": self.failed, "seconds": self.seconds}
        return {"trial": self.number, **self.params, **self.metrics, **own}


@dataclass(frozen=True)
class Results:
    """The trials of a search, in their order, and the space that they come from.

    reused: how many of them were found in a file and not run again.

    >>> from coursekit.training.search import uniform
    >>> trials = [Trial(i, {"x": x}, 1 - x**2) for i, x in enumerate([-1.0, 0.5, 0.0])]
    >>> results = Results({"x": uniform(-1, 1)}, trials)
    >>> results.best.params, [trial.number for trial in results.top(2)]
    ({'x': 0.0}, [2, 1])
    """

    space: Space
    trials: Sequence[Trial]
    reused: int = 0

    @property
    def records(self) -> list[dict[str, Any]]:
        """One row, a dict, for each trial: `pandas.DataFrame(results.records)` works."""
        return [trial.record for trial in self.trials]

    @property
    def best(self) -> Trial:
        """The trial with the highest score. Raises ValueError if all failed."""
        return self.top(1)[0]

    def top(self, k: int) -> list[Trial]:
        """The k trials with the highest scores, or as many as there are; the best comes first.

        Failed trials are none of them. Of equal scores the earlier trial comes first.
        Raises ValueError if all trials failed, saying why the first did.
        """
        k = _check.count("Results.top", "k", k)
        good = [trial for trial in self.trials if trial.failed is None]
        if not good:
            got = f"{len(self.trials)}, the first because: {self.trials[0].failed}"
            raise ValueError(
                _check.message("Results.top", "all trials failed", "a trial with a score", got)
            )
        return sorted(good, key=lambda trial: -trial.score)[:k]

    def to_csv(self, path: str | Path) -> None:
        """Write the records as a table, one row a trial."""
        columns = list(dict.fromkeys(name for record in self.records for name in record))
        with Path(path).open("w", newline="", encoding="utf-8") as file:
            table = csv.DictWriter(file, columns)
            table.writeheader()
            table.writerows(self.records)

    def plot(self, x: str | None = None, y: str | None = None) -> "Figure":
        """Two hyper-parameters against each other, the score as colour, the best one ringed.

        x, y: names in the space, by default its first two; if it has only one, y is the score.
        A log-uniform hyper-parameter has a logarithmic axis; crosses are failed trials.
        Raises ValueError for other names. Needs matplotlib.
        """
        from matplotlib.figure import Figure

        names = [*self.space, "score"]
        x, y = x or names[0], y or names[1]
        for axis, name in {"x": x, "y": y}.items():
            _check.choice("Results.plot", axis, name, tuple(names))
        figure = Figure(figsize=(6.4, 3.6), layout="constrained")
        self._scatter(figure.add_subplot(), x, y)
        return figure

    def _scatter(self, axes: "Axes", x: str, y: str) -> None:
        axes.set(xlabel=x, ylabel=y, xscale=self._scale(x), yscale=self._scale(y))
        good = self.top(len(self.trials))[::-1]  # the best is drawn last, on top
        dots = axes.scatter(*self._places(good, x, y), c=[trial.score for trial in good])
        axes.figure.colorbar(dots, ax=axes, label="score")
        axes.scatter(*self._places(good[-1:], x, y), s=160, facecolors="none", edgecolors="#CC3311")
        if y != "score":
            failed = [trial for trial in self.trials if trial.failed is not None]
            axes.scatter(*self._places(failed, x, y), marker="x", color="#BBBBBB")

    def _scale(self, name: str) -> str:
        distribution = self.space.get(name)
        return "log" if isinstance(distribution, Range) and distribution.log else "linear"

    def _places(self, trials: Sequence[Trial], x: str, y: str) -> list[list[Any]]:
        return [[self._shown(name, trial.record[name]) for trial in trials] for name in (x, y)]

    def _shown(self, name: str, value: Any) -> Any:
        """A value as an axis takes it: all of a choice are words, unless all are numbers."""
        some = self.space.get(name)
        numbers = not isinstance(some, Choice) or all(
            isinstance(v, int | float) for v in some.values
        )
        return value if numbers else str(value)
