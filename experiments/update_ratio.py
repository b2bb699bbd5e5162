"""How far should a step move the weights? Learning rates from far too low to far too high.

Two hidden layers of 100 units on the digits, ten epochs, by two rules: whatever the rule, the
ratio of update to weight says more than the rate does.
"""

import functools
from functools import partial
from typing import Any

import numpy as np

from coursekit.data import Dataset, digits
from coursekit.numpy_ref import Linear, ReLU, Sequential, adam, sgd
from coursekit.training import DivergenceGuard, Trainer
from coursekit.training.callbacks import UpdateRatio
from experiments._run import Experiment

RULES = {"sgd": sgd, "adam": adam}
RATES = {
    "sgd": (1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1.0, 3.0),
    "adam": (1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2),
}


@functools.cache
def data() -> dict[str, Dataset]:
    """The digits."""
    return {split: digits(split) for split in ("train", "validation")}


def train(*, rule: str, lr: float, seed: int) -> dict[str, Any]:
    """One run: the mean ratio of its epochs and its last accuracy; none if it diverged at once."""
    rng = np.random.default_rng(seed)
    hidden = Linear(64, 100, rng=rng), ReLU(), Linear(100, 100, rng=rng), ReLU()
    history = Trainer(
        Sequential(*hidden, Linear(100, 10, rng=rng)),
        update=RULES[rule],
        lr=lr,
        epochs=10,
        batch_size=50,
        seed=seed,
        callbacks=[UpdateRatio(every=5), DivergenceGuard()],
    ).fit(*data().values())
    if not history.records:
        return {"ratio": None, "accuracy": None}
    return {
        "ratio": history.column("update_ratio").mean(),
        "accuracy": history.column("validation_accuracy")[-1],
    }


EXPERIMENT = Experiment(
    "update_ratio",
    {
        f"{rule}, lr {lr:g}, seed {seed}": partial(train, rule=rule, lr=lr, seed=seed)
        for rule, rates in RATES.items()
        for lr in rates
        for seed in range(5)
    },
    data=data,
)

if __name__ == "__main__":
    EXPERIMENT.main()
