"""What a number of the decks is, and when ours agrees with it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

PRINTED = re.compile(r"(\d+)/(\d+)|(\d+(?:\.(\d+))?)([KMB]?)")
SUFFIXES = {"": 1.0, "K": 1e3, "M": 1e6, "B": 1e9}


@dataclass(frozen=True)
class Rule:
    """When ours agrees: a text, and a function of the deck's numbers, their units and our runs.

    A unit is what 1 more in the last printed digit would mean.
    """

    text: str
    holds: Callable[[np.ndarray, np.ndarray, np.ndarray], bool]


EXACT = Rule("exact", lambda deck, unit, runs: np.allclose(runs, deck, rtol=1e-12, atol=0))
LAST_DIGIT = Rule(
    "1 in the deck's last digit", lambda deck, unit, runs: bool((np.abs(runs - deck) < unit).all())
)
ONE_DRAW = Rule(
    "2 standard deviations, and ½ in the deck's last digit",
    lambda deck, unit, runs: bool(
        (np.abs(runs.mean(axis=0) - deck) <= 2 * runs.std(axis=0, ddof=1) + unit / 2).all()
    ),
)


def between(low: float, high: float, text: str) -> Rule:
    """Every run lies in [low, high]: for what the deck says in words, or about."""
    return Rule(text, lambda deck, unit, runs: bool(((low <= runs) & (runs <= high)).all()))


def mean_between(low: float, high: float, text: str) -> Rule:
    """The mean of the runs lies in [low, high]: for effects that are smaller than their spread."""
    return Rule(text, lambda deck, unit, runs: bool(low <= runs.mean() <= high))


@dataclass(frozen=True)
class Number:
    """A number, or a few, of the decks and of ours.

    topic: its id in the list of topics, such as J1; decks: those that show it; deck: as printed
    there, such as "35K, 307K", or words; ours: computes it: the numbers, or with `seeds` a list of
    them for each seed; rule: when the two agree; why: why that much is right; source: the
    experiment that ours is read from; form: how to print one of ours.
    """

    topic: str
    decks: str
    what: str
    deck: str
    ours: Callable[[], ArrayLike]
    rule: Rule
    why: str
    source: str | None = None
    seeds: bool = False
    form: str = "{:g}"

    @cached_property
    def runs(self) -> np.ndarray:
        """Ours: (S, ...), S = 1 where there is no chance in it."""
        ours = np.asarray(self.ours(), dtype=float)
        return ours if self.seeds else ours[None]

    def agrees(self) -> bool:
        """Whether ours is what the rule allows."""
        values, units = printed(self.deck)
        return self.rule.holds(np.squeeze(values), np.squeeze(units), self.runs)

    def ours_text(self) -> str:
        """Ours to be read: the mean over the seeds, and their standard deviation."""
        mean = np.ravel(self.runs.mean(axis=0))
        text = ", ".join(self.form.format(value) for value in mean)
        std = np.ravel(self.runs.std(axis=0, ddof=1)) if len(self.runs) > 1 else np.zeros(1)
        if not std.any():
            return text
        if len(mean) == 1:
            return f"{text} ± {self.form.format(std[0])}"
        return f"{text} (each ± {100 * (std / mean).max():.1f}% or less)"

    def cells(self) -> tuple[str, ...]:
        """A row of the table."""
        topic = f"{self.topic} ({self.decks})"
        why = f"{self.why} (`experiments.{self.source}`)" if self.source else self.why
        return topic, self.what, self.deck, self.ours_text(), self.rule.text, why


HEADER = ("topic", "what", "deck", "ours", "tolerance", "why so, and what differs")


def printed(text: str) -> tuple[np.ndarray, np.ndarray]:
    """The numbers in a text, and the unit of the last digit of each.

    >>> printed("35K, 1.5B, 0.0026 and 1/9")[1]
    array([1.e+03, 1.e+08, 1.e-04, 0.e+00])
    """
    values, units = [], []
    for over, under, number, decimals, suffix in PRINTED.findall(text):
        values.append(int(over) / int(under) if over else float(number) * SUFFIXES[suffix])
        units.append(0.0 if over else SUFFIXES[suffix] * 10.0 ** -len(decimals))
    return np.array(values), np.array(units)
