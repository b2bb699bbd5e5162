"""What the layers make of some fixed examples: the signal on its way through the network."""

from typing import TYPE_CHECKING

import numpy as np

from coursekit.numpy_ref import _check
from coursekit.training.callbacks.base import Record
from coursekit.training.callbacks.columns import Columns
from coursekit.training.model import Model, activations

if TYPE_CHECKING:
    from coursekit.training.run import Run

# Slopes of activations, as a share of the steepest, from what the activation gives.
SLOPES = {
    "ReLU": lambda out: (out > 0) * 1.0,
    "Tanh": lambda out: 1 - out**2,
    "Sigmoid": lambda out: 4 * out * (1 - out),
}
FLAT = 0.05


class Probe(Columns):
    """Looks at what each layer gives for x after each epoch, in evaluation mode.

    Override `measured`. x: N ≥ 1 examples, as the network takes them.
    Raises TypeError if x is not floats, ValueError if it is empty.
    """

    def __init__(self, x: np.ndarray) -> None:
        super().__init__()
        _check.floats(type(self).__name__, x=x)
        _check.not_empty(type(self).__name__, "x", x)
        self.x = x

    def on_start(self, run: "Run") -> None:
        """Find the layers; a network that has none to look into is refused before training."""
        self.columns = {}
        self.model, self.kinds = run.model, kinds(run.model)
        activations(self.model, self.x[:1])

    def activations(self) -> dict[str, np.ndarray]:
        """What each layer gives for x: layer name -> array, first to last."""
        return activations(self.model, self.x)


class ActivationStats(Probe):
    """The spread of what each layer gives for x: does the signal fade, or saturate?

    Columns, for each layer: `activation_mean/LAYER`, `activation_std/LAYER`, and where there is a
    ReLU, tanh or sigmoid `saturated/LAYER`: the share of values at which the slope is less than
    5% of the steepest: what ReLU makes 0, |tanh| > 0.975, a sigmoid below 0.013 or above 0.987.
    Next to nothing comes back through these.

    x: N ≥ 1 examples, as the network takes them; a hundred will do.
    Raises TypeError if x is not floats, ValueError if it is empty.

    >>> from coursekit.data import digits
    >>> from coursekit.numpy_ref import Linear, ReLU, Sequential, Tanh
    >>> from coursekit.training import Trainer
    >>> rng = np.random.default_rng(0)
    >>> wide = Linear(20, 10, rng=rng, std=2.0)  # far too large
    >>> net = Sequential(Linear(64, 20, rng=rng), ReLU(), wide, Tanh(), Linear(10, 10, rng=rng))
    >>> stats = ActivationStats(digits("validation").x[:100])
    >>> history = Trainer(net, epochs=1, callbacks=[stats]).fit(digits("train"))
    >>> print(stats.table())
       activation_mean  activation_std  saturated
    0          -0.0959           0.765
    1             0.27           0.436      0.587
    2            0.291            5.14
    3           0.0381           0.952      0.768
    4           -0.416            1.25

    References: glorot2010, lecun2012
    """

    def measured(self) -> Record:
        """Means, deviations and saturation, now."""
        columns = {}
        for layer, out in self.activations().items():
            columns[f"activation_mean/{layer}"] = float(out.mean())
            columns[f"activation_std/{layer}"] = float(out.std())
            if slope := SLOPES.get(self.kinds.get(layer, "")):
                columns[f"saturated/{layer}"] = float(np.mean(slope(out) < FLAT))
        return columns


class DeadUnits(Probe):
    """Counts the units that ReLU makes 0 for every example of x: nothing wakes them again.

    A unit that gives 0 for the whole training set has no gradient and never changes. A large step
    can do that to it, above all with a large learning rate. Columns: `dead_units/LAYER`, for each
    ReLU, and `dead_units`, all together. Of a convolution, a unit is a channel; of a ReLU module
    that is used twice, the last use counts.

    x: N ≥ 1 examples, as the network takes them; what is dead for few need not be for all.
    Raises TypeError if x is not floats, ValueError if it is empty; and when the run begins,
    ValueError if the network has no ReLU among its layers.

    >>> from coursekit.data import digits
    >>> from coursekit.numpy_ref import Linear, ReLU, Sequential
    >>> from coursekit.training import Trainer
    >>> rng = np.random.default_rng(0)
    >>> net = Sequential(Linear(64, 50, rng=rng), ReLU(), Linear(50, 10, rng=rng))
    >>> net.layers[0].params["bias"][:] = [-99] * 7 + [1] * 43
    >>> dead = DeadUnits(digits("train").x)
    >>> Trainer(net, epochs=2, callbacks=[dead]).fit(digits("train")).column("dead_units")
    array([7, 7])

    References: maas2013
    """

    def on_start(self, run: "Run") -> None:
        """Find the ReLUs."""
        super().on_start(run)
        if "ReLU" not in self.kinds.values():
            wrong, expected = "the network has no ReLU", "a layer ReLU, of numpy_ref or torch.nn"
            got = sorted(set(self.kinds.values()))
            hint = "A ReLU that is called as a function is not seen."
            raise ValueError(_check.message("DeadUnits", wrong, expected, got, hint))

    def measured(self) -> Record:
        """The numbers of dead units, now."""
        counts = {
            f"dead_units/{layer}": _dead(out)
            for layer, out in self.activations().items()
            if self.kinds.get(layer) == "ReLU"
        }
        return {"dead_units": sum(counts.values()), **counts}


def kinds(model: Model) -> dict[str, str]:
    """The class of each layer, by the names of `activations`.

    >>> from coursekit.numpy_ref import Flatten, ReLU, Sequential
    >>> kinds(Sequential(Flatten(), ReLU()))
    {'0': 'Flatten', '1': 'ReLU'}
    """
    module = getattr(model, "module", None)
    layers = enumerate(getattr(model, "layers", ())) if module is None else module.named_modules()
    return {str(name): type(layer).__name__ for name, layer in layers}


def _dead(out: np.ndarray) -> int:
    """How many units, on axis 1, are 0 for all examples and at all places."""
    others = tuple(axis for axis in range(out.ndim) if axis != 1)
    return int(np.sum(~out.any(axis=others)))
