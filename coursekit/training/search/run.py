"""Random and grid search: call an objective for each trial, anywhere, and lose nothing."""

from concurrent.futures import Executor
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, TypedDict, Unpack

from coursekit.numpy_ref import _check
from coursekit.training.search.journal import identity
from coursekit.training.search.ledger import Ledger
from coursekit.training.search.measure import Objective, measure
from coursekit.training.search.results import RESERVED, Results, Trial
from coursekit.training.search.spaces import Params, Space, grid, sample
from coursekit.training.search.workers import open_pool, run_all


class How(TypedDict, total=False):
    """Where and how trials run: arguments that all searches share, none of which changes a result.

    path: a file to which each finished trial is appended at once; a search that is started again
    with the same path runs the rest only, and two at a time are refused. None keeps nothing.
    executor: "processes" (the default), "threads", the address of a Dask scheduler such as
    "tcp://127.0.0.1:8786", or any `concurrent.futures.Executor`; BLAS gets one thread a worker.
    workers: how many processes or threads; by default one a core.
    retry_failed: run failed trials of the file again, for instance after mending the objective.
    progress: show a bar.
    """

    path: str | Path | None
    executor: str | Executor
    workers: int | None
    retry_failed: bool
    progress: bool


def random_search(
    objective: Objective, space: Space, *, n: int, seed: int = 0, **how: Unpack[How]
) -> Results:
    """Call `objective(**params)` for n random draws from the space; the highest score wins.

    Random trials beat a grid of as many where a few hyper-parameters matter much more than the
    others, which is the rule: each trial tries a new value of every one of them.

    objective: returns a score, the higher the better, or a dict with "score" and whatever else
    is worth a column. It depends on its arguments alone: what else is random in it has a seed. It
    is sent to the workers, so it loads its data itself, best through a cached function; and a
    file knows it by its name: change that, or the path, when you change what it does.
    space: dict name -> distribution; n ≥ 1: a longer search begins with the trials of a shorter
    one; seed ≥ 0: of the draws. how: see `How`.
    Returns Results, the same for any executor and number of workers. A trial that raises, gives a
    score that is no finite number, or kills its worker has failed, with its reason; it never ends
    the search. Ctrl-C does, and nothing else ends a trial that hangs; what is finished is in the
    file, if there is a path.
    Raises ValueError or TypeError for arguments that make no sense or the file of another search.

    >>> import math
    >>> from coursekit.training.search import log_uniform
    >>> def objective(lr):
    ...     return -abs(math.log10(lr) + 3)  # best at 1e-3
    >>> space = {"lr": log_uniform(1e-6, 1)}
    >>> how = {"executor": "threads", "progress": False}
    >>> results = random_search(objective, space, n=30, seed=0, **how)
    >>> f"{results.best.params['lr']:.1e}"
    '9.4e-04'

    References: bergstra2012
    """
    trials = sample(space, n, seed=seed)
    return run(objective, space, trials, {"seed": int(seed)}, **how)


def grid_search(objective: Objective, space: Space, *, points: int, **how: Unpack[How]) -> Results:
    """Call `objective(**params)` for all combinations of `points` values of each hyper-parameter.

    See `grid` for its values and why random search is better, `random_search` for everything else.

    >>> from coursekit.training.search import uniform
    >>> def objective(x, y):
    ...     return -(x**2) - (y - 1) ** 2
    >>> space = {"x": uniform(-1, 1), "y": uniform(-1, 1)}
    >>> results = grid_search(objective, space, points=3, executor="threads", progress=False)
    >>> len(results.trials), results.best.params
    (9, {'x': 0.0, 'y': 1.0})

    References: bergstra2012
    """
    return run(objective, space, grid(space, points), {"points": int(points)}, **how)


def run(
    objective: Objective,
    space: Space,
    trials: list[Params],
    search: dict[str, Any],
    *,
    executor: str | Executor = "processes",
    workers: int | None = None,
    **keep: Any,
) -> Results:
    """Call the objective for these trials of the space; `search` tells them from other searches."""
    check(objective, space)
    unknown = keep.keys() - How.__annotations__
    if unknown:
        wrong, expected = "there is no such setting", ", ".join(How.__annotations__)
        raise TypeError(_check.message("search", wrong, expected, ", ".join(sorted(unknown))))
    with Ledger(identity(objective, space, **search), len(trials), **keep) as ledger:
        numbered = enumerate(trials)
        todo = {number: params for number, params in numbered if not ledger.knows(number, params)}
        if todo:
            _run_rest(objective, todo, ledger, executor, workers)
    return ledger.results(space)


def _run_rest(
    objective: Objective,
    todo: dict[int, Params],
    ledger: Ledger,
    executor: str | Executor,
    workers: int | None,
) -> None:
    with open_pool(executor, workers) as pool:
        job = partial(measure, objective if pool.shares_memory else pickled(objective))
        with closing(run_all(job, todo, pool)) as outcomes:
            for number, outcome in outcomes:
                ledger.add(Trial(number, todo[number], **outcome))


def check(objective: object, space: Space) -> None:
    """Raise unless the objective can be called and the space has no names of other columns."""
    _check.function("search", "objective", objective)
    taken = sorted({*space} & {*RESERVED})
    if taken:
        expected = f"other names than {', '.join(RESERVED)}"
        raise ValueError(_check.message("search", "a name is taken", expected, taken))


def pickled(objective: Objective) -> bytes:
    """The objective as it travels: cloudpickle takes along what a notebook defines."""
    import cloudpickle

    try:
        return cloudpickle.dumps(objective)
    except Exception as error:
        expected, hint = "one that can be pickled", "Let it load or make by itself what it uses."
        wrong = "the objective cannot be sent to another process"
        raise TypeError(_check.message("search", wrong, expected, error, hint)) from error
