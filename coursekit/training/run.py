"""One run of a Trainer: the loop, and everything that changes while it goes."""

import contextlib
import dataclasses
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from coursekit.data import Dataset
from coursekit.numpy_ref import _check
from coursekit.training.batches import batches
from coursekit.training.callbacks import Callback, Checkpoint, History, Record, Stop
from coursekit.training.describe import describe
from coursekit.training.evaluate import evaluate
from coursekit.training.model import Arrays, as_model, copies
from coursekit.training.returned import loss_and_gradient, pair
from coursekit.training.update import make_updater

if TYPE_CHECKING:
    from coursekit.training.trainer import Trainer

PLAIN = ("epoch", "step", "order", "position", "losses", "last_lr")  # of a run's state


class Run:
    """A Trainer at work on its data.

    settings: the Trainer; model: the network as a `Model`; epoch: the current one, from 1; step:
    updates so far; total_steps: when the run will be complete; history: what came out so far.
    """

    def __init__(self, settings: "Trainer", train: Dataset, validation: Dataset | None) -> None:
        self.settings, self.train, self.validation = settings, train, validation
        size = settings.train_sample
        self.sample = train if size is None else train.first(min(size, len(train)))
        self.model = as_model(settings.model)
        self.updater = make_updater(self.model, settings.update, lr_scale=settings.lr_scale)
        self.batch_size = settings.batch_size or len(train)
        self.total_steps = settings.steps or settings.epochs * math.ceil(
            len(train) / self.batch_size
        )
        self.rngs = np.random.default_rng(settings.seed).spawn(3)  # shuffling, dropout, augmenting
        self.epoch, self.step = 1, 0
        self.order: np.ndarray | None = None  # of this epoch's examples; None between epochs
        self.position = 0  # how many of them have been used
        self.losses: list[float] = []
        self.last_lr = math.nan
        self.history = History()
        # Checkpoints come last: they save what the others have made of the same step.
        callbacks = sorted(settings.callbacks, key=lambda c: isinstance(c, Checkpoint))
        self.watchers: list[Callback] = [self.history, *callbacks]

    def complete(self) -> History:
        """Train until all is done or a callback raises `Stop`."""
        with contextlib.ExitStack() as ends:
            try:
                for watcher in self.watchers:
                    watcher.on_start(self)
                    ends.callback(watcher.on_end)
                # Overflow is what divergence looks like; the guard says it better than NumPy.
                with np.errstate(over="ignore", invalid="ignore"):
                    while self.order is not None or self.step < self.total_steps:
                        self._finish_epoch()
            except Stop as stop:
                self.history.stopped = str(stop)
        return self.history

    def _finish_epoch(self) -> None:
        if self.order is None:
            self.order = self.rngs[0].permutation(len(self.train))
            self.position, self.losses = 0, []
        for batch in batches(self.order, self.batch_size, start=self.position):
            if self.step >= self.total_steps:
                break
            self._update(self.train.x[batch], self.train.y[batch])
            self.position += len(batch)
            self._tell("on_step", self._record(self.losses[-1]))
        record = self._record(float(np.mean(self.losses))) | self._measured()
        self.order = None
        self.epoch += 1
        self._tell("on_epoch", record)

    def _update(self, x: np.ndarray, y: np.ndarray) -> None:
        """One update of all parameters."""
        settings = self.settings
        lr = self.last_lr = self.lr(self.step)
        if settings.augment:
            x, y = pair("augment", "(x, y)", settings.augment(x, y, rng=self.rngs[2]))
        scores = self.model.forward(x, training=True, rng=self.rngs[1])
        loss, dscores = loss_and_gradient("loss", settings.loss(scores, y), dscores=scores)
        self.model.backward_params(dscores)
        loss, grads = self._penalized(loss) if settings.penalty else (loss, None)
        self.updater.step(grads, lr=lr)
        if settings.constraint:
            self.model.load(self._constrained(settings.constraint))
        self.step += 1
        self.losses.append(loss)

    def lr(self, step: int) -> float:
        """The learning rate of a step, the first being 0."""
        lr = self.settings.lr
        if not callable(lr):
            return lr
        return _check.in_range("Trainer", f"lr at step {step}", lr(step), "[0, inf)")

    def state(self) -> dict[str, Any]:
        """All that changes in a run, as `save_state` takes it."""
        return {
            **{name: getattr(self, name) for name in PLAIN},
            "model": copies(self.model),
            "updater": self.updater.state(),
            "rngs": [rng.bit_generator.state for rng in self.rngs],
            "watchers": [watcher.state() for watcher in self.watchers],
        }

    def load_state(self, state: dict[str, Any]) -> None:
        """Go on from what `state` returned."""
        for name in PLAIN:
            setattr(self, name, state[name])
        self.model.load(**state["model"])
        self.updater.load_state(state["updater"])
        for rng, saved in zip(self.rngs, state["rngs"], strict=True):
            rng.bit_generator.state = saved
        for watcher, saved in zip(self.watchers, state["watchers"], strict=True):
            watcher.load_state(saved)

    def identity(self) -> dict[str, str]:
        """What makes it this run and no other; how long it goes on is not part of it."""
        data = {"train": self.train, "validation": self.validation}
        settings = {
            field.name: describe(getattr(self.settings, field.name))
            for field in dataclasses.fields(self.settings)
            if field.name not in ("model", "epochs", "steps", "callbacks")
        }
        return {
            **{split: data.fingerprint if data else "none" for split, data in data.items()},
            "params": str({name: w.shape for name, w in self.model.params.items()}),
            "callbacks": str([type(watcher).__name__ for watcher in self.watchers]),
            **settings,
        }

    def _penalized(self, loss: float) -> tuple[float, Arrays]:
        """The loss and all gradients, with those of the penalty."""
        settings, grads = self.settings, dict(self.model.grads)
        for name, w in self.model.params.items():
            if settings.penalty and settings.is_weight(name, w):
                extra, dextra = loss_and_gradient("penalty", settings.penalty(w), dw=w)
                loss, grads[name] = loss + extra, grads[name] + dextra
        return loss, grads

    def _constrained(self, constraint: Callable) -> Arrays:
        is_weight = self.settings.is_weight
        params = self.model.params.items()
        return {name: constraint(w) if is_weight(name, w) else w for name, w in params}

    def _record(self, loss: float) -> Record:
        return {"epoch": self.epoch, "step": self.step, "loss": loss, "lr": self.last_lr}

    def _measured(self) -> Record:
        """Loss and accuracy on both sets, in evaluation mode."""
        record = {}
        for split, data in {"train": self.sample, "validation": self.validation}.items():
            if data is not None:
                loss, accuracy = evaluate(self.model, data, loss=self.settings.loss)
                record |= {f"{split}_loss": loss, f"{split}_accuracy": accuracy}
        return record

    def _tell(self, event: str, record: Record) -> None:
        for watcher in self.watchers:
            getattr(watcher, event)(record)
