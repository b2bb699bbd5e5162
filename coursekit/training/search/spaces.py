"""Search spaces: from which values a hyper-parameter is drawn, and how.

A space is a dict name -> distribution. Every distribution is a function of a position between 0
and 1: random search draws positions, grid search spaces them evenly.
"""

import itertools
import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from coursekit.numpy_ref import _check


@dataclass(frozen=True)
class Range:
    """Numbers from low to high: what `uniform`, `log_uniform` and `integers` return.

    log: even in the exponent; whole: whole numbers, both ends included; limits: how far `part`
    may go beyond low and high.
    """

    low: float
    high: float
    log: bool = False
    whole: bool = False
    limits: tuple[float, float] = (-math.inf, math.inf)

    def __repr__(self) -> str:
        kind = "log_uniform" if self.log else "integers" if self.whole else "uniform"
        low, high = (str(end) if self.whole else f"{end:.4g}" for end in (self.low, self.high))
        return f"{kind}({low}, {high})"

    def at(self, position: float) -> float:
        """The value at a position: 0 is the low end, 1 the high end.

        >>> log_uniform(1e-6, 1e-2).at(0.5), integers(1, 4).at(0.5)
        (0.0001, 3)
        """
        value = self._beyond(position)
        value = math.floor(value) if self.whole else value
        return min(max(value, self.low), self.high)  # rounding may miss an end by a hair

    def position(self, value: float) -> float:
        """Where a value lies: `at` backwards; for a whole number, the middle of its share.

        >>> log_uniform(1e-6, 1e-2).position(1e-4), integers(1, 4).position(3)
        (0.5, 0.625)
        """
        start, stop = self._ends()
        point = math.log10(value) if self.log else value + 0.5 * self.whole
        return (point - start) / (stop - start)

    def part(self, start: float, stop: float) -> "Range":
        """The range between two positions; it is wider than this one if they are beyond 0 and 1.

        >>> log_uniform(1e-6, 1e-3).part(0.5, 1.5)
        log_uniform(3.162e-05, 0.03162)
        """
        low = max(self._beyond(start), self.limits[0])
        high = min(self._beyond(stop), self.limits[1] + self.whole)
        if self.whole:
            low, high = math.floor(low), math.ceil(high) - 1
        return replace(self, low=low, high=high)

    def _beyond(self, position: float) -> float:
        start, stop = self._ends()
        point = start + position * (stop - start)
        return 10.0**point if self.log else point

    def _ends(self) -> tuple[float, float]:
        """Both ends on the line along which positions are even."""
        if self.log:
            return math.log10(self.low), math.log10(self.high)
        return self.low, self.high + self.whole


@dataclass(frozen=True)
class Choice:
    """One of several values; see `choice`."""

    values: tuple[Any, ...]

    def __repr__(self) -> str:
        return f"choice({', '.join(map(repr, self.values))})"

    def at(self, position: float) -> Any:
        """The value in whose share a position lies: each has as much of [0, 1) as the others."""
        return self.values[min(int(position * len(self.values)), len(self.values) - 1)]


Distribution = Range | Choice
Space = Mapping[str, Distribution]
Params = dict[str, Any]


def log_uniform(low: float, high: float, *, limits: tuple[float, float] = (0.0, math.inf)) -> Range:
    """A positive number whose logarithm is uniform: 10^u, u uniform on [log₁₀ low, log₁₀ high].

    For what acts by factors, such as learning rates and weight decay: from 1e-6 to 1e-3 each of
    the three decades gets a third of the trials. Drawn uniformly, 90% of them would fall into
    the last decade.

    0 < low < high, both finite. limits: how far `refine` may widen the range.
    Raises ValueError or TypeError otherwise.

    >>> space = {"reg": log_uniform(1e-5, 1e5), "lr": log_uniform(1e-6, 1e-3)}
    >>> for params in sample(space, 3, seed=0):
    ...     print(f"reg {params['reg']:.2g}   lr {params['lr']:.2g}")
    reg 0.0055   lr 0.00019
    reg 0.012   lr 0.00018
    reg 0.0031   lr 3.8e-06

    References: bergstra2012
    """
    return _range("log_uniform", Range(low, high, log=True), "(0, inf)", limits)


def uniform(low: float, high: float, *, limits: tuple[float, float] | None = None) -> Range:
    """A number on [low, high], every part of it as likely as any other of the same width.

    For what acts by differences, such as the p of dropout. low < high, both finite. limits: how
    far `refine` may widen the range; `uniform(0.2, 0.8, limits=(0, 0.95))` for that p. By default
    a range that begins at 0 or above stays there.
    Raises ValueError or TypeError otherwise.

    >>> uniform(0.2, 0.8).at(0.5)
    0.5
    """
    return _range("uniform", Range(low, high), "(-inf, inf)", limits)


def integers(low: int, high: int, *, limits: tuple[float, float] | None = None) -> Range:
    """A whole number from low to high, both included.

    limits: as for `uniform`; by default a range that begins at 1 or above stays there.
    Raises ValueError unless low ≤ high, TypeError for other numbers.

    >>> {params["layers"] for params in sample({"layers": integers(1, 3)}, 20, seed=0)}
    {1, 2, 3}
    """
    for name, end in {"low": low, "high": high}.items():
        _check.count("integers", name, end, at_least=-(2**63))
    return _range("integers", Range(int(low), int(high), whole=True), "(-inf, inf)", limits)


