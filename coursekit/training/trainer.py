"""The training loop: shuffle, forward, backward, update; again and again."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from coursekit.data import Dataset
from coursekit.numpy_ref import sgd, softmax_cross_entropy
from coursekit.training.callbacks import Callback, DivergenceGuard, History, Stop
from coursekit.training.evaluate import Predictor, evaluate

Penalty = Callable[[np.ndarray], tuple[float, np.ndarray]]


class Model(Predictor, Protocol):
    """What the Trainer needs of a model: `numpy_ref.Sequential` is one.

    After `forward` and `backward`, `grads` has the names and shapes of `params`. The Trainer
    assigns new values to `params`, all of them at once.
    """

    params: Any
    grads: Any

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """Fill `grads` from the gradient at the scores."""
        ...


@dataclass
class Trainer:
    """Train a model on the softmax cross-entropy, and write down how it goes.

        loss = cross-entropy(batch) + Σ penalty(w) over the weights w
        w ← constraint(update(w, ∂loss/∂w, lr))

    model: a `numpy_ref.Sequential`, or anything else that fits `Model`; it is trained in place.
    update: a rule (w, dw, state, *, lr) -> (w, state), such as `sgd`; bind its other arguments
    with `functools.partial`. lr: a number, or a schedule step -> lr with steps from 0.
    epochs ≥ 1 passes over the data; batch_size ≥ 1 examples an update, None for all of them.
    penalty: w -> (loss, dw), and constraint: w -> w, for instance
    `partial(l2_penalty, weight_decay=1e-4)` and `partial(max_norm, c=9.0)`. Both see weights
    only, parameters with two axes or more: biases are neither decayed nor clipped.
    seed: for shuffling and dropout; same seed, same run. callbacks: see `Callback`; without any
    of your own a `DivergenceGuard` watches.

    Raises ValueError or TypeError for settings that make no sense.

    >>> from coursekit.data import moons
    >>> from coursekit.numpy_ref import Linear
    >>> line = Linear(2, 2, rng=np.random.default_rng(0))
    >>> history = Trainer(line, lr=0.5, epochs=20).fit(moons("train"), moons("validation"))
    >>> history.column("step")[-1], history.stopped
    (np.int64(20), None)

    References: goodfellow2016
    """

    model: Model
    update: Callable[..., tuple[np.ndarray, Any]] = sgd
    lr: float | Callable[[int], float] = 0.1
    epochs: int = 10
    batch_size: int | None = None
    penalty: Penalty | None = None
    constraint: Callable[[np.ndarray], np.ndarray] | None = None
    seed: int = 0
    callbacks: Sequence[Callback] = field(default_factory=lambda: (DivergenceGuard(),))

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size"):
            value = getattr(self, name)
            if value is not None and not (isinstance(value, int) and value >= 1):
                raise ValueError(
                    f"Trainer: {name} is not a whole number of at least 1. "
                    f"Expected {name} >= 1, got {value!r}."
                )
        if not callable(self.lr) and not self.lr > 0:
            raise ValueError(f"Trainer: lr is out of range. Expected lr > 0, got {self.lr}.")

    def fit(self, train: Dataset, validation: Dataset) -> History:
        """Run all epochs, or until a callback raises `Stop`; return the history.

        A second call goes on from the weights of the first, with fresh optimiser state.
        Raises ValueError for an empty data set.
        """
        for data in (train, validation):
            if not len(data):
                raise ValueError("Trainer.fit: a data set is empty. Expected N >= 1, got N = 0.")
        history = History()
        watchers = [history, *self.callbacks]
        steps = math.ceil(len(train) / (self.batch_size or len(train)))
        self._tell(watchers, "on_start", self.epochs * steps)
        try:
            # Overflow is what divergence looks like; the guard says it better than NumPy.
            with np.errstate(over="ignore", invalid="ignore"):
                self._run(train, validation, watchers)
        except Stop as stop:
            history.stopped = str(stop)
        finally:
            self._tell(watchers, "on_end")
        return history

    def _run(self, train: Dataset, validation: Dataset, watchers: list[Callback]) -> None:
        shuffle, noise = np.random.default_rng(self.seed).spawn(2)
        state: dict[str, Any] = {name: {} for name in self.model.params}
        step = 0
        for epoch in range(1, self.epochs + 1):
            losses, record = [], {}
            for batch in batches(len(train), self.batch_size, rng=shuffle):
                lr = self.lr(step) if callable(self.lr) else self.lr
                losses.append(self._step(train.x[batch], train.y[batch], lr, state, noise))
                step += 1
                record = {"epoch": epoch, "step": step, "loss": losses[-1], "lr": lr}
                self._tell(watchers, "on_step", record)
            record = {**record, "loss": float(np.mean(losses))}
            record["train_loss"], record["train_accuracy"] = evaluate(self.model, train)
            record["validation_loss"], record["validation_accuracy"] = evaluate(
                self.model, validation
            )
            self._tell(watchers, "on_epoch", record)

    def _step(
        self, x: np.ndarray, y: np.ndarray, lr: float, state: dict, rng: np.random.Generator
    ) -> float:
        """One update of all parameters; return the loss before it."""
        scores = self.model.forward(x, training=True, rng=rng)
        loss, dscores = softmax_cross_entropy(scores, y)
        self.model.backward(dscores)
        new = {}
        for name, w in self.model.params.items():
            dw, is_weight = self.model.grads[name], w.ndim >= 2
            if is_weight and self.penalty:
                extra, dextra = self.penalty(w)
                loss, dw = loss + extra, dw + dextra
            w, state[name] = self.update(w, dw, state[name], lr=lr)
            new[name] = self.constraint(w) if is_weight and self.constraint else w
        self.model.params = new
        return loss

    @staticmethod
    def _tell(watchers: list[Callback], event: str, *what: Any) -> None:
        for watcher in watchers:
            getattr(watcher, event)(*what)


def batches(n: int, batch_size: int | None, *, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """One pass over n examples in a new random order, `batch_size` indices at a time.

    The last batch may be smaller; None gives one batch of all.

    >>> [len(batch) for batch in batches(5, 2, rng=np.random.default_rng(0))]
    [2, 2, 1]
    """
    order, size = rng.permutation(n), batch_size or n
    return (order[start : start + size] for start in range(0, n, size))
