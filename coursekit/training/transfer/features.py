"""What a trained network sees in pictures, for somebody else to use."""

import sys
from collections.abc import Iterable
from typing import Any, overload

import numpy as np

from coursekit.data import Dataset
from coursekit.numpy_ref import Layer, Linear, Sequential, _check
from coursekit.training.evaluate import predict


@overload
def features(net: Any, x: np.ndarray, *, layer: str | None = None) -> np.ndarray: ...
@overload
def features(net: Any, x: Dataset, *, layer: str | None = None) -> Dataset: ...
def features(net: Any, x: np.ndarray | Dataset, *, layer: str | None = None) -> Any:
    """The features of pictures: what the last linear layer of a frozen network is given.

    All layers before it have learned to turn pictures into numbers that a straight cut can
    separate: a description that is often good for classes that the network has never seen.

    The network is in evaluation mode, nothing is learned, and x goes through in small batches.

    net: a `numpy_ref.Sequential` or a `torch.nn.Module`; x: N ≥ 1 examples as the network takes
    them, or a Dataset; layer: name of another layer, to take its output instead, a row for each
    example (of a module: any name of `named_modules()`; of a Sequential: "0", "1", ..., and
    "1.0" for the first layer of a Sequential in it).
    Returns (N, D), or the Dataset with these for x: (N, D), float32.
    Raises TypeError for another network, an x that is not floats or a layer that does not give
    one tensor, ValueError if there is no such layer, or it is not used exactly once in a forward
    pass.

    >>> from coursekit.numpy_ref import ReLU
    >>> rng = np.random.default_rng(0)
    >>> net = Sequential(Linear(2, 5, rng=rng), ReLU(), Linear(5, 3, rng=rng))
    >>> features(net, np.ones((4, 2))).shape, features(net, np.ones((4, 2)), layer="2").shape
    ((4, 5), (4, 3))

    References: donahue2014, razavian2014
    """
    if isinstance(x, Dataset):
        return x.with_x(features(net, x.x, layer=layer).astype(np.float32, copy=False))
    _check.floats("features", x=x)
    _check.not_empty("features", "x", x)
    known = _layers("features", net)
    name = last_linear("features", net) if layer is None else layer
    if name not in known:
        expected = f"one of {listed(known)}"
        raise ValueError(_check.message("features", "no such layer", expected, repr(name)))
    take = _of_module if is_module(net) else _of_sequential
    return take(net, x, name, before=layer is None).reshape(len(x), -1)


def is_module(net: Any) -> bool:
    """Whether a network is PyTorch's; PyTorch is imported by whoever made it, never here.

    >>> is_module(Sequential())
    False
    """
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(net, torch.nn.Module)


def last_linear(op: str, net: Any) -> str:
    """The name of the last linear layer: the head of a classifier.

    Raises TypeError unless net is a `numpy_ref.Sequential` or a `torch.nn.Module`, ValueError if
    it has no linear layer.

    >>> last_linear("features", Sequential(Linear(2, 5, rng=np.random.default_rng(0))))
    '0'
    """
    layers = _layers(op, net)
    kind = sys.modules["torch"].nn.Linear if is_module(net) else Linear
    names = [name for name, layer in layers.items() if isinstance(layer, kind)]
    if not names:
        got = f"{type(net).__name__} of {listed(layers) or 'nothing'}"
        raise ValueError(_check.message(op, "there is no head", "a Linear layer", got))
    return names[-1]


def listed(names: Iterable[str]) -> str:
    """The first names, for an error: a ResNet has hundreds.

    >>> listed(map(str, range(12)))
    '0, 1, 2, 3, 4, 5, 6, 7, 8, 9, ...'
    """
    own = [name for name in names if name]  # PyTorch calls the network itself ""
    return ", ".join(own[:10] + ["..."] * (len(own) > 10))


def _layers(op: str, net: Any) -> dict[str, Any]:
    """All parts of a module, or of a Sequential and those in it, by name."""
    if is_module(net):
        return dict(net.named_modules())
    if isinstance(net, Sequential):
        found: dict[str, Any] = {}
        for name, layer in net.children.items():
            inner = _layers(op, layer) if isinstance(layer, Sequential) else {}
            found |= {name: layer, **{f"{name}.{own}": part for own, part in inner.items()}}
        return found
    expected, got = "a numpy_ref.Sequential or a torch.nn.Module", type(net).__name__
    raise TypeError(_check.message(op, "this network is of another kind", expected, got))


def _of_module(net: Any, x: np.ndarray, name: str, *, before: bool) -> np.ndarray:
    """Listen before or behind a layer while x passes through."""
    heard: list[np.ndarray] = []

    def listen(module: Any, inputs: tuple, out: Any = None) -> None:
        taken = inputs[0] if before else out
        if not hasattr(taken, "detach"):
            wrong, got = f"layer {name} gives no tensor", type(taken).__name__
            raise TypeError(_check.message("features", wrong, "one tensor", got, "Try another."))
        heard.append(taken.detach().cpu().numpy().copy())

    layer = net.get_submodule(name)
    hook = (layer.register_forward_pre_hook if before else layer.register_forward_hook)(listen)
    try:
        predict(net, x)
    finally:
        hook.remove()
    count = sum(map(len, heard))
    if count != len(x):
        got = f"{count} for {len(x)} examples"
        wrong, expected = "the layer is not used once", "one output for each example"
        raise ValueError(_check.message("features", wrong, expected, got))
    return np.concatenate(heard)


def _of_sequential(net: Sequential, x: np.ndarray, name: str, *, before: bool) -> np.ndarray:
    """Pass x through a shorter network: the same layers, up to this one."""
    return predict(Sequential(*_up_to(net, name, before=before)), x)


def _up_to(net: Sequential, name: str, *, before: bool) -> list[Layer]:
    position, _, inner = name.partition(".")
    earlier, layer = net.layers[: int(position)], net.layers[int(position)]
    if inner and isinstance(layer, Sequential):
        return [*earlier, *_up_to(layer, inner, before=before)]
    return [*earlier] if before else [*earlier, layer]
