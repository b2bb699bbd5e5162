"""Train the network that the course ships for CIFAR-10.

First a one-cycle recipe: the learning rate rises to its maximum and falls to 0 along a cosine;
flips and shifts make each picture new each time; label smoothing. By then the network knows nearly
all of its pictures, so it goes on with a hole in each of them, from a smaller rate. The first
recipe was chosen in shorter runs that held 5,000 pictures back for validation; this one learns from
them as well. The test set is looked at at the end, with the weights as they are shipped, in half
precision.
"""

import functools
from dataclasses import replace
from functools import partial

import numpy as np
import torch
from torch import nn

from coursekit.data import Dataset, cifar10
from coursekit.numpy_ref import (
    cosine,
    cutout,
    horizontal_flip,
    pad_and_crop,
    softmax_cross_entropy,
)
from coursekit.pretrained import shipped
from coursekit.training import Checkpoint, ProgressBar, Trainer, augmentation, evaluate
from coursekit.training.models import small_resnet
from experiments._run import Experiment, folder

EPOCHS, LATER_EPOCHS, LAST_EPOCHS, BATCH_SIZE = 60, 30, 8, 128
MOVED = (horizontal_flip, partial(pad_and_crop, pad=4))


@functools.cache
def data() -> dict[str, Dataset]:
    """What to learn from, 50,000 pictures, and what to look at once."""
    parts = cifar10("train"), cifar10("validation")
    x, y = (np.concatenate([getattr(part, name) for part in parts]) for name in ("x", "y"))
    return {"train": Dataset(x, y, parts[0].class_names, "train"), "test": cifar10("test")}


class HalfPrecision(nn.Module):
    """The network, computed in bfloat16 where that is enough: about twice as fast."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the scores, in float32."""
        with torch.autocast(x.device.type, dtype=torch.bfloat16):
            return self.net(x.contiguous(memory_format=torch.channels_last)).float()


def hole(x: np.ndarray, *, rng: np.random.Generator) -> np.ndarray:
    """Cut a square out of each picture, and fill it with the mean color."""
    mean = np.asarray(shipped.CIFAR10["mean"], x.dtype)[:, None, None]
    return cutout(x - mean, size=12, rng=rng) + mean


def train(*, seed: int, epochs: int, later_epochs: int, last_epochs: int) -> dict:
    """Train one network, write its weights, and say how good they are."""
    net = small_resnet(rng=np.random.default_rng(seed), **shipped.CIFAR10)
    history = trainer(net, seed=seed, epochs=epochs).fit(data()["train"])
    later = later_trainer(net, seed=seed, epochs=later_epochs, last=last_epochs).fit(
        data()["train"]
    )
    path = shipped.save(net, "cifar10")
    loss, accuracy = evaluate(shipped.cifar10_net(), data()["test"])
    return {
        "train_accuracy": history.column("train_accuracy").round(4).tolist(),
        "later_train_accuracy": later.column("train_accuracy").round(4).tolist(),
        "test_accuracy": round(accuracy, 4),
        "test_loss": round(loss, 4),
        "bytes": path.stat().st_size,
    }


def trainer(net: nn.Module, *, seed: int, epochs: int) -> Trainer:
    """The recipe."""
    total = epochs * steps_per_epoch()
    checkpoint = folder("pretrain_cifar10") / f"seed{seed}_{epochs}_epochs.npz"
    return Trainer(
        HalfPrecision(net),
        update=partial(torch.optim.SGD, momentum=0.9, nesterov=True, weight_decay=5e-4),
        lr=partial(cosine, total=total, warmup=total // 5, lr_max=0.2),
        epochs=epochs,
        batch_size=BATCH_SIZE,
        loss=partial(softmax_cross_entropy, label_smoothing=0.1),
        augment=augmentation(*MOVED),
        seed=seed,
        callbacks=[ProgressBar(), Checkpoint(checkpoint, every_seconds=60)],
        train_sample=2000,
    )


def later_trainer(net: nn.Module, *, seed: int, epochs: int, last: int) -> Trainer:
    """The recipe of the later epochs and, in which the rate falls to 0, the last ones."""
    checkpoint = folder("pretrain_cifar10") / f"seed{seed}_{epochs}_later_epochs.npz"
    return replace(
        trainer(net, seed=seed, epochs=epochs + last),
        lr=partial(falling, later=epochs * steps_per_epoch(), last=last * steps_per_epoch()),
        augment=augmentation(*MOVED, hole),
        callbacks=[ProgressBar(), Checkpoint(checkpoint, every_seconds=60)],
    )


def falling(step: int, *, later: int, last: int) -> float:
    """From 0.05 to 0.005 along a cosine in `later` steps, to 0 along another one in the last."""
    if step < later:
        return cosine(step, total=later, lr_max=0.05, lr_min=0.005)
    return cosine(step - later, total=last, lr_max=0.005)


def steps_per_epoch() -> int:
    """The batches of one pass over the training set."""
    return -(-len(data()["train"]) // BATCH_SIZE)


EXPERIMENT = Experiment(
    "pretrain_cifar10",
    {
        "seed 0": partial(
            train, seed=0, epochs=EPOCHS, later_epochs=LATER_EPOCHS, last_epochs=LAST_EPOCHS
        )
    },
    data=data,
)

if __name__ == "__main__":
    EXPERIMENT.main()
