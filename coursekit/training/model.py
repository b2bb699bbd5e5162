"""One small interface to every network: NumPy layer nets as they are, PyTorch modules wrapped."""

import sys
from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

Arrays = Mapping[str, np.ndarray]


class Model(Protocol):
    """What training needs of a network: `numpy_ref.Sequential` has all of it.

    `params`, `grads` and `buffers` are arrays by name, the same names in the first two; buffers
    are kept but not learned, such as the running averages of BatchNorm.
    """

    @property
    def params(self) -> Arrays:
        """The parameters."""
        ...

    @property
    def grads(self) -> Arrays:
        """Their gradients, after `backward_params`."""
        ...

    @property
    def buffers(self) -> Arrays:
        """What is kept but not learned."""
        ...

    def forward(
        self, x: np.ndarray, *, training: bool, rng: np.random.Generator | None
    ) -> np.ndarray:
        """Return the scores: (N, K)."""
        ...

    def backward_params(self, dout: np.ndarray) -> None:
        """Fill `grads` from the gradient at the scores."""
        ...

    def load(self, params: Arrays, buffers: Arrays | None = None) -> None:
        """Replace all parameters, and all buffers if given, by copies of these."""
        ...


def as_model(net: Any) -> Model:
    """The network behind the interface of `Model`.

    A `numpy_ref` layer, or anything else with the methods of `Model`, comes back as it is; a
    `torch.nn.Module` is wrapped in a `TorchModel`, which trains that very module.
    Raises TypeError for anything else.

    >>> from coursekit.numpy_ref import Linear
    >>> line = Linear(2, 3, rng=np.random.default_rng(0))
    >>> as_model(line) is line
    True

    PyTorch is imported by whoever made the module, never here:

    >>> import torch
    >>> as_model(torch.nn.Linear(2, 3)).params["weight"].shape
    (3, 2)
    """
    net = wrapped(net)
    needed = ("forward", "backward_params", "params", "grads", "buffers", "load")
    missing = [name for name in needed if not hasattr(net, name)]
    if missing:
        raise TypeError(
            f"as_model: this is no network. Expected a numpy_ref layer or a torch.nn.Module, "
            f"got {type(net).__name__} without {', '.join(missing)}."
        )
    return net


def wrapped(net: Any) -> Any:
    """A `torch.nn.Module` in a `TorchModel`, anything else as it is."""
    torch = sys.modules.get("torch")
    if torch is None or not isinstance(net, torch.nn.Module):
        return net
    from coursekit.training.torch_model import TorchModel

    return TorchModel(net)


def copies(model: Model) -> dict[str, Any]:
    """Copies of all parameters and buffers of a `Model`, as its `load` takes them back.

    >>> from coursekit.numpy_ref import Linear
    >>> line = Linear(2, 3, rng=np.random.default_rng(0))
    >>> line.load(**copies(line))
    """
    return {
        kind: {name: array.copy() for name, array in getattr(model, kind).items()}
        for kind in ("params", "buffers")
    }


def activations(net: Any, x: np.ndarray) -> dict[str, np.ndarray]:
    """What each layer gives for x, in evaluation mode: layer name -> array, first to last.

    net: a `numpy_ref.Sequential` (its layers "0", "1", ...) or a `torch.nn.Module` (all modules
    without children, by their dotted names); x: as the network takes it.
    Raises TypeError for another network.

    >>> from coursekit.numpy_ref import Linear, ReLU, Sequential
    >>> net = Sequential(Linear(2, 3, rng=np.random.default_rng(0)), ReLU())
    >>> {name: out.shape for name, out in activations(net, np.ones((5, 2))).items()}
    {'0': (5, 3), '1': (5, 3)}
    """
    model = as_model(net)
    if hasattr(model, "activations"):
        return model.activations(x)  # pyright: ignore[reportAttributeAccessIssue]
    if not hasattr(model, "layers"):
        raise TypeError(
            f"activations: the network has no layers to look into. "
            f"Expected a Sequential or a torch.nn.Module, got {type(net).__name__}."
        )
    seen = {}
    for position, layer in enumerate(model.layers):  # pyright: ignore[reportAttributeAccessIssue]
        x = seen[str(position)] = layer.forward(x, training=False, rng=None)
    return seen
