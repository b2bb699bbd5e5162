"""Pruned weights stay pruned while the others train on."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from coursekit.numpy_ref import _check
from coursekit.training.callbacks.base import Callback, Record

if TYPE_CHECKING:
    from coursekit.training.run import Run


class PruningMasks(Callback):
    """Set pruned weights to 0, and again after every step, whatever moved them.

    The update rule still sees gradients of pruned weights and gathers momentum for them; it comes
    to nothing. Give it before callbacks that look at weights after a step.

    masks: name of a parameter -> array of its shape, 0 where a weight is pruned and 1 where it
    stays, from `layer_magnitude_masks` or `global_magnitude_masks`, for instance. Parameters
    without a mask are free.
    Raises TypeError if masks is no dict of arrays, ValueError for other values than 0 and 1; and
    when the run begins, ValueError for names or shapes that the network does not have.

    >>> from coursekit.data import moons
    >>> from coursekit.numpy_ref import Linear, global_magnitude_masks
    >>> from coursekit.training import Trainer
    >>> line = Linear(2, 2, rng=np.random.default_rng(0))
    >>> masks = global_magnitude_masks({"weight": line.params["weight"]}, sparsity=0.5)
    >>> history = Trainer(line, epochs=5, callbacks=[PruningMasks(masks)]).fit(moons("train"))
    >>> np.array_equal(line.params["weight"] != 0, masks["weight"] == 1)
    True

    References: han2015
    """

    def __init__(self, masks: Mapping[str, np.ndarray]) -> None:
        if not isinstance(masks, Mapping):
            wrong, got = "masks is not a dict", type(masks).__name__
            raise TypeError(_check.message("PruningMasks", wrong, "a dict name -> array", got))
        for name, mask in masks.items():
            _check.floats("PruningMasks", **{f"masks['{name}']": mask})
            if not np.isin(mask, (0, 1)).all():
                wrong, got = f"masks['{name}'] has other values", f"up to {mask.max()}"
                raise ValueError(_check.message("PruningMasks", wrong, "0 or 1 everywhere", got))
        self.kept = {name: mask == 1 for name, mask in masks.items()}

    def on_start(self, run: "Run") -> None:
        """Prune."""
        self.model, params = run.model, run.model.params
        for name, kept in self.kept.items():
            if name not in params:
                wrong, expected = "no such parameter", f"one of {', '.join(params)}"
                raise ValueError(_check.message("PruningMasks", wrong, expected, repr(name)))
            _check.shape("PruningMasks", f"masks['{name}']", kept, params[name].shape)
        self._prune()

    def on_step(self, record: Record) -> None:
        """Prune again."""
        self._prune()

    def _prune(self) -> None:
        params = dict(self.model.params)
        pruned = {name: np.where(kept, params[name], 0) for name, kept in self.kept.items()}
        self.model.load(params | pruned)
