"""Train the network that the course ships for CIFAR-10.

A one-cycle recipe: the learning rate rises to its maximum and falls to 0 along a cosine; flips and
shifts make each picture new each time; label smoothing. The recipe was chosen in shorter runs that
held 5,000 pictures back for validation; this one learns from them as well. The test set is looked
at at the end, with the weights as they are shipped, in half precision.
"""

import functools
from functools import partial

import numpy as np
import torch
from torch import nn

from coursekit.data import Dataset, cifar10
from coursekit.numpy_ref import (
    cosine,
    horizontal_flip,
    pad_and_crop,
    softmax_cross_entropy,
)
from coursekit.pretrained import shipped
from coursekit.training import Checkpoint, ProgressBar, Trainer, augmentation, evaluate
from coursekit.training.models import small_resnet
from experiments._run import Experiment, folder

EPOCHS, BATCH_SIZE = 60, 128


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


def train(*, seed: int, epochs: int) -> dict:
    """Train one network, write its weights, and say how good they are."""
    net = small_resnet(rng=np.random.default_rng(seed), **shipped.CIFAR10)
    history = trainer(net, seed=seed, epochs=epochs).fit(data()["train"])
    path = shipped.save(net, "cifar10")
    loss, accuracy = evaluate(shipped.cifar10_net(), data()["test"])
    return {
        "train_accuracy": history.column("train_accuracy").round(4).tolist(),
        "test_accuracy": round(accuracy, 4),
        "test_loss": round(loss, 4),
        "bytes": path.stat().st_size,
    }


def trainer(net: nn.Module, *, seed: int, epochs: int) -> Trainer:
    """The recipe."""
    total = epochs * -(-len(data()["train"]) // BATCH_SIZE)
    checkpoint = folder("pretrain_cifar10") / f"seed{seed}_{epochs}_epochs.npz"
    return Trainer(
        HalfPrecision(net),
        update=partial(torch.optim.SGD, momentum=0.9, nesterov=True, weight_decay=5e-4),
        lr=partial(cosine, total=total, warmup=total // 5, lr_max=0.2),
        epochs=epochs,
        batch_size=BATCH_SIZE,
        loss=partial(softmax_cross_entropy, label_smoothing=0.1),
        augment=augmentation(horizontal_flip, partial(pad_and_crop, pad=4)),
        seed=seed,
        callbacks=[ProgressBar(), Checkpoint(checkpoint, every_seconds=60)],
        train_sample=2000,
    )


EXPERIMENT = Experiment(
    "pretrain_cifar10", {"seed 0": partial(train, seed=0, epochs=EPOCHS)}, data=data
)

if __name__ == "__main__":
    EXPERIMENT.main()
