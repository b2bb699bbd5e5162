"""Do several networks know more than one, and what does it cost?

A small convolutional network with BatchNorm learns from 200 of the digits. In each group, with
200 pictures of its own, all that one can average is measured on the same test pictures. The cost
of training is counted in runs of `EPOCHS` epochs, that of a prediction in forward passes:

    name                  training  prediction
    one net               1         1           the mean of five, each trained apart
    five nets             5         5           Ensemble of these five
    five short runs       1         5           Ensemble of five nets, a fifth of the epochs
    snapshots             1         5           Ensemble of the ends of five cosine cycles
    last snapshot         1         1           the net that this run ends with
    checkpoints           1         5           Ensemble of five late epochs of the first net
    constant rate         1         1           one net whose rate does not fall
    SWA                   1         1           mean of its weights in the last half
    EMA                   1         1           exponential average of the same weights
"""

import functools
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from coursekit.data import Dataset, digits
from coursekit.numpy_ref import (
    BatchNorm2d,
    Conv2d,
    Flatten,
    Linear,
    MaxPool2d,
    ReLU,
    Sequential,
    constant,
    cosine,
    cosine_restarts,
    ema,
    l2_penalty,
    momentum,
    swa,
)
from coursekit.training import Callback, Trainer, evaluate
from coursekit.training.callbacks import Snapshots, WeightAveraging
from coursekit.training.ensembles import Ensemble
from experiments._run import Experiment
from experiments._statistics import spread

PICTURES, BATCH, EPOCHS, NETS, LR = 200, 20, 50, 5, 0.1
STEPS = PICTURES // BATCH  # an epoch
TOTAL = STEPS * EPOCHS
GROUPS = 20


@functools.cache
def data() -> dict[str, Dataset]:
    """The digits; nothing was chosen on the test pictures."""
    return {"train": digits("train"), "test": digits("test")}


def network(rng: np.random.Generator) -> Sequential:
    """Two convolutions and an affine layer: 3866 parameters."""
    f32: Any = {"dtype": np.float32}
    return Sequential(
        Conv2d(1, 8, 3, padding=1, rng=rng, **f32),
        BatchNorm2d(8, **f32),
        ReLU(),
        MaxPool2d(2),
        Conv2d(8, 16, 3, padding=1, rng=rng, **f32),
        BatchNorm2d(16, **f32),
        ReLU(),
        Flatten(),
        Linear(16 * 16, 10, rng=rng, **f32),
    )


def trained(
    group: int,
    net: int,
    *,
    lr: Callable[[int], float],
    epochs: int = EPOCHS,
    callbacks: Sequence[Callback] = (),
) -> Sequential:
    """One net of a group: first weights and order of the pictures are its own."""
    model = network(np.random.default_rng([group, net]))
    Trainer(
        model,
        update=momentum,
        lr=lr,
        epochs=epochs,
        batch_size=BATCH,
        penalty=partial(l2_penalty, weight_decay=1e-4),
        seed=100 * group + net,
        callbacks=callbacks,
        train_sample=1,
    ).fit(pictures(group))
    return model


def pictures(group: int) -> Dataset:
    """The training pictures of a group."""
    train = data()["train"]
    return train.subset(np.random.default_rng([group, 1000]).permutation(len(train))[:PICTURES])


def measure(*, group: int) -> dict[str, Any]:
    """Accuracy in percent, and loss, on the test pictures, of all that a group can average."""
    late = Snapshots(epochs=range(EPOCHS - 20, EPOCHS + 1, 5))
    nets = [
        trained(group, i, lr=partial(cosine, total=TOTAL, lr_max=LR), callbacks=[late][i:])
        for i in range(NETS)
    ]
    return {
        "members": [score(net) for net in nets],
        "five nets": score(Ensemble(nets)),
        "five nets, mean of scores": score(Ensemble(nets, average="scores")),
        "checkpoints": score(Ensemble.from_snapshots(nets[0], late.snapshots)),
        **cheap_ensembles(group),
        **averaged_weights(group),
    }


