"""Choosing hyper-parameters: draw in log space, search coarse then fine, look at the edges.

>>> import math
>>> from coursekit.training import search
>>> def objective(lr, reg):
...     return -abs(math.log10(lr) + 3) - 0.1 * abs(math.log10(reg))  # stands for a training run
>>> space = {"lr": search.log_uniform(1e-6, 1e-3), "reg": search.log_uniform(1e-5, 1e5)}
>>> how = {"executor": "threads", "progress": False}
>>> coarse = search.random_search(objective, space, n=20, seed=0, **how)
>>> fine_space, reasons = search.refine(coarse)
>>> print(reasons[0])
lr: the best value 0.000913 lies at the upper edge of log_uniform(1e-06, 0.001), so on to \
log_uniform(0.0001295, 0.03162)
"""

from coursekit.training.search.refine import (
    CoarseToFine,
    Refined,
    at_edge,
    coarse_to_fine,
    refine,
)
from coursekit.training.search.results import Results, Trial
from coursekit.training.search.run import How, grid_search, random_search
from coursekit.training.search.spaces import (
    Choice,
    Range,
    choice,
    grid,
    integers,
    log_uniform,
    sample,
    uniform,
)
from coursekit.training.search.tpe import optuna_search

__all__ = [
    "Choice",
    "CoarseToFine",
    "How",
    "Range",
    "Refined",
    "Results",
    "Trial",
    "at_edge",
    "choice",
    "coarse_to_fine",
    "grid",
    "grid_search",
    "integers",
    "log_uniform",
    "optuna_search",
    "random_search",
    "refine",
    "sample",
    "uniform",
]
