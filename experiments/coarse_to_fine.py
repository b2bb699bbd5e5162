"""The decks' search for a learning rate and a regulariser: coarse, then fine.

A net of two layers, 50 hidden units with ReLU, on pictures as in the decks: pixels from 0 to 255,
less the mean image; of CIFAR-10's 50,000 training pictures the first 49,000 to train and the last
1,000 to validate. SGD with momentum 0.9, batches of 100, the rate times 0.9 after each epoch,
initial weights normal with deviation 0.0001.

Both ranges of the coarse search are the decks': reg = 10^U(-5, 5), lr = 10^U(-6, -3). The fine
search takes its own from `refine`, where the decks set reg = 10^U(-4, 0), lr = 10^U(-4, -3) by eye.
The digits get the same net, ranges and searches, in seconds.
"""

import functools
from functools import partial
from typing import Any

import numpy as np

from coursekit.data import Dataset, cifar10, digits
from coursekit.numpy_ref import center, mean_image, momentum
from coursekit.training.search import CoarseToFine, Results, coarse_to_fine, log_uniform
from coursekit.training.toy import init_two_layer_model, train_two_layer_net, two_layer_net
from experiments._code import code_hash
from experiments._run import Experiment, folder

SPACE = {"reg": log_uniform(1e-5, 1e5), "lr": log_uniform(1e-6, 1e-3)}
SOURCES = {"CIFAR-10": cifar10, "digits": digits}
VALIDATION = {"CIFAR-10": 1000, "digits": 300}  # the last ones of what is not for testing
EPOCHS = {"CIFAR-10": (5, 20), "digits": (5, 10)}  # of the coarse and of the fine search


def data() -> dict[str, Dataset]:
    """All data sets of the parts."""
    splits = ("train", "validation", "test")
    return {f"{name} {split}": get(split) for name, get in SOURCES.items() for split in splits}


@functools.cache
def pictures(source: str) -> dict[str, Dataset]:
    """The splits of the decks, with pixels from 0 to 255, less the mean image."""
    parts = [SOURCES[source](split) for split in ("train", "validation")]
    x, y = (np.concatenate([getattr(part, name) for part in parts]) for name in ("x", "y"))
    n, test = len(y) - VALIDATION[source], SOURCES[source]("test")
    splits = {"train": (x[:n], y[:n]), "validation": (x[n:], y[n:]), "test": (test.x, test.y)}
    mean, names = mean_image(x[:n]), test.class_names
    return {
        split: Dataset(255 * center(some, mean), labels, names, split)
        for split, (some, labels) in splits.items()
    }


def train(
    lr: float, reg: float, *, source: str, epochs: int, seed: int
) -> tuple[dict[str, float], dict[str, np.ndarray]]:
    """Train the net; return accuracies after the last epoch, and the parameters.

    Raises ArithmeticError if it diverges.
    """
    splits = pictures(source)
    inputs = splits["train"].x[0].size
    model = init_two_layer_model(inputs, 50, 10, rng=np.random.default_rng(seed))
    model = {name: array.astype(np.float32) for name, array in model.items()}  # in half the time
    settings = {"lr_decay": 0.9, "batch_size": 100, "train_sample": 1000, "seed": seed}
    history = train_two_layer_net(
        model,
        splits["train"],
        splits["validation"],
        update=partial(momentum, momentum=0.9),
        lr=lr,
        reg=reg,
        epochs=epochs,
        verbose=False,
        **settings,
    )
    if history.stopped:
        raise ArithmeticError(history.stopped)
    last = history.records[-1]
    accuracies = {"score": last["validation_accuracy"], "train_accuracy": last["train_accuracy"]}
    return accuracies, model


def objective(lr: float, reg: float, *, source: str, epochs: int, seed: int) -> dict[str, float]:
    """What the search makes as large as it can: the accuracy on the validation set."""
    return train(lr, reg, source=source, epochs=epochs, seed=seed)[0]


def search(source: str, *, coarse: int, fine: int, seed: int) -> CoarseToFine:
    """Both searches; those on CIFAR-10 take minutes, so their finished trials are kept."""
    few, more = (
        partial(objective, source=source, epochs=epochs, seed=seed) for epochs in EPOCHS[source]
    )
    name = f"{seed}-{code_hash(train)}.jsonl"
    return coarse_to_fine(
        few,
        SPACE,
        coarse=coarse,
        fine=fine,
        fine_objective=more,
        seed=seed,
        path=folder("coarse_to_fine") / name if source == "CIFAR-10" else None,
        executor="threads",  # which share the pictures
        workers=1,
        progress=False,
    )


def searched(*, source: str, coarse: int, fine: int, seed: int) -> dict[str, Any]:
    """All trials of both searches, and why the second one searched where it did."""
    both = search(source, coarse=coarse, fine=fine, seed=seed)
    return {
        "coarse": rows(both.coarse),
        "reasons": both.reasons,
        "fine": rows(both.fine),
    }


def rows(results: Results) -> list[dict[str, Any]]:
    """The trials as rows for JSON, which has no infinity: the accuracy of a failed one is None."""
    return [
        {
            **trial.params,
            "validation_accuracy": None if trial.failed else trial.score,
            "train_accuracy": trial.metrics.get("train_accuracy"),
            "failed": trial.failed,
        }
        for trial in results.trials
    ]


def chosen(
    *, source: str, coarse: int, fine: int, seed: int, net_seed: int, test: bool
) -> dict[str, Any]:
    """Train the best net of the fine search anew, from other initial weights.

    Only one of these nets sees the test set, and no choice depends on what comes out.
    """
    best = search(source, coarse=coarse, fine=fine, seed=seed).fine.best.params
    accuracies, model = train(**best, source=source, epochs=EPOCHS[source][1], seed=net_seed)
    found = {**best, "validation_accuracy": accuracies["score"]}
    if test:
        unseen = pictures(source)["test"]
        answers = two_layer_net(unseen.x, model).argmax(axis=1)
        found["test_accuracy"] = float(np.mean(answers == unseen.y))
    return found


def summary(results: dict[str, Any]) -> dict[str, Any]:
    """For each source: the best accuracies found, and those of the chosen net from new weights."""
    return {
        source: {
            "searches": [
                {
                    "coarse": best(result["coarse"]),
                    "reasons": result["reasons"],
                    "fine": best(result["fine"]),
                }
                for part, result in results.items()
                if part.startswith(f"{source}, search")
            ],
            "chosen": [
                result for part, result in results.items() if part.startswith(f"{source}, chosen")
            ],
        }
        for source in SOURCES
    }


def best(found: list[dict[str, Any]]) -> dict[str, Any]:
    """The row with the highest validation accuracy."""
    return max(found, key=lambda row: row["validation_accuracy"] or 0.0)


SIZES = {"CIFAR-10": {"coarse": 40, "fine": 20}, "digits": {"coarse": 20, "fine": 20}}
SEEDS = {"CIFAR-10": range(1), "digits": range(5)}  # of searches

EXPERIMENT = Experiment(
    "coarse_to_fine",
    {
        f"{source}, search {seed}": partial(searched, source=source, **SIZES[source], seed=seed)
        for source in SOURCES
        for seed in SEEDS[source]
    }
    | {
        f"{source}, chosen, weights {net_seed}": partial(
            chosen,
            source=source,
            **SIZES[source],
            seed=0,
            net_seed=net_seed,
            test=net_seed == 1,
        )
        for source in SOURCES
        for net_seed in range(1, 6)
    },
    data=data,
    summary=summary,
)

if __name__ == "__main__":
    EXPERIMENT.main()
