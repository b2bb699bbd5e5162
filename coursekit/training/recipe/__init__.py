"""Choosing hyper-parameters in seven steps, each a call that returns a verdict with its reason.

1. `check_initial_loss`: undecided, the loss is ln K.
2. `crank_regularizer`: a strong penalty shows in it.
3. `overfit_small_sample`: 20 examples can be learned by heart.
4. `find_lr`, `try_lrs`: a learning rate with which the loss falls within 100 iterations.
5. `coarse_search`: random settings from wide ranges, a few epochs each.
6. `fine_search`: narrower ranges around the best, more epochs.
7. `diagnose`: read the curves, and go back to where they point.

None of them changes the network that it is given.

>>> import numpy as np
>>> from coursekit.data import digits
>>> from coursekit.numpy_ref import Linear, ReLU, Sequential
>>> rng = np.random.default_rng(0)
>>> net = Sequential(Linear(64, 50, rng=rng), ReLU(), Linear(50, 10, rng=rng))
>>> for step in (check_initial_loss, crank_regularizer, overfit_small_sample):
...     assert step(net, digits("train"))
>>> find_lr(net, digits("train"), high=100.0).ok
True
"""

from coursekit.training.recipe.diagnose import Diagnosis, diagnose
from coursekit.training.recipe.initial_loss import check_initial_loss
from coursekit.training.recipe.learning_rate import LrCurve, find_lr, try_lrs
from coursekit.training.recipe.overfit import overfit_small_sample
from coursekit.training.recipe.regularizer import crank_regularizer
from coursekit.training.recipe.searches import Searched, coarse_search, fine_search
from coursekit.training.recipe.verdict import Verdict

__all__ = [
    "Diagnosis",
    "LrCurve",
    "Searched",
    "Verdict",
    "check_initial_loss",
    "coarse_search",
    "crank_regularizer",
    "diagnose",
    "find_lr",
    "fine_search",
    "overfit_small_sample",
    "try_lrs",
]
