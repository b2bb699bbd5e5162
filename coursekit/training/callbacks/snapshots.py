"""Copies of the network at chosen moments of a run."""

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coursekit.numpy_ref import _check
from coursekit.training.callbacks.base import Callback, Record
from coursekit.training.model import copies
from coursekit.training.state import load_state, save_state

if TYPE_CHECKING:
    from coursekit.training.run import Run

Moments = int | Collection[int]


class Snapshots(Callback):
    """Keep copies of the network as it was at some moments, for an ensemble from one training.

    A good moment is the end of a cycle of `cosine_restarts`: `steps=period`.

    epochs or steps: a whole number k ≥ 1 for every k-th, or a list of those wanted, from 1.
    folder: where to keep them too, in files `snapshot_000120.npz` by the number of the step, for
    `load_state`; it is made if it is not there. Without a folder they are in memory and, if there
    is a `Checkpoint`, in its file, which grows by each.
    `snapshots` is the list of them: dicts {"params": ..., "buffers": ...}, as the `load` of a
    network and `Ensemble.from_snapshots` take them; `steps` are their steps.
    Raises ValueError unless just one of epochs and steps is given, and in range.

    >>> import numpy as np
    >>> from coursekit.data import moons
    >>> from coursekit.numpy_ref import Linear
    >>> from coursekit.training import Trainer
    >>> line = Linear(2, 2, rng=np.random.default_rng(0))
    >>> kept = Snapshots(epochs=2)
    >>> history = Trainer(line, epochs=6, callbacks=[kept]).fit(moons("train"))
    >>> kept.steps, kept.snapshots[2]["params"]["bias"] is line.params["bias"]
    ([2, 4, 6], False)

    References: huang2017
    """

    def __init__(
        self,
        *,
        epochs: Moments | None = None,
        steps: Moments | None = None,
        folder: str | Path | None = None,
    ) -> None:
        given = {"epoch": epochs, "step": steps}
        self.unit = "step" if epochs is None else "epoch"
        self.moments = _checked(self.unit, given[self.unit])
        if None not in given.values():
            wrong, expected = "two kinds of moments", "epochs or steps"
            raise ValueError(_check.message("Snapshots", wrong, expected, "both"))
        self.folder = None if folder is None else Path(folder)

    def on_start(self, run: "Run") -> None:
        """Forget the run before."""
        self.model = run.model
        self.snapshots: list[dict[str, Any]] = []
        self.steps: list[int] = []
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)

    def on_step(self, record: Record) -> None:
        """Keep a copy, if steps count."""
        if self.unit == "step":
            self._keep_if_due(record)

    def on_epoch(self, record: Record) -> None:
        """Keep a copy, if epochs count."""
        if self.unit == "epoch":
            self._keep_if_due(record)

    def state(self) -> Any:
        """The steps, and the copies unless files have them."""
        kept = self.snapshots if self.folder is None else None
        return {"steps": list(self.steps), "snapshots": kept and list(kept)}

    def load_state(self, state: Any) -> None:
        """Go on with these."""
        self.steps = state["steps"]
        if self.folder is None:
            self.snapshots = state["snapshots"]
        else:
            self.snapshots = [_read(self._path(step)) for step in self.steps]

    def _keep_if_due(self, record: Record) -> None:
        now, moments = record[self.unit], self.moments
        if now % moments == 0 if isinstance(moments, int) else now in moments:
            self.snapshots.append(copies(self.model))
            self.steps.append(record["step"])
            if self.folder is not None:
                save_state(self._path(record["step"]), self.snapshots[-1])

    def _path(self, step: int) -> Path:
        assert self.folder is not None
        return self.folder / f"snapshot_{step:06}.npz"


def _checked(unit: str, moments: Moments | None) -> Moments:
    """Return them, or raise unless they are whole numbers of at least 1."""
    if isinstance(moments, Collection) and len(moments):
        return {_check.count("Snapshots", f"one of the {unit}s", moment) for moment in moments}
    if moments is None or isinstance(moments, Collection):
        wrong, expected = "no moment is given", "epochs or steps, a number or a list of numbers"
        raise ValueError(_check.message("Snapshots", wrong, expected, moments))
    return _check.count("Snapshots", f"{unit}s", moments)


def _read(path: Path) -> dict[str, Any]:
    if not path.exists():
        wrong, expected = "a snapshot of this run is gone", f"the file {path}"
        hint = "Delete the checkpoint to start anew."
        raise ValueError(_check.message("Snapshots", wrong, expected, "none", hint))
    return load_state(path)
