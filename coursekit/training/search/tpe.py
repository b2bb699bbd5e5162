"""The library way: Optuna, whose sampler learns from the trials that it has seen."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from coursekit.training.search.journal import identity
from coursekit.training.search.ledger import Ledger
from coursekit.training.search.measure import Objective, measure
from coursekit.training.search.results import Results, Trial
from coursekit.training.search.run import check
from coursekit.training.search.spaces import Choice, Distribution, Space, check_draws

if TYPE_CHECKING:
    from optuna import Study
    from optuna.distributions import BaseDistribution
    from optuna.trial import Trial as OptunaTrial


def optuna_search(
    objective: Objective,
    space: Space,
    *,
    n: int,
    seed: int = 0,
    path: str | Path | None = None,
    progress: bool = True,
) -> Results:
    """Search with Optuna's tree-structured Parzen estimator (TPE), one trial after the other.

    After ten random trials TPE models where the good trials lie and where the others, and draws
    next where the ratio of the two densities is highest.

    objective, space, n, seed: as for `random_search`; path, progress: see `How`. Trials run in
    this process. Failed ones are never run again, since what is drawn after them depends on them.
    Returns Results, equal whether the search was killed in between or not: trial i depends on
    the seed and the trials before it, and a file is replayed to Optuna.
    Raises ImportError without optuna, else as `random_search`.

    >>> from coursekit.training.search import uniform
    >>> def objective(x):
    ...     return -((x - 0.3) ** 2)
    >>> results = optuna_search(objective, {"x": uniform(-1, 1)}, n=20, progress=False)
    >>> len(results.trials), results.best.score > -1e-3
    (20, True)

    References: bergstra2011, akiba2019
    """
    import optuna
    from threadpoolctl import threadpool_limits

    n, seed = check_draws("optuna_search", space, n, seed)
    check(objective, space)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="maximize")
    distributions = {name: _optunas(distribution) for name, distribution in space.items()}
    who = identity(objective, space, seed=seed, sampler="TPE")
    with threadpool_limits(1), Ledger(who, n, path=path, progress=progress) as ledger:
        for number in range(n):
            mixed = np.random.SeedSequence([seed, number]).generate_state(1)
            study.sampler = optuna.samplers.TPESampler(seed=int(mixed[0]))
            asked = study.ask(distributions)
            if not ledger.knows(number, asked.params):
                ledger.add(Trial(number, asked.params, **measure(objective, asked.params)))
            _tell(study, asked, ledger.trials[number])
    return ledger.results(space)


def _tell(study: "Study", asked: "OptunaTrial", trial: Trial) -> None:
    from optuna.trial import TrialState

    if trial.failed is None:
        study.tell(asked, trial.score)
    else:
        study.tell(asked, state=TrialState.FAIL)  # TPE learns nothing from it


def _optunas(distribution: Distribution) -> "BaseDistribution":
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if isinstance(distribution, Choice):
        return CategoricalDistribution(distribution.values)
    low, high = distribution.low, distribution.high
    if distribution.whole:
        return IntDistribution(int(low), int(high))
    return FloatDistribution(low, high, log=distribution.log)
