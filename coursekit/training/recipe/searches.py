"""Steps five and six: search wide ranges coarsely, then finely where it went well."""

from dataclasses import dataclass, field, replace
from typing import Unpack

from coursekit.training.recipe.verdict import Verdict
from coursekit.training.search import Range, Results, at_edge, random_search, refine
from coursekit.training.search.measure import Objective
from coursekit.training.search.run import How
from coursekit.training.search.spaces import Space


@dataclass(frozen=True)
class Searched(Verdict):
    """What a search found, and where to search next.

    results: all trials; next_space: a space for the next search; hints: how it came about, a
    sentence for each hyper-parameter.
    """

    results: Results = field(default_factory=lambda: Results({}, []), repr=False, compare=False)
    next_space: Space = field(default_factory=dict)
    hints: tuple[str, ...] = ()


def coarse_search(
    objective: Objective, space: Space, *, n: int = 20, seed: int = 0, **how: Unpack[How]
) -> Searched:
    """Try n random settings from wide ranges, with a few epochs each.

    The verdict is ok if the best setting lies inside the ranges. If it lies at an edge, better
    ones may lie beyond, and `next_space` reaches there: search coarsely once more.

    objective: (**hyper-parameters) -> score, the higher the better, or a dict with "score";
    space: name -> distribution; how: see `search.random_search`, which does the work and raises
    what this raises; ValueError also if all trials failed.

    >>> import math
    >>> from coursekit.training.search import log_uniform
    >>> def objective(lr):
    ...     return -abs(math.log10(lr) + 3)  # stands for a training run; best at 1e-3
    >>> how = {"executor": "threads", "progress": False}
    >>> coarse = coarse_search(objective, {"lr": log_uniform(1e-6, 1)}, n=8, **how)
    >>> print(coarse)
    Good: The best of 8 trials scores -0.419 with lr = 0.002624.
    >>> fine_search(objective, coarse, **how).results.best.score > coarse.results.best.score
    True

    References: bergstra2012
    """
    results = random_search(objective, space, n=n, seed=seed, **how)
    return _judged(results)


def fine_search(
    objective: Objective, coarse: Searched, *, n: int = 20, seed: int = 1, **how: Unpack[How]
) -> Searched:
    """Try n random settings from where the search before went well, with more epochs each.

    coarse: what `coarse_search` returned, or `fine_search` itself. All else as there. The verdict
    is not ok either if no trial is better than the best one before: then keep that one.
    """
    found = _judged(random_search(objective, coarse.next_space, n=n, seed=seed, **how))
    before, now = coarse.results.best.score, found.results.best.score
    if now > before:
        return replace(found, reason=f"{found.reason} The search before came to {before:.4g}.")
    reason = f"{found.reason} The search before was no worse, with {before:.4g}: keep its best."
    return replace(found, ok=False, reason=reason)


def _judged(results: Results) -> Searched:
    best = results.best
    settings = ", ".join(
        f"{name} = {value:.4g}" if isinstance(value, float) else f"{name} = {value}"
        for name, value in best.params.items()
    )
    tried = f"The best of {len(results.trials)} trials scores {best.score:.4g} with {settings}."
    space, hints = refine(results)
    edges = [
        name
        for name, distribution in results.space.items()
        if isinstance(distribution, Range) and at_edge(best.params[name], distribution)
    ]
    if edges:
        tried += f" Better ones may lie beyond the range of {' and '.join(edges)}: search there."
    values = {"score": best.score, **best.params}
    return Searched(not edges, tried, values, results, space, tuple(hints))
