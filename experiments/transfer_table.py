"""When and how to transfer? The lectures' table, how much data × how similar, filled in.

The source is the network that the course ships for CIFAR-10, and there are two targets:

    cars     similar: drawn cars, 3 × 32 × 32, of two brands that head left or right
    digits   different: scikit-learn's, grey, scaled from 8 × 8 to 3 × 16 × 16, ten classes

How similar? The parts "what the source sees" tell: nearly all cars are automobiles or trucks to
it, and hardly any digit is. But it is the *pictures* that are similar. What tells the
brands apart, hub caps and the back of the cabin, is nothing that the source was ever asked for.
And both targets are easy: cars are drawn without a background, digits are clean and centred.

There are 5 or 50 training pictures a class, "little" and "much", and five strategies:

    from scratch   the same network from random weights
    probe          a linear classifier on the features of the frozen network
    early probe    the same on the output of a block in the middle
    last blocks    a new head; it and the last residual block learn, the others are frozen
    all blocks     a new head; all learn, older blocks at smaller rates

For a seed, all strategies see the same pictures. Settings were tried on the validation pictures:
no strategy was much better with rates from 0.05 to 0.2, nor on the cars with two or three times
the epochs; the digits were scaled to 16 and not to 32 pixels since the probe is better so.
"""

import functools
from functools import partial
from typing import Any

import numpy as np
import torch

from coursekit.data import Dataset, digits, vehicles
from coursekit.data.cifar10 import NAMES
from coursekit.numpy_ref import cosine, resize
from coursekit.pretrained import cifar10_net
from coursekit.pretrained.shipped import CIFAR10
from coursekit.training import Trainer, evaluate, predict
from coursekit.training.models import small_resnet
from coursekit.training.transfer import features, freeze, layer_lr, linear_probe, replace_head
from experiments._run import Experiment
from experiments._statistics import spread

SEEDS, LR = 5, 0.1
TARGETS = ("cars", "digits")
SIZES = {  # pictures a class, epochs, pictures a batch
    "little": (5, 30, 10),
    "much": (50, 10, 20),
}
STRATEGIES = ("from scratch", "probe", "early probe", "last blocks", "all blocks")
PROBED = {"probe": None, "early probe": "4"}  # layer; None: what the old head was given
ADVICE = {  # of the lectures
    "cars, little": "probe",
    "cars, much": "last blocks",
    "digits, little": "early probe",
    "digits, much": "all blocks",
}


@functools.cache
def data() -> dict[str, Dataset]:
    """The targets, and the weights of the source: with others, all has to be done again."""
    weights = torch.nn.utils.parameters_to_vector(cifar10_net().parameters()).detach().numpy()
    return {
        "source": Dataset(weights[None], np.zeros(1, np.int64), ("weights",), "train"),
        "cars train": vehicles("train", n=400, headings="both"),
        "cars test": vehicles("test", n=300),
        "digits train": in_color(digits("train")),
        "digits test": in_color(digits("test")),
    }


def in_color(grey: Dataset) -> Dataset:
    """Digits as the source takes pictures."""
    return grey.with_x(np.repeat(resize(grey.x, size=16), 3, axis=1))


def seen(*, target: str) -> dict[str, float]:
    """What the source takes the pictures of a target for, in percent of them."""
    answers = predict(cifar10_net(), data()[f"{target} test"].x).argmax(axis=1)
    return {name: 100 * float(np.mean(answers == k)) for k, name in enumerate(NAMES)}


def transfer(*, target: str, size: str, strategy: str, seed: int) -> float:
    """Accuracy on the test pictures, in percent."""
    torch.set_num_threads(1)
    per_class, epochs, batch = SIZES[size]
    train, test = some(data()[f"{target} train"], per_class, seed=seed), data()[f"{target} test"]
    if strategy in PROBED:
        described = partial(features, cifar10_net(), layer=PROBED[strategy])
        probe, _ = linear_probe(described(train))
        return 100 * evaluate(probe, described(test))[1]
    net = network(strategy, len(train.class_names), rng=np.random.default_rng(seed))
    total = epochs * len(train) // batch
    Trainer(
        net,
        update=partial(torch.optim.SGD, momentum=0.9, nesterov=True, weight_decay=5e-4),
        lr=partial(cosine, total=total, warmup=total // 5, lr_max=LR),
        lr_scale=layer_lr(net, decay=0.7) if strategy == "all blocks" else None,
        epochs=epochs,
        batch_size=batch,
        seed=seed,
        callbacks=[],
        train_sample=1,
    ).fit(train)
    return 100 * evaluate(net, test)[1]


def some(pictures: Dataset, per_class: int, *, seed: int) -> Dataset:
    """So many of each class; the few of a seed are among its many."""
    order = np.random.default_rng(seed).permutation(len(pictures))
    labels = pictures.y[order]
    chosen = [order[labels == k][:per_class] for k in range(len(pictures.class_names))]
    return pictures.subset(np.concatenate(chosen))


def network(strategy: str, num_classes: int, *, rng: np.random.Generator) -> torch.nn.Module:
    """What a strategy that trains the network begins with."""
    if strategy == "from scratch":
        return small_resnet(rng=rng, **CIFAR10, num_classes=num_classes)
    net = replace_head(cifar10_net(), num_classes, rng=rng)
    if strategy == "last blocks":
        freeze(net, first=6)  # of eight
    return net


def summary(results: dict[str, Any]) -> dict[str, Any]:
    """The table: each strategy in each cell, and what the advice of the lectures loses."""
    cells = {
        f"{target}, {size}": {
            strategy: np.array(
                [results[part(target, size, strategy, seed)] for seed in range(SEEDS)]
            )
            for strategy in STRATEGIES
        }
        for target in TARGETS
        for size in SIZES
    }
    return {
        "seeds": SEEDS,
        "seen": {target: results[f"what the source sees, {target}"] for target in TARGETS},
        "cells": {name: cell(of_cell, ADVICE[name]) for name, of_cell in cells.items()},
    }


def cell(accuracies: dict[str, np.ndarray], advised: str) -> dict[str, Any]:
    """Accuracies, the best on average, and by how much it is better, on the same pictures."""
    best = max(accuracies, key=lambda strategy: accuracies[strategy].mean())
    ahead = {name: accuracies[best] - other for name, other in accuracies.items() if name != best}
    return {
        "accuracy": {strategy: spread(found) for strategy, found in accuracies.items()},
        "best": best,
        "advised": advised,
        "ahead of": {
            name: spread(points) | {"seeds": int((points > 1e-9).sum())}
            for name, points in ahead.items()
        },
    }


def part(target: str, size: str, strategy: str, seed: int) -> str:
    """The name of a part."""
    return f"{target}, {size}, {strategy}, seed {seed}"


EXPERIMENT = Experiment(
    "transfer_table",
    {f"what the source sees, {target}": partial(seen, target=target) for target in TARGETS}
    | {
        part(target, size, strategy, seed): partial(
            transfer, target=target, size=size, strategy=strategy, seed=seed
        )
        for seed in range(SEEDS)
        for target in TARGETS
        for size in SIZES
        for strategy in STRATEGIES
    },
    data=data,
    summary=summary,
)

if __name__ == "__main__":
    EXPERIMENT.main()