def cheap_ensembles(group: int) -> dict[str, Any]:
    """Five members for the training cost of one net."""
    part = TOTAL // NETS
    short = [
        trained(group, i, lr=partial(cosine, total=part, lr_max=LR), epochs=EPOCHS // NETS)
        for i in range(NETS)
    ]
    ends = Snapshots(steps=part)
    net = trained(group, 0, lr=partial(cosine_restarts, period=part, lr_max=LR), callbacks=[ends])
    return {
        "short members": [score(net) for net in short],
        "five short runs": score(Ensemble(short)),
        "snapshots": score(Ensemble.from_snapshots(net, ends.snapshots)),
        "last snapshot": score(net),
    }


def averaged_weights(group: int) -> dict[str, Any]:
    """One run at a constant rate, and two averages of its weights."""
    rules = {
        "SWA": partial(swa, start=TOTAL // 2 + STEPS - 1, every=STEPS),
        "EMA": partial(ema, decay=0.98),
    }
    averages = {name: WeightAveraging(rule) for name, rule in rules.items()}
    net = trained(group, 0, lr=partial(constant, lr=LR / 2), callbacks=[*averages.values()])
    found = {"constant rate": score(net)}
    for name, average in averages.items():
        average.apply(net, pictures(group))
        found[name] = score(net)
    return found


def score(model: Any) -> dict[str, float]:
    """Accuracy in percent, and loss, on the test pictures."""
    loss, accuracy = evaluate(model, data()["test"])
    return {"accuracy": 100 * accuracy, "loss": loss}


METHODS = {  # name: (training, prediction, the nets whose average it is)
    "five nets": (5, 5, "members"),
    "five nets, mean of scores": (5, 5, "members"),
    "five short runs": (1, 5, "short members"),
    "snapshots": (1, 5, "last snapshot"),
    "last snapshot": (1, 1, "last snapshot"),
    "checkpoints": (1, 5, "first member"),
    "constant rate": (1, 1, "constant rate"),
    "SWA": (1, 1, "constant rate"),
    "EMA": (1, 1, "constant rate"),
}


def summary(results: dict[str, dict]) -> dict[str, Any]:
    """Each method against one net, the mean of the five of the group, and against its own."""
    groups = [*results.values()]
    one, best = np.transpose([mean_and_best(group) for group in groups])
    table = {"one net": {"training": 1, "prediction": 1, **spread(one)}}
    for name, (training, prediction, nets) in METHODS.items():
        accuracy = np.array([group[name]["accuracy"] for group in groups])
        table[name] = {
            "training": training,
            "prediction": prediction,
            **spread(accuracy),
            "loss": float(np.mean([group[name]["loss"] for group in groups])),
            "gain": spread(accuracy - one),
            "gain over its own net": spread(accuracy - [own_net(group, nets) for group in groups]),
            "better, of the groups": int((accuracy > one).sum()),
            "better than the best member": int((accuracy > best).sum()),
        }
    losses = [member["loss"] for group in groups for member in group["members"]]
    table["one net"]["loss"] = float(np.mean(losses))
    return {"groups": len(groups), "best member": spread(best), "methods": table}


def own_net(group: dict[str, Any], nets: str) -> float:
    """The accuracy of the net that a method makes its average of, or the mean of such nets."""
    found = group["members"][0] if nets == "first member" else group[nets]
    several = found if isinstance(found, list) else [found]
    return float(np.mean([net["accuracy"] for net in several]))


def mean_and_best(group: dict[str, Any]) -> tuple[float, float]:
    """The mean and the best accuracy of the five nets of a group."""
    accuracies = [member["accuracy"] for member in group["members"]]
    return float(np.mean(accuracies)), max(accuracies)


EXPERIMENT = Experiment(
    "ensembles",
    {f"group {group}": partial(measure, group=group) for group in range(GROUPS)},
    data=data,
    summary=summary,
)

if __name__ == "__main__":
    EXPERIMENT.main()