def choice(*values: Any) -> Choice:
    """One of these values: strings, numbers, True, False or None, which a file can hold; no NaN.

    Raises ValueError if there is none or one comes twice, TypeError for other values.

    >>> sample({"update": choice("sgd", "momentum", "adam")}, 2, seed=0)
    [{'update': 'sgd'}, {'update': 'adam'}]
    """
    for value in values:
        if not isinstance(value, str | int | float | None) or value != value:
            wrong, expected = "a value is not plain", "strings, numbers, True, False or None"
            hint = "Name it, and look the name up in the objective."
            raise TypeError(_check.message("choice", wrong, expected, repr(value), hint))
    if not values or len(set(values)) < len(values):
        expected = "one value or more, each once"
        raise ValueError(_check.message("choice", "values are missing or equal", expected, values))
    return Choice(values)


def sample(space: Space, n: int, *, seed: int) -> list[Params]:
    """Draw n trials at random, each a dict name -> value.

    What trial i draws for a name depends on seed, i and the name alone: 40 trials begin with
    the 20 of a shorter search, and another hyper-parameter in the space leaves the values of
    these as they are.

    space: dict name -> distribution; n ≥ 1; seed ≥ 0. Raises ValueError or TypeError otherwise.

    >>> space = {"lr": log_uniform(1e-4, 1e-2)}
    >>> sample(space, 40, seed=0)[:20] == sample(space, 20, seed=0)
    True

    References: bergstra2012
    """
    n, seed = check_draws("sample", space, n, seed)
    return [
        {name: some.at(_position(seed, trial, name)) for name, some in space.items()}
        for trial in range(n)
    ]


def grid(space: Space, points: int) -> list[Params]:
    """All combinations of `points` values of each hyper-parameter, evenly spaced with both ends.

    A choice gives all its values; a range of fewer whole numbers than points gives each once.

    The price of a grid: with H hyper-parameters it takes points^H trials, and if only one of
    them matters, these try no more than `points` values of it. Random trials try as many values
    of it as there are trials.

    points ≥ 2. Raises ValueError or TypeError otherwise.

    >>> space = {"lr": log_uniform(1e-4, 1e-2), "reg": log_uniform(1e-4, 1e-2)}
    >>> on_grid, at_random = grid(space, 3), sample(space, 9, seed=0)
    >>> len(on_grid), len({p["lr"] for p in on_grid}), len({p["lr"] for p in at_random})
    (9, 3, 9)

    References: bergstra2012
    """
    check_space("grid", space)
    points = _check.count("grid", "points", points, at_least=2)
    axes = [_axis(distribution, points) for distribution in space.values()]
    return [dict(zip(space, values, strict=True)) for values in itertools.product(*axes)]


def check_draws(op: str, space: object, n: object, seed: object) -> tuple[int, int]:
    """Return n and seed, or raise unless they and the space are what a random search needs."""
    check_space(op, space)
    return _check.count(op, "n", n), _check.count(op, "seed", seed, at_least=0)


def check_space(op: str, space: object) -> None:
    """Raise unless `space` is a dict of one distribution or more, by name."""
    expected = 'a dict such as {"lr": log_uniform(1e-4, 1e-2)}'
    if not isinstance(space, Mapping):
        got = type(space).__name__
        raise TypeError(_check.message(op, "the space is not a dict", expected, got))
    if not space:
        raise ValueError(_check.message(op, "the space is empty", expected, space))
    for name, distribution in space.items():
        if not (isinstance(name, str) and isinstance(distribution, Distribution)):
            got = f"{name!r}: {distribution!r}"
            raise TypeError(_check.message(op, "not a distribution by name", expected, got))


def _position(seed: int, trial: int, name: str) -> float:
    return np.random.default_rng([seed, trial, zlib.crc32(name.encode())]).random()


def _axis(distribution: Distribution, points: int) -> list[Any]:
    if isinstance(distribution, Choice):
        return list(distribution.values)
    # A dict keeps the order and drops whole numbers that come again.
    values = [distribution.at(position) for position in np.linspace(0, 1, points).tolist()]
    return list(dict.fromkeys(values))


def _range(op: str, made: Range, allowed: str, limits: tuple[float, float] | None) -> Range:
    low, high = (
        _check.in_range(op, name, getattr(made, name), allowed) for name in ("low", "high")
    )
    if not low < high + made.whole:
        got = f"low = {made.low} and high = {made.high}"
        raise ValueError(_check.message(op, "the range is empty", "low < high", got))
    if limits is None:
        limits = (min(low, int(made.whole)) if low >= 0 else -math.inf, math.inf)
    expected = f"limits around {made.low} to {made.high}"
    if not isinstance(limits, tuple) or len(limits) != 2:
        raise TypeError(_check.message(op, "limits are no pair", expected, repr(limits)))
    least, most = (_check.in_range(op, "limits", end, "[-inf, inf]") for end in limits)
    if not least <= low <= high <= most:
        raise ValueError(_check.message(op, "the range exceeds limits", expected, limits))
    return replace(made, limits=limits) if made.whole else Range(low, high, made.log, limits=limits)
