"""How many weights can go before a network notices? Train, prune, retrain; and the decks' table.

LeNet-300-100 and LeNet-5 learn scikit-learn's digits, scaled from 8×8 to 28×28 pixels so that the
networks keep the sizes that the decks give. Step by step the smallest weights of the whole network
are pruned and the others retrained. The table compares the network before and after with as many
parameters left as in the decks' table, a number that was not chosen here. Settings were tried on
the validation pictures; the test pictures were used for the table alone.
"""

import functools
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import torch

from coursekit.data import Dataset, digits
from coursekit.numpy_ref import cosine, global_magnitude_masks, resize
from coursekit.training import Trainer, evaluate
from coursekit.training.callbacks import PruningMasks
from coursekit.training.model import Arrays, as_model, copies
from coursekit.training.models import alexnet, lenet5, lenet_300_100, vgg16
from coursekit.training.summary import summary as summary_of
from experiments._run import Experiment
from experiments._statistics import spread

BATCH = 50
NETS: Mapping[str, Callable[..., Any]] = {
    "LeNet-300-100": lenet_300_100,
    "LeNet-5": lenet5,
    "AlexNet": alexnet,
    "VGG16": vgg16,
}
LEFT_IN_DECKS = {
    "LeNet-300-100": 22_000,
    "LeNet-5": 36_000,
    "AlexNet": 6_700_000,
    "VGG16": 10_300_000,
}


@functools.cache
def data() -> dict[str, Dataset]:
    """The digits, scaled to 28 × 28."""
    small = {split: digits(split) for split in ("train", "validation", "test")}
    return {split: found.with_x(resize(found.x, size=28)) for split, found in small.items()}


def prune(
    *,
    name: str,
    left: list[int],
    epochs: int,
    retrain: int,
    lr: float,
    weight_decay: float,
    seed: int,
) -> dict[str, Any]:
    """Errors in percent of one network, with fewer and fewer parameters left.

    epochs to train, retrain epochs after each pruning, lr at their beginnings.
    """
    net = NETS[name](rng=np.random.default_rng(seed))
    train(net, lr=lr, weight_decay=weight_decay, epochs=epochs, seed=seed)
    dense = copies(as_model(net))["params"]
    before = {"validation": error(net, "validation"), "test": error(net, "test")}
    steps = []
    for count in left:
        now = as_model(net).params
        smaller = masks(now, left=count)
        train(net, lr=lr, weight_decay=weight_decay, epochs=retrain, seed=seed, masks=smaller)
        step = {"left": nonzero(net), "retrained": error(net, "validation")}
        step["not retrained"] = error(pruned(name, dense, left=count), "validation")
        if count == LEFT_IN_DECKS[name]:
            step["test"] = error(net, "test")
        steps.append(step)
    return {"before": before, "steps": steps}


def train(
    net: Any, *, lr: float, weight_decay: float, epochs: int, seed: int, masks: Arrays | None = None
) -> None:
    """Momentum and weight decay, the rate falling along a cosine; pruned weights stay 0."""
    torch.set_num_threads(1)
    steps = -(-len(data()["train"]) // BATCH)
    Trainer(
        net,
        update=partial(torch.optim.SGD, momentum=0.9, weight_decay=weight_decay),
        lr=partial(cosine, total=steps * epochs, lr_max=lr),
        epochs=epochs,
        batch_size=BATCH,
        seed=seed,
        callbacks=[PruningMasks(masks)] if masks else [],
        train_sample=1,
    ).fit(data()["train"])


def masks(params: Arrays, *, left: int) -> dict[str, np.ndarray]:
    """One threshold for all weights, so that so many parameters are left, all biases with them."""
    weights = {name: w for name, w in params.items() if w.ndim >= 2}
    biases = sum(w.size for w in params.values() if w.ndim < 2)
    total = sum(w.size for w in weights.values())
    return global_magnitude_masks(weights, sparsity=1 - (left - biases) / total)


def pruned(name: str, dense: Arrays, *, left: int) -> Any:
    """A network with the largest of these parameters, as they are."""
    net, kept = NETS[name](rng=np.random.default_rng(0)), masks(dense, left=left)
    as_model(net).load({name: w * kept.get(name, 1) for name, w in dense.items()})
    return net


def nonzero(net: Any) -> int:
    """How many parameters are not 0."""
    return sum(int(np.count_nonzero(w)) for w in as_model(net).params.values())


def error(net: Any, split: str) -> float:
    """In percent."""
    return 100 * (1 - evaluate(net, data()[split])[1])


def summary(results: dict[str, dict]) -> dict[str, Any]:
    """The decks' table with ours, and the curves: means over the seeds."""
    runs = {
        name: [result for part, result in results.items() if part.startswith(name)] for name in NETS
    }
    return {
        "table": {name: table_row(name, of_net) for name, of_net in runs.items()},
        "curves": {name: curve(of_net) for name, of_net in runs.items() if of_net},
    }


def table_row(name: str, runs: list[dict]) -> dict[str, Any]:
    """One row of the decks' table; of networks that are too large to train here, only sizes."""
    with torch.device("meta"):
        size = summary_of(NETS[name](rng=np.random.default_rng(0))).parameters
    row: dict[str, Any] = {"parameters": size, "left in the decks": LEFT_IN_DECKS[name]}
    if not runs:
        return row
    before = np.array([run["before"]["test"] for run in runs])
    steps = [next(step for step in run["steps"] if "test" in step) for run in runs]
    after = np.array([step["test"] for step in steps])
    left = float(np.mean([step["left"] for step in steps]))
    return row | {
        "seeds": len(runs),
        "left": left,
        "times fewer": size / left,
        "error before": spread(before),
        "error after": spread(after),
        "increase": spread(after - before),
        "at most 0.5 more, of the seeds": int((after - before <= 0.5 + 1e-9).sum()),
    }


def curve(runs: list[dict]) -> dict[str, Any]:
    """Validation errors, in percent, step by step."""
    columns = ("left", "retrained", "not retrained")
    steps = {name: np.array([[s[name] for s in run["steps"]] for run in runs]) for name in columns}
    before = [run["before"]["validation"] for run in runs]
    return {"before": np.mean(before)} | {name: steps[name].mean(axis=0) for name in columns}


SETTINGS = {
    "LeNet-300-100": {
        "left": [128_000, 64_000, 32_000, 22_000, 11_000, 5_500, 2_750, 1_375],
        "epochs": 60,
        "retrain": 20,
        "lr": 0.1,
        "weight_decay": 1e-3,
        "seeds": 10,
    },
    "LeNet-5": {
        "left": [108_000, 60_000, 36_000, 18_000, 9_000],
        "epochs": 20,
        "retrain": 10,
        "lr": 0.025,
        "weight_decay": 1e-3,
        "seeds": 5,
    },
}

EXPERIMENT = Experiment(
    "pruning",
    {
        f"{name}, seed {seed}": partial(
            prune, name=name, **{k: v for k, v in settings.items() if k != "seeds"}, seed=seed
        )
        for name, settings in SETTINGS.items()
        for seed in range(settings["seeds"])
    },
    data=data,
    summary=summary,
)

if __name__ == "__main__":
    EXPERIMENT.main()
