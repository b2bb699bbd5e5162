"""Does a deeper plain network learn worse, and does a residual one? On the training set too?

Plain and residual nets of equal depth, width and number of parameters learn the digits, 8 × 8
pixels, all in the same way. A rate of 0.1 instead of 0.02 made the deepest residual net unsteady
and the deepest plain one no better.
"""

import functools
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import torch

from coursekit.data import Dataset, digits
from coursekit.numpy_ref import cosine
from coursekit.training import Trainer, evaluate
from coursekit.training.models import plain_net, residual_net
from experiments._run import Experiment
from experiments._statistics import spread

DEPTHS, SEEDS = (8, 20, 56), 5
BATCH, EPOCHS, LR = 50, 12, 0.02
NETS: Mapping[str, Callable[..., Any]] = {"plain": plain_net, "residual": residual_net}


@functools.cache
def data() -> dict[str, Dataset]:
    """The digits; nothing was chosen on the test pictures."""
    return {"train": digits("train"), "test": digits("test")}


def learn(*, kind: str, depth: int, seed: int) -> dict[str, Any]:
    """Training loss and error in percent after each epoch; at the end, the test error."""
    torch.set_num_threads(1)
    train = data()["train"]
    net = NETS[kind](depth, in_channels=1, rng=np.random.default_rng(seed))
    history = Trainer(
        net,
        update=partial(torch.optim.SGD, momentum=0.9, weight_decay=1e-4),
        lr=partial(cosine, total=EPOCHS * -(-len(train) // BATCH), lr_max=LR),
        epochs=EPOCHS,
        batch_size=BATCH,
        seed=seed,
        callbacks=[],
    ).fit(train)
    return {
        "train loss": history.column("train_loss").round(4),
        "train error": percent(history.column("train_accuracy")),
        "test error": percent(np.array(evaluate(net, data()["test"])[1])),
    }


def percent(accuracy: np.ndarray) -> np.ndarray:
    """The error in percent."""
    return np.round(100 * (1 - accuracy), 2)


def summary(results: dict[str, dict]) -> dict[str, Any]:
    """Of each kind and depth the last errors; and in how many seeds deeper is worse."""
    nets = {}
    for kind in NETS:
        for depth in DEPTHS:
            runs = [results[f"{kind} {depth}, seed {seed}"] for seed in range(SEEDS)]
            nets[f"{kind} {depth}"] = {
                "train loss": spread([run["train loss"][-1] for run in runs]),
                "train error": spread([run["train error"][-1] for run in runs]),
                "test error": spread([run["test error"] for run in runs]),
            }
    return {"nets": nets, "deeper has the higher train loss": worse(results)}


def worse(results: dict[str, dict]) -> dict[str, int]:
    """For each kind: of so many seeds, the deepest net has a higher loss than the one before."""
    last = {name: result["train loss"][-1] for name, result in results.items()}
    *_, middle, deepest = DEPTHS
    return {
        kind: sum(
            last[f"{kind} {deepest}, seed {seed}"] > last[f"{kind} {middle}, seed {seed}"]
            for seed in range(SEEDS)
        )
        for kind in NETS
    }


EXPERIMENT = Experiment(
    "plain_and_residual",
    {
        f"{kind} {depth}, seed {seed}": partial(learn, kind=kind, depth=depth, seed=seed)
        for depth in DEPTHS
        for kind in NETS
        for seed in range(SEEDS)
    },
    data=data,
    summary=summary,
)

if __name__ == "__main__":
    EXPERIMENT.main()
