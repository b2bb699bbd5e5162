"""Runs whose trouble is known, since it was built in: does `diagnose` name it?

Each run has one thing wrong with it, or nothing. The thresholds of `diagnose` were chosen on the
tasks of `TUNED`; what counts is the share of right labels on those of `HELD_OUT`: other data, other
sizes, other update rules, other seeds.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from coursekit.data import Dataset, digits, moons, spirals, vehicles
from coursekit.numpy_ref import (
    Linear,
    ReLU,
    Sequential,
    adam,
    l2_penalty,
    mean_image,
    momentum,
    nesterov,
    rmsprop,
    sgd,
)
from coursekit.training import Trainer
from coursekit.training.callbacks import History
from coursekit.training.recipe import diagnose
from experiments._run import Experiment


@dataclass(frozen=True)
class Task:
    """A network, data and settings with which training goes well."""

    train: Dataset
    validation: Dataset
    sizes: tuple[int, ...]
    update: Callable
    lr: float
    epochs: int
    batch_size: int
    more: dict[str, Any] = field(default_factory=dict)

    def run(self, seed: int) -> History:
        """Train it once."""
        rng = np.random.default_rng(seed)
        layers = [
            layer
            for d, m in zip(self.sizes[:-1], self.sizes[1:], strict=True)
            for layer in (Linear(d, m, rng=rng), ReLU())
        ]
        return Trainer(
            Sequential(*layers[:-1]),
            update=self.update,
            lr=self.lr,
            epochs=self.epochs,
            batch_size=self.batch_size,
            seed=seed,
            **self.more,
        ).fit(self.train, self.validation)


def points(make: Callable, n: int, noise: float, seed: int = 0) -> tuple[Dataset, Dataset]:
    """Points to train on and to validate with."""
    return (
        make("train", n=n, noise=noise, seed=seed),
        make("validation", n=300, noise=noise, seed=seed),
    )


def some_digits(n: int) -> tuple[Dataset, Dataset]:
    """Digits to train on and to validate with."""
    return digits("train", n=n), digits("validation", n=150)


def centered_vehicles(n: int) -> tuple[Dataset, Dataset]:
    """Cars, less the mean image."""
    train, validation = vehicles("train", n=n), vehicles("validation", n=100)
    mean = mean_image(train.x)
    return train.with_x(train.x - mean), validation.with_x(validation.x - mean)


def relabelled(data: Dataset, share: float, seed: int) -> Dataset:
    """The data with random labels on some of the examples."""
    rng = np.random.default_rng(seed)
    chosen = rng.random(len(data)) < share
    y = np.where(chosen, rng.integers(0, len(data.class_names), len(data)), data.y)
    return Dataset(data.x, y, data.class_names, data.split)


@functools.cache
def tasks() -> dict[str, Task]:
    """All tasks by name; the learning rates are the best of a sweep, or nearly."""
    return {
        "digits, sgd": Task(*some_digits(400), (64, 32, 10), sgd, 0.3, 20, 20),
        "digits, momentum": Task(*some_digits(400), (64, 50, 50, 10), momentum, 0.1, 15, 50),
        "moons, adam": Task(*points(moons, 200, 0.1), (2, 16, 2), adam, 0.03, 30, 20),
        "spirals, adam": Task(*points(spirals, 200, 0.05), (2, 32, 32, 2), adam, 0.01, 30, 20),
        "overlapping moons, adam": Task(*points(moons, 200, 0.25), (2, 32, 2), adam, 0.01, 30, 20),
        "overlapping spirals, adam": Task(
            *points(spirals, 250, 0.15), (2, 32, 2), adam, 0.01, 30, 20
        ),
        "digits, nesterov": Task(*some_digits(600), (64, 40, 10), nesterov, 0.05, 15, 30),
        "moons, rmsprop": Task(*points(moons, 300, 0.1, 3), (2, 24, 2), rmsprop, 0.02, 30, 25),
        "spirals, momentum": Task(
            *points(spirals, 300, 0.05, 3), (2, 40, 40, 2), momentum, 0.1, 40, 20
        ),
        "vehicles, adam": Task(*centered_vehicles(150), (3072, 10, 2), adam, 0.002, 15, 15),
        "overlapping moons, nesterov": Task(
            *points(moons, 250, 0.25, 3), (2, 20, 2), nesterov, 0.1, 30, 25
        ),
        "overlapping spirals, rmsprop": Task(
            *points(spirals, 250, 0.15, 3), (2, 32, 2), rmsprop, 0.01, 30, 25
        ),
    }


def few(task: Task, seed: int) -> Task:
    """A tiny training set for a large network."""
    sizes = (task.sizes[0], 100, task.sizes[-1])
    return replace(task, train=task.train.first(25), sizes=sizes, epochs=60, batch_size=10)


def memorize(task: Task, seed: int) -> Task:
    """Random labels on 40% of a small training set, for a large network."""
    train = relabelled(task.train.first(100), 0.4, seed)
    sizes = (task.sizes[0], 200, 200, task.sizes[-1])
    return replace(task, train=train, sizes=sizes, update=adam, lr=3e-3, epochs=100, batch_size=20)


def linear(task: Task, seed: int) -> Task:
    """No hidden layer, for classes that no line separates."""
    return replace(task, sizes=(2, 2), update=adam, lr=0.05, epochs=50, batch_size=50)


def decayed(task: Task, seed: int) -> Task:
    """A penalty far too strong."""
    penalty = partial(l2_penalty, weight_decay=0.15)
    return replace(task, lr=task.lr / 3, more={"penalty": penalty})


def unguarded(task: Task, seed: int, *, factor: float) -> Task:
    """A learning rate far too high, and nobody stops the run."""
    return replace(task, lr=task.lr * factor, more={"callbacks": ()})


def one_by_one(task: Task, seed: int) -> Task:
    """Batches of one example, classes that overlap, and a lr that does for batches of 20."""
    train = task.train.first(150)
    more = {"callbacks": ()}  # the loss of one example jumps, and the guard would stop the run
    return replace(task, train=train, update=sgd, lr=0.3, epochs=10, batch_size=1, more=more)


def hopping(task: Task, seed: int) -> Task:
    """A rate that was good at first and never came down, on classes that overlap."""
    return replace(task, lr=3 * task.lr, epochs=60, batch_size=25, more={"callbacks": ()})


def faster(task: Task, seed: int, *, factor: float) -> Task:
    """Another learning rate."""
    return replace(task, lr=task.lr * factor)


CLEAR = (
    "lr x 0.001",
    "lr x 0.01",
    "lr x 0.03",
    "lr x 0.5",
    "lr x 1",
    "lr x 100",
    "lr x 1000",
    "lr x 1e200",
)
KINDS: dict[str, tuple[str, Callable[..., Task]]] = {
    "lr x 0.001": ("lr too low", partial(faster, factor=1e-3)),
    "lr x 0.01": ("lr too low", partial(faster, factor=1e-2)),
    "lr x 0.03": ("lr too low", partial(faster, factor=0.03)),
    "lr x 0.5": ("good", partial(faster, factor=0.5)),
    "lr x 1": ("good", partial(faster, factor=1)),
    "lr x 100": ("lr too high", partial(faster, factor=100)),
    "lr x 1000": ("lr too high", partial(faster, factor=1000)),
    # Adam and RMSProp come back from that; SGD and its kin do not.
    "lr x 30, no guard": ("lr too high", partial(unguarded, factor=30)),
    "lr x 300, no guard": ("lr too high", partial(unguarded, factor=300)),
    "lr x 1e200": ("NaN", partial(unguarded, factor=1e200)),
    "few examples": ("overfitting", few),
    "random labels": ("overfitting", memorize),
    "no hidden layer": ("underfitting", linear),
    "strong decay": ("underfitting", decayed),
    "one by one": ("too noisy", one_by_one),
    "no lr drop": ("plateaued", hopping),
}
UNGUARDED = ("lr x 30, no guard", "lr x 300, no guard")
POINTS, PICTURES = (*CLEAR, "no hidden layer"), (*CLEAR, *UNGUARDED, "few examples", "strong decay")
OVERLAP = ("one by one", "no lr drop", "no hidden layer")
TUNED = {
    "digits, sgd": (*PICTURES, "random labels"),
    "digits, momentum": PICTURES,
    "moons, adam": POINTS,
    "spirals, adam": POINTS,
    "overlapping moons, adam": OVERLAP,
    "overlapping spirals, adam": OVERLAP,
}
HELD_OUT = {
    "digits, nesterov": (*PICTURES, "random labels"),
    "moons, rmsprop": POINTS,
    "spirals, momentum": POINTS,
    "vehicles, adam": (*CLEAR, "few examples"),
    "overlapping moons, nesterov": OVERLAP,
    "overlapping spirals, rmsprop": OVERLAP,
}


def run(*, task: str, kind: str, seed: int) -> dict[str, Any]:
    """Train with one thing wrong, and ask for the diagnosis."""
    truth, change = KINDS[kind]
    history = change(tasks()[task], seed).run(seed)
    return {"truth": truth, "label": diagnose(history).label}


def summary(results: dict[str, dict]) -> dict[str, Any]:
    """The share of right labels."""
    shares = {}
    for name, group in {"tuned": TUNED, "held out": HELD_OUT}.items():
        right = [
            result["label"] == result["truth"]
            for part, result in results.items()
            if part.split(":")[0] in group
        ]
        shares[name] = {"runs": len(right), "right": sum(right), "share": float(np.mean(right))}
    return shares


EXPERIMENT = Experiment(
    "diagnose_runs",
    {
        f"{task}: {kind}, seed {seed}": partial(run, task=task, kind=kind, seed=seed)
        for group, seeds in ((TUNED, range(3)), (HELD_OUT, range(30, 33)))
        for task, kinds in group.items()
        for kind in kinds
        for seed in seeds
    },
    data=lambda: {name: task.train for name, task in tasks().items()},
    summary=summary,
)

if __name__ == "__main__":
    EXPERIMENT.main()
