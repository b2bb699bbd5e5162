"""The settings of a run; `Run` is the loop."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from coursekit.data import Dataset
from coursekit.numpy_ref import _check, sgd
from coursekit.training.callbacks import Callback, DivergenceGuard, History
from coursekit.training.evaluate import Loss, check_data, cross_entropy
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
    examples an update, None for all of them; the last batch of an epoch has those that are left,
    and BatchNorm needs two.
    loss: (scores, y) -> (loss, dscores); in a regression, where scores are (N, 1) and y is (N,),
    `lambda scores, y: squared_error(scores, y[:, None])`.
    augment: (x, y, *, rng) -> (x, y), applied to each batch anew; see `augmentation`.
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
        self.epochs = _check.count("Trainer", "epochs", self.epochs)
        self.seed = _check.count("Trainer", "seed", self.seed, at_least=0)
        for name in ("steps", "batch_size", "train_sample"):
            if (number := getattr(self, name)) is not None:
                setattr(self, name, _check.count("Trainer", name, number))
        if not callable(self.lr):
            self.lr = _check.in_range("Trainer", "lr", self.lr, "(0, inf)")
        for name in ("loss", "is_weight", "penalty", "constraint", "lr_scale", "augment"):
            if (function := getattr(self, name)) is not None or name in ("loss", "is_weight"):
                _check.function("Trainer", name, function)
        _check_callbacks(self.callbacks)

    def fit(self, train: Dataset, validation: Dataset | None = None) -> History:
        """Run until all epochs or steps are done, or a callback raises `Stop`.

        Returns the history. A second call goes on from the weights of the first, with fresh
        optimiser state; to go on with everything, see `Checkpoint`.
        Raises TypeError for what is no Dataset, ValueError for an empty one.
        """
        check_data("Trainer.fit", "train", train)
        if validation is not None:
            check_data("Trainer.fit", "validation", validation)
        return Run(self, train, validation).complete()


def _check_callbacks(callbacks: object) -> None:
    """Raise TypeError unless they are callbacks in a list, which a second run can use again."""
    expected = "a list or tuple of Callbacks"
    if not isinstance(callbacks, list | tuple):
        got, hint = type(callbacks).__name__, "Try callbacks=[...], even for a single one."
        wrong = "callbacks is not a list"
        raise TypeError(_check.message("Trainer", wrong, expected, got, hint))
    for callback in callbacks:
        if not isinstance(callback, Callback):
            wrong, got = "one of the callbacks is none", repr(callback)
            raise TypeError(_check.message("Trainer", wrong, expected, got))
