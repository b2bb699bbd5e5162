"""The decks' first runs of the toy network, again: overfit 20 pictures; rates far too low and high.

Pictures as in the decks: pixels from 0 to 255, less the mean image; 50 hidden units; weights normal
with deviation 0.0001; plain SGD.
"""

import functools
import math
from functools import partial
from typing import Any

import numpy as np

from coursekit.data import Dataset, cifar10, digits
from coursekit.numpy_ref import center, mean_image
from coursekit.training.toy import init_two_layer_model, train_two_layer_net, two_layer_net
from experiments._run import Experiment

SOURCES = {"CIFAR-10": cifar10, "digits": digits}


@functools.cache
def data() -> dict[str, Dataset]:
    """All data sets of the parts."""
    return {
        f"{name} {split}": source(split)
        for name, source in SOURCES.items()
        for split in ("train", "validation")
    }


@functools.cache
def centered(source: str, split: str) -> Dataset:
    """Pixels from 0 to 255, less the mean image of the training set."""
    pictures, train = SOURCES[source](split), SOURCES[source]("train")
    x = 255 * center(pictures.x, mean_image(train.x))
    return Dataset(x, pictures.y, pictures.class_names, split)


def toy(source: str, seed: int) -> dict[str, np.ndarray]:
    """The decks' network, of the right size for the pictures."""
    inputs = math.prod(centered(source, "train").x.shape[1:])
    return init_two_layer_model(inputs, 50, 10, rng=np.random.default_rng(seed))


def overfit(*, source: str, lr: float, draw: int, seed: int) -> dict[str, Any]:
    """Learn 20 pictures by heart: 200 steps on all of them."""
    train = centered(source, "train")
    few = train.subset(np.random.default_rng([draw, 20]).permutation(len(train))[:20])
    model = toy(source, seed)
    history = train_two_layer_net(model, few, few, lr=lr, epochs=200, verbose=False)
    cost, accuracy = history.column("loss"), history.column("train_accuracy")
    perfect = np.flatnonzero(accuracy == 1)
    return {
        "first_cost": cost[0],
        "last_cost": cost[-1],
        "train_accuracy": accuracy[-1],
        "perfect_from_epoch": int(perfect[0]) + 1 if len(perfect) else None,
    }


def too_low(*, source: str, lr: float, seed: int) -> dict[str, Any]:
    """Ten epochs at a rate far too low: what happens to cost, accuracy and probabilities?"""
    train, validation = centered(source, "train"), centered(source, "validation")
    model = toy(source, seed)
    settings = {"reg": 1e-6, "batch_size": 100, "train_sample": 1000, "seed": seed}
    history = train_two_layer_net(
        model, train, validation, lr=lr, epochs=10, verbose=False, **settings
    )
    scores = two_layer_net(validation.x, model)
    likely = np.exp(scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)).max(axis=1)
    columns = {"cost": "loss", "train": "train_accuracy", "validation": "validation_accuracy"}
    return {
        **{name: history.column(column).tolist() for name, column in columns.items()},
        "probability_of_the_answer": likely.mean(),
    }


def too_high(*, source: str, lr: float, seed: int) -> dict[str, Any]:
    """A rate far too high: what the guard says, and how many updates it takes without a guard."""
    train, model = centered(source, "train"), toy(source, seed)
    settings = {"reg": 1e-6, "batch_size": 100, "train_sample": 1000, "seed": seed}
    history = train_two_layer_net(model, train, train, lr=lr, epochs=1, verbose=False, **settings)
    few, model, updates, loss = train.first(100), toy(source, seed), 0, 0.0
    with np.errstate(all="ignore"):
        while math.isfinite(loss) and updates < 1000:
            loss, grads = two_layer_net(few.x, model, few.y, reg=1e-6)
            model = {name: w - lr * grads[name] for name, w in model.items()}
            updates += 1
    return {"stopped": history.stopped, "not_finite_after": updates, "then": str(loss)}


EXPERIMENT = Experiment(
    "babysitting",
    {
        **{
            f"overfit 20 of {source}, lr {lr:g}, draw {draw}": partial(
                overfit, source=source, lr=lr, draw=draw, seed=draw
            )
            for source, lr in (("CIFAR-10", 1e-3), ("digits", 1e-3), ("digits", 5e-3))
            for draw in range(20)
        },
        **{
            f"overfit the same 20 of CIFAR-10, seed {seed}": partial(
                overfit, source="CIFAR-10", lr=1e-3, draw=0, seed=seed
            )
            for seed in range(10)
        },
        **{
            f"lr 1e-6, seed {seed}": partial(too_low, source="CIFAR-10", lr=1e-6, seed=seed)
            for seed in range(5)
        },
        **{
            f"{source}, lr 1e6, seed {seed}": partial(too_high, source=source, lr=1e6, seed=seed)
            for source in SOURCES
            for seed in range(5)
        },
    },
    data=data,
)

if __name__ == "__main__":
    EXPERIMENT.main()
