"""One trial: call the objective, and make a score or a reason of whatever happens."""

import functools
import json
import math
import numbers
import pickle
import time
from collections.abc import Callable, Mapping
from typing import Any

from coursekit.numpy_ref import _check
from coursekit.training.search.results import RESERVED
from coursekit.training.search.spaces import Params

Objective = Callable[..., Any]

_unpickled = functools.lru_cache(maxsize=1)(pickle.loads)  # so that it keeps data it has cached


def measure(objective: Objective | bytes, params: Params) -> dict[str, Any]:
    """Call the objective; return the fields score, metrics, failed and seconds of a `Trial`.

    objective: a function, or one pickled. BLAS gets one thread from here on: workers that all use
    every core get in each other's way, and sums in another order differ in their last digits.

    >>> measure(lambda x: 1 / x, {"x": 0})["failed"]
    'ZeroDivisionError: division by zero'
    """
    from threadpoolctl import threadpool_limits

    start = time.perf_counter()
    try:
        function = _unpickled(objective) if isinstance(objective, bytes) else objective
        threadpool_limits(1)
        outcome = _judge(function(**params), params)
    except (Exception, SystemExit) as error:  # a script that exits must not end the search
        outcome = failure(f"{type(error).__name__}: {error}")
    return {**outcome, "seconds": round(time.perf_counter() - start, 3)}


def failure(reason: str) -> dict[str, Any]:
    """The fields of a failed trial."""
    return {"score": -math.inf, "failed": reason}


def _judge(returned: Any, params: Params) -> dict[str, Any]:
    given = returned if isinstance(returned, Mapping) else {"score": returned}
    try:
        # Through JSON, so that a result is the same whether it comes from a worker or from a file.
        metrics = json.loads(json.dumps(dict(given), default=lambda array: array.tolist()))
    except (AttributeError, TypeError, ValueError) as error:
        wrong, expected = "what came back is not for JSON", "numbers, strings, lists and dicts"
        raise TypeError(_check.message("objective", wrong, expected, error)) from error
    taken = metrics.keys() & {*params, *RESERVED} - {"score"}
    score = metrics.pop("score", None)
    if not isinstance(score, numbers.Real) or isinstance(score, bool):
        expected, got = "a number, or a dict with 'score'", repr(returned)[:60]
        raise TypeError(_check.message("objective", "no score came back", expected, got))
    if taken:
        expected, got = "metrics with names of their own", sorted(taken)
        raise ValueError(_check.message("objective", "a name is taken", expected, got))
    if not math.isfinite(score):
        return {**failure(f"the score is {score}"), "metrics": metrics}
    return {"score": float(score), "metrics": metrics}
