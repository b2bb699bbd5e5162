"""Checkpoints: a run that was killed goes on as if nothing had happened."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

from coursekit.numpy_ref import _check
from coursekit.training.callbacks.base import Callback, Record
from coursekit.training.state import load_state, save_state

if TYPE_CHECKING:
    from coursekit.training.run import Run


class Checkpoint(Callback):
    """Save the whole run to a file now and then; resume from the file if it is there.

    Run the same program again after a crash, and it continues from the last checkpoint; on the
    same machine every number comes out bit for bit as without the interruption. The file holds
    weights, running averages, optimiser state, the order of the epoch, all random generators,
    the history and what the other callbacks remember. It is written under another name and then
    renamed: killed while it saves, the run has the checkpoint before.

    path: the file, in a folder that exists; every_steps ≥ 1 or every_seconds > 0: how often to
    save; a checkpoint is also made after each epoch. None: only then.
    A run raises ValueError if the file is damaged or is the checkpoint of another run: other
    data, seed, batch size, parameters, update rule, ... More epochs are allowed. Functions are
    known by their names and what `partial` binds: what a lambda does is not compared.

    >>> import tempfile
    >>> from coursekit.data import moons
    >>> from coursekit.numpy_ref import Linear
    >>> from coursekit.training import Trainer
    >>> def train(epochs):
    ...     line = Linear(2, 2, rng=np.random.default_rng(0))
    ...     trainer = Trainer(line, epochs=epochs, callbacks=[Checkpoint(path)])
    ...     return trainer.fit(moons("train"))
    >>> import numpy as np
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = f"{folder}/run.npz"
    ...     len(train(2).records), len(train(5).records)  # the second starts with epoch 3
    (2, 5)
    """

    def __init__(
        self,
        path: str | Path,
        *,
        every_steps: int | None = None,
        every_seconds: float | None = None,
    ) -> None:
        if every_steps is not None:
            _check.count("Checkpoint", "every_steps", every_steps)
        if every_seconds is not None:
            _check.in_range("Checkpoint", "every_seconds", every_seconds, "(0, inf)")
        self.path = Path(path)
        self.every_steps, self.every_seconds = every_steps, every_seconds

    def on_start(self, run: "Run") -> None:
        """Resume if there is something to resume from."""
        self.run, self.saved_at = run, time.monotonic()
        if self.path.is_dir() or not self.path.parent.is_dir():
            raise ValueError(
                "Checkpoint: the path names no file. "
                f"Expected a file in a folder that exists, got {self.path}."
            )
        if self.path.exists():
            state = load_state(self.path)
            self._check_same_run(state.get("identity", {}) if isinstance(state, dict) else {})
            run.load_state(state)

    def on_step(self, record: Record) -> None:
        """Save if it is time."""
        due = self.every_steps is not None and record["step"] % self.every_steps == 0
        if self.every_seconds is not None:
            due = due or time.monotonic() - self.saved_at >= self.every_seconds
        if due:
            self._save()

    def on_epoch(self, record: Record) -> None:
        """Save."""
        self._save()

    def _save(self) -> None:
        save_state(self.path, {"identity": self.run.identity(), **self.run.state()})
        self.saved_at = time.monotonic()

    def _check_same_run(self, saved: dict) -> None:
        now = self.run.identity()
        other = [name for name in now if saved.get(name) != now[name]]
        if other:
            name = other[0]
            raise ValueError(
                f"Checkpoint: {self.path} is of another run. Expected {name} = {now[name]}, "
                f"got {saved.get(name)}. Choose another path, or delete the file to start anew."
            )
