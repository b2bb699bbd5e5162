"""Train the network that the course ships for CIFAR-10.

A one-cycle recipe: the learning rate rises to its maximum and falls to 0 along a cosine; flips and
shifts make each picture new each time; label smoothing. The test set is looked at at the end, with
the weights as they are shipped, in half precision.
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

EPOCHS, BATCH_SIZE = 30, 128


@functools.cache
def data() -> dict[str, Dataset]:
    """What to learn from, what to watch, and what to look at once."""
    return {split: cifar10(split) for split in ("train", "validation", "test")}


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
    train, validation, test = data().values()
    net = small_resnet(rng=np.random.default_rng(seed), **shipped.CIFAR10)
    total = epochs * -(-len(train) // BATCH_SIZE)
    changes = horizontal_flip, partial(pad_and_crop, pad=4)
    history = Trainer(
        HalfPrecision(net),
        update=partial(torch.optim.SGD, momentum=0.9, nesterov=True, weight_decay=5e-4),
        lr=partial(cosine, total=total, warmup=total // 5, lr_max=0.4),
        epochs=epochs,
        batch_size=BATCH_SIZE,
        loss=partial(softmax_cross_entropy, label_smoothing=0.1),
        augment=augmentation(*changes),
        seed=seed,
        callbacks=[
            ProgressBar(),
            Checkpoint(folder("pretrain_cifar10") / f"seed{seed}.npz", every_seconds=60),
        ],
        train_sample=len(validation),
    ).fit(train, validation)
    path = shipped.save(net, "cifar10")
    loss, accuracy = evaluate(shipped.cifar10_net(), test)
    columns = "train_accuracy", "validation_accuracy", "validation_loss"
    return {
        **{column: history.column(column).round(4).tolist() for column in columns},
        "test_accuracy": round(accuracy, 4),
        "test_loss": round(loss, 4),
        "bytes": path.stat().st_size,
    }


EXPERIMENT = Experiment(
    "pretrain_cifar10", {"seed 0": partial(train, seed=0, epochs=EPOCHS)}, data=data
)

if __name__ == "__main__":
    EXPERIMENT.main()
