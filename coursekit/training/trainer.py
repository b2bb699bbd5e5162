"""The settings of a run; `Run` is the loop."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from coursekit.data import Dataset
from coursekit.numpy_ref import sgd
from coursekit.training.callbacks import Callback, DivergenceGuard, History
from coursekit.training.evaluate import Loss, cross_entropy
from coursekit.training.run import Run

Penalty = Callable[[np.ndarray], tuple[float, np.ndarray]]


def is_weight(name: str, w: np.ndarray) -> bool:
    """Whether a parameter is a weight: it has two axes or more, unlike biases, scales and shifts.

    >>> is_weight("0.weight", np.zeros((2, 3))), is_weight("0.bias", np.zeros(3))
    (True, False)
    """
    return w.ndim >= 2


@dataclass
class Trainer:
    """Train a network, NumPy's or PyTorch's, and write down how it goes.

        loss = mean loss of the batch + Σ penalty(w) over the weights w
        w ← constraint(update(w, ∂loss/∂w, lr))

    model: a `numpy_ref.Sequential`, a `torch.nn.Module`, or anything else that fits `Model`; it is
    trained in place.
    update: a rule (w, dw, state, *, lr) -> (w, state), such as `sgd`; for a module also a class
    of torch.optim. Bind other arguments with `functools.partial`.
    lr: a number, or a schedule step -> lr with steps from 0. lr_scale: name of a parameter -> a
    factor on its learning rate; 0 freezes it.
    epochs ≥ 1 passes over the data, or steps ≥ 1 updates, which then decides; batch_size ≥ 1
    examples an update, None for all of them.
    loss: (scores, y) -> (loss, dscores). augment: (x, y, *, rng) -> (x, y), applied to each batch
    anew; see `augmentation`.
    penalty: w -> (loss, dw), and constraint: w -> w, for instance
    `partial(l2_penalty, weight_decay=1e-4)` and `partial(max_norm, c=9.0)`. Both see those
    parameters that `is_weight(name, w)` calls weights: biases are neither decayed nor clipped.
    (PyTorch's `Linear` keeps its weight as (M, D): for `max_norm`, transpose before and after.)
    seed: for shuffling, dropout and augmentation; same seed, same run. callbacks: see `Callback`;
    without any of your own a `DivergenceGuard` watches. train_sample: the train metrics come from
    so many first examples, None for all.

    Raises ValueError or TypeError for settings that make no sense.

    >>> from coursekit.data import moons
    >>> from coursekit.numpy_ref import Linear
    >>> line = Linear(2, 2, rng=np.random.default_rng(0))
    >>> history = Trainer(line, lr=0.5, epochs=20).fit(moons("train"), moons("validation"))
    >>> history.column("step")[-1], history.stopped
    (np.int64(20), None)

    References: goodfellow2016
    """

    model: Any
    update: Any = sgd
    lr: float | Callable[[int], float] = 0.1
    epochs: int = 10
    steps: int | None = None
    batch_size: int | None = None
    loss: Loss = cross_entropy
    penalty: Penalty | None = None
    constraint: Callable[[np.ndarray], np.ndarray] | None = None
    is_weight: Callable[[str, np.ndarray], bool] = is_weight
    lr_scale: Callable[[str], float] | None = None
    augment: Callable[..., tuple[np.ndarray, np.ndarray]] | None = None
    seed: int = 0
    callbacks: Sequence[Callback] = field(default_factory=lambda: (DivergenceGuard(),))
    train_sample: int | None = None

    def __post_init__(self) -> None:
        for name in ("epochs", "steps", "batch_size", "train_sample"):
            value = getattr(self, name)
            if value is not None and not (isinstance(value, int) and value >= 1):
                raise ValueError(
                    f"Trainer: {name} is not a whole number of at least 1. "
                    f"Expected {name} >= 1, got {value!r}."
                )
        if not callable(self.lr) and not self.lr > 0:
            raise ValueError(f"Trainer: lr is out of range. Expected lr > 0, got {self.lr}.")

    def fit(self, train: Dataset, validation: Dataset | None = None) -> History:
        """Run until all epochs or steps are done, or a callback raises `Stop`.

        Returns the history. A second call goes on from the weights of the first, with fresh
        optimiser state; to go on with everything, see `Checkpoint`.
        Raises ValueError for an empty data set.
        """
        for data in (train, validation):
            if data is not None and not len(data):
                raise ValueError("Trainer.fit: a data set is empty. Expected N >= 1, got N = 0.")
        return Run(self, train, validation).complete()
