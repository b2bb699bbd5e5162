"""Train the network that the course ships for the digits 0 to 4; it never sees the other five."""

import functools
from functools import partial

import numpy as np
import torch

from coursekit.data import Dataset, digits
from coursekit.numpy_ref import cosine, pad_and_crop
from coursekit.pretrained import shipped
from coursekit.training import Trainer, augmentation, evaluate
from coursekit.training.models import small_resnet
from experiments._run import Experiment

EPOCHS, BATCH_SIZE = 40, 32


@functools.cache
def data() -> dict[str, Dataset]:
    """The pictures of 0, 1, 2, 3 and 4 of each split."""
    return {split: only_small(digits(split)) for split in ("train", "validation", "test")}


def only_small(data: Dataset) -> Dataset:
    """The examples of classes 0 to 4, which are then all classes there are."""
    chosen = data.y < 5
    return Dataset(data.x[chosen], data.y[chosen], data.class_names[:5], data.split)


def train(*, seed: int, epochs: int) -> dict:
    """Train one network, write its weights, and say how good they are."""
    train, validation, test = data().values()
    net = small_resnet(rng=np.random.default_rng(seed), **shipped.DIGITS)
    total = epochs * -(-len(train) // BATCH_SIZE)
    history = Trainer(
        net,
        update=partial(torch.optim.SGD, momentum=0.9, nesterov=True, weight_decay=5e-4),
        lr=partial(cosine, total=total, warmup=total // 5, lr_max=0.05),
        epochs=epochs,
        batch_size=BATCH_SIZE,
        augment=augmentation(partial(pad_and_crop, pad=1)),
        seed=seed,
    ).fit(train, validation)
    path = shipped.save(net, "digits_0_to_4")
    loss, accuracy = evaluate(shipped.digits_net(), test)
    return {
        "validation_accuracy": round(history.records[-1]["validation_accuracy"], 4),
        "test_accuracy": round(accuracy, 4),
        "test_loss": round(loss, 4),
        "test_pictures": len(test),
        "bytes": path.stat().st_size,
    }


EXPERIMENT = Experiment(
    "pretrain_digits", {"seed 0": partial(train, seed=0, epochs=EPOCHS)}, data=data
)

if __name__ == "__main__":
    EXPERIMENT.main()
