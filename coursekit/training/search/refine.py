"""From a coarse search to a fine one: smaller ranges around what went well, or shifted ones."""

from pathlib import Path
from typing import Any, NamedTuple, Unpack

from coursekit.numpy_ref import _check
from coursekit.training.search.measure import Objective
from coursekit.training.search.results import Results
from coursekit.training.search.run import How, random_search
from coursekit.training.search.spaces import Choice, Distribution, Range, Space

EDGE = 0.1  # a best value within this share of its range, at either end, is at the edge
MARGIN = 0.05  # a refined range goes beyond the values it keeps by this share of the old one
BEYOND = 0.5  # and by this share at an edge


class Refined(NamedTuple):
    """A new space, and a sentence for each hyper-parameter that says how it came about."""

    space: dict[str, Distribution]
    reasons: list[str]


def at_edge(value: float, distribution: Range) -> str | None:
    """Whether a value lies in the outer tenth of a range: "lower", "upper" or None.

    If it is the best value found, better ones may lie beyond. On a logarithmic range the tenth is
    one of the logarithm: from 1e-6 to 1e-3, the lower tenth ends at 2e-6. An end that is a limit
    of the range is no edge, since nothing is beyond it.

    Raises ValueError for a value outside the range, TypeError for what is no number or no range.

    >>> from coursekit.training.search import log_uniform
    >>> lr = log_uniform(1e-6, 1e-3)
    >>> at_edge(1.5e-6, lr), at_edge(2.5e-6, lr), at_edge(9e-4, lr)
    ('lower', None, 'upper')

    References: bengio2012
    """
    if not isinstance(distribution, Range):
        got = repr(distribution)
        raise TypeError(_check.message("at_edge", "this has no ends", "a range", got))
    _check.in_range("at_edge", "value", value, f"[{distribution.low}, {distribution.high}]")
    position, (lower, upper) = distribution.position(value), distribution.limits
    if distribution.low > lower and (position <= EDGE or value == distribution.low):
        return "lower"
    if distribution.high < upper and (position >= 1 - EDGE or value == distribution.high):
        return "upper"
    return None


def refine(results: Results, *, keep: int = 5) -> Refined:
    """The space to search next: each range shrunk to the best trials, or widened at an edge.

    A range becomes that of the values in the `keep` best trials, and 5% of its width more on
    either side. But where the best value of all lies at an edge, in the outer tenth, the new
    range goes beyond the edge by half the width of the old one, as far as its limits allow. A
    choice keeps the values of the best trials.

    Returns (space, reasons). Raises TypeError for what are no Results, ValueError if all trials
    failed or keep < 1.

    >>> from coursekit.training.search import Trial, log_uniform
    >>> space = {"lr": log_uniform(1e-6, 1e-3)}
    >>> tried = enumerate([1e-6, 1e-5, 1e-4, 9e-4])
    >>> results = Results(space, [Trial(i, {"lr": lr}, lr) for i, lr in tried])
    >>> space, reasons = refine(results, keep=2)
    >>> space
    {'lr': log_uniform(7.079e-05, 0.03162)}
    >>> print(reasons[0])
    lr: the best value 0.0009 lies at the upper edge of log_uniform(1e-06, 0.001), so on to \
log_uniform(7.079e-05, 0.03162)
    """
    if not isinstance(results, Results):
        got = type(results).__name__
        raise TypeError(_check.message("refine", "no results of a search", "Results", got))
    top = results.top(_check.count("refine", "keep", keep))
    space, reasons = {}, []
    for name, distribution in results.space.items():
        values = [trial.params[name] for trial in top]
        space[name], how = _refined(distribution, values)
        reasons.append(f"{name}: {how}")
    return Refined(space, reasons)


def _refined(old: Distribution, values: list[Any]) -> tuple[Distribution, str]:
    """The new distribution for one hyper-parameter; the first value is the best one."""
    if isinstance(old, Choice):
        new = Choice(tuple(value for value in old.values if value in values))
        return new, f"the best trials have {' or '.join(map(repr, new.values))}"
    positions = [old.position(value) for value in values]
    start = max(min(positions) - MARGIN, 0.0)
    stop = min(max(positions) + MARGIN, 1.0)
    edge = at_edge(values[0], old)
    if edge is None:
        new = old.part(start, stop)
        return new, f"the best trials lie within {new}"
    new = old.part(-BEYOND, stop) if edge == "lower" else old.part(start, 1 + BEYOND)
    return new, f"the best value {values[0]:.3g} lies at the {edge} edge of {old}, so on to {new}"


class CoarseToFine(NamedTuple):
    """Both searches, the space of the second, and sentences that say why it is what it is."""

    coarse: Results
    space: dict[str, Distribution]
    reasons: list[str]
    fine: Results


def coarse_to_fine(
    objective: Objective,
    space: Space,
    *,
    coarse: int = 20,
    fine: int = 20,
    keep: int = 5,
    fine_objective: Objective | None = None,
    seed: int = 0,
    **how: Unpack[How],
) -> CoarseToFine:
    """Search wide ranges cheaply, then narrower or shifted ones with care.

    The fine search draws from `refine(coarse results)`. Where its own best value lies at an edge
    again, a last reason says so: then search once more, from `refine(fine results)`.

    objective, space, seed, how: as for `random_search`; coarse, fine ≥ 1: trials of each search;
    keep: see `refine`; fine_objective: for the second search, for instance one that trains for
    longer. A path `x.jsonl` gives two files, `x-coarse.jsonl` and `x-fine.jsonl`.
    Returns (coarse, space, reasons, fine). Raises as `random_search` and `refine` do.

    >>> import math
    >>> from coursekit.training.search import log_uniform
    >>> def objective(lr):
    ...     return -abs(math.log10(lr) + 3)  # best at 1e-3
    >>> space, how = {"lr": log_uniform(1e-6, 1)}, {"executor": "threads", "progress": False}
    >>> both = coarse_to_fine(objective, space, seed=0, **how)
    >>> print(both.reasons[0])
    lr: the best trials lie within log_uniform(0.0002183, 0.005989)
    >>> round(both.fine.best.score, 1)
    -0.1

    References: bergstra2012, bengio2012
    """
    first = random_search(objective, space, n=coarse, seed=seed, **_staged(how, "coarse"))
    narrow, reasons = refine(first, keep=keep)
    again = fine_objective or objective
    second = random_search(again, narrow, n=fine, seed=seed + 1, **_staged(how, "fine"))
    return CoarseToFine(first, narrow, [*reasons, *_still_at_edge(second)], second)


def _staged(how: How, stage: str) -> How:
    path = how.get("path")
    if path is None:
        return how
    path = Path(path)
    return {**how, "path": path.with_name(f"{path.stem}-{stage}{path.suffix}")}


def _still_at_edge(results: Results) -> list[str]:
    best, found = results.best.params, []
    for name, distribution in results.space.items():
        edge = isinstance(distribution, Range) and at_edge(best[name], distribution)
        if edge:
            where = f"at the {edge} edge of {distribution}"
            found.append(f"{name}: the best value, {best[name]:.3g}, lies {where}: search again")
    return found
