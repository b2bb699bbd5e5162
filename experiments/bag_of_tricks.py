"""Three small tricks, each with and without the others: do they help on few pictures?

    smoothing    label smoothing: 0.1 of the probability goes to all classes alike
    zero gamma   the last scale γ of each residual block starts at 0, so that blocks start as x
    free biases  weight decay for weights alone, not for biases, scales and shifts

A residual net of 14 layers learns from 200 of the digits in 150 steps, which are few, with all
eight choices, several times: each time other pictures, weights and orders, the same for all eight.
The effect of a trick is the mean difference that it makes over the four choices of the others.
"""

import functools
from functools import partial
from itertools import product
from typing import Any

import numpy as np
import torch

from coursekit.data import Dataset, digits
from coursekit.numpy_ref import cosine, l2_penalty, softmax_cross_entropy
from coursekit.training import Trainer, evaluate, is_weight
from coursekit.training.models import residual_net
from experiments._run import Experiment
from experiments._statistics import spread

TRICKS = ("smoothing", "zero gamma", "free biases")
SEEDS = 10
DEPTH, PICTURES, BATCH, EPOCHS, LR = 14, 200, 20, 15, 0.05


@functools.cache
def data() -> dict[str, Dataset]:
    """The digits; nothing was chosen on the test pictures."""
    return {"train": digits("train"), "test": digits("test")}


def learn(*, tricks: list[str], seed: int) -> dict[str, float]:
    """Accuracy in percent, and loss, on the test pictures."""
    torch.set_num_threads(1)
    train, rng = data()["train"], np.random.default_rng([seed, PICTURES])
    net = residual_net(
        DEPTH,
        in_channels=1,
        zero_gamma="zero gamma" in tricks,
        rng=np.random.default_rng(seed),
    )
    Trainer(
        net,
        update=partial(torch.optim.SGD, momentum=0.9),
        lr=partial(cosine, total=EPOCHS * PICTURES // BATCH, lr_max=LR),
        epochs=EPOCHS,
        batch_size=BATCH,
        loss=partial(softmax_cross_entropy, label_smoothing=0.1 * ("smoothing" in tricks)),
        penalty=partial(l2_penalty, weight_decay=1e-3),
        is_weight=is_weight if "free biases" in tricks else everything,
        seed=seed,
        callbacks=[],
        train_sample=1,
    ).fit(train.subset(rng.permutation(len(train))[:PICTURES]))
    loss, accuracy = evaluate(net, data()["test"])
    return {"accuracy": 100 * accuracy, "loss": loss}


def everything(name: str, w: np.ndarray) -> bool:
    """Weight decay for all parameters."""
    return True


CHOICES = [
    [trick for trick, on in zip(TRICKS, choice, strict=True) if on]
    for choice in product((False, True), repeat=len(TRICKS))
]


def part(tricks: list[str], seed: int) -> str:
    """The name of a part."""
    return f"{' + '.join(tricks) or 'none'}, seed {seed}"


def summary(results: dict[str, dict]) -> dict[str, Any]:
    """Each choice, and the effect of each trick: means over the seeds, and wins out of them."""
    choices = {
        part(tricks, 0).removesuffix(", seed 0"): {
            name: spread(column(results, tricks, name)) for name in ("accuracy", "loss")
        }
        for tricks in CHOICES
    }
    effects = {
        trick: {name: effect(results, trick, name) for name in ("accuracy", "loss")}
        for trick in TRICKS
    }
    return {"seeds": SEEDS, "choices": choices, "effects": effects}


def effect(results: dict[str, dict], trick: str, name: str) -> dict[str, float]:
    """The difference that a trick makes, and for how many seeds it is above 0."""
    differences = np.mean(
        [
            column(results, tricks, name)
            - column(results, [other for other in tricks if other != trick], name)
            for tricks in CHOICES
            if trick in tricks
        ],
        axis=0,
    )
    return spread(differences) | {"seeds above 0": int((differences > 1e-9).sum())}


def column(results: dict[str, dict], tricks: list[str], name: str) -> np.ndarray:
    """One number for each seed."""
    return np.array([results[part(tricks, seed)][name] for seed in range(SEEDS)])


EXPERIMENT = Experiment(
    "bag_of_tricks",
    {
        part(tricks, seed): partial(learn, tricks=tricks, seed=seed)
        for seed in range(SEEDS)
        for tricks in CHOICES
    },
    data=data,
    summary=summary,
)

if __name__ == "__main__":
    EXPERIMENT.main()
