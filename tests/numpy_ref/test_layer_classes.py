"""Does every layer, made with as few arguments as possible, do what torch.nn's does?"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from coursekit import numpy_ref
from coursekit.numpy_ref import Layer
from tests.cases import CLASSES

nn = torch.nn
PICTURES, ROWS = (6, 4, 5, 6), (6, 4)

# Positional arguments, and the shape of x; the classes are called alike on both sides.
SAME: dict[str, tuple[tuple, tuple[int, ...]]] = {
    "Sigmoid": ((), ROWS),
    "Tanh": ((), ROWS),
    "ReLU": ((), ROWS),
    "LeakyReLU": ((), ROWS),
    "PReLU": ((), PICTURES),
    "ELU": ((), ROWS),
    "SiLU": ((), ROWS),
    "GELU": ((), ROWS),
    "Linear": ((4, 3), ROWS),
    "Conv2d": ((4, 3, 2), PICTURES),
    "MaxPool2d": ((2,), PICTURES),
    "AvgPool2d": ((2,), PICTURES),
    "BatchNorm1d": ((4,), ROWS),
    "BatchNorm2d": ((4,), PICTURES),
    "LayerNorm": ((4,), ROWS),
    "GroupNorm": ((2, 4), PICTURES),
    "LocalResponseNorm": ((3,), PICTURES),
    "Flatten": ((), PICTURES),
}
OTHER: dict[str, Callable[[], nn.Module]] = {
    "InstanceNorm2d": lambda: nn.InstanceNorm2d(4, affine=True),
    "GlobalAvgPool2d": lambda: nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()),
}
ELSEWHERE = {"Layer", "Container", "Sequential", "Residual", "Dropout", "Maxout"}  # other tests
NO_DTYPE = {name for name, (arguments, _) in SAME.items() if not arguments} - {"PReLU"}
NO_DTYPE |= {"MaxPool2d", "AvgPool2d", "LocalResponseNorm", "GlobalAvgPool2d"}


def made(name: str, dtype: Any = None) -> Layer:
    """Our layer, with no more than the arguments that it must have."""
    arguments, _ = SAME.get(name, ((4,) if name == "InstanceNorm2d" else (), PICTURES))
    options = {} if dtype is None or name in NO_DTYPE else {"dtype": dtype}
    if name in {"Linear", "Conv2d"}:
        options["rng"] = np.random.default_rng(0)
    return getattr(numpy_ref, name)(*arguments, **options)


def torch_made(name: str) -> nn.Module:
    """PyTorch's layer, in float64."""
    return OTHER[name]() if name in OTHER else getattr(nn, name)(*SAME[name][0])


def inputs(name: str, scale: float) -> np.ndarray:
    _, shape = SAME.get(name, ((), PICTURES))
    return scale * np.random.default_rng(1).standard_normal(shape)


def test_every_class_is_compared():
    assert set(CLASSES) == {*SAME, *OTHER, *ELSEWHERE}


@pytest.mark.parametrize("name", [*SAME, *OTHER])
@pytest.mark.parametrize("scale", [1.0, 0.01])  # small values, so that an eps is seen
@pytest.mark.parametrize("drawn", [False, True], ids=["initial", "drawn"])
def test_a_layer_is_its_namesake_of_torch(name, scale, drawn):
    layer, twin, x = made(name), torch_made(name).double(), inputs(name, scale)
    rng = np.random.default_rng(2)
    if drawn:
        layer.load({key: rng.standard_normal(w.shape) for key, w in layer.params.items()})
    if drawn or name in {"Linear", "Conv2d"}:  # whose initial weights are random
        transpose = name == "Linear"
        arrays = {key: w.T if transpose else w for key, w in layer.params.items()}
        weights = {key: torch.from_numpy(w.copy()) for key, w in arrays.items()}
        twin.load_state_dict(weights, strict=False)
    for training in (True, True, False):
        assert_same(layer, twin.train(training), x, training, rng)


def assert_same(layer: Layer, twin: nn.Module, x: np.ndarray, training: bool, rng) -> None:
    """Same out, dx, gradients and buffers."""
    tensor = torch.from_numpy(x.copy()).requires_grad_()
    expected = twin(tensor)
    dout = rng.standard_normal(tuple(expected.shape))
    twin.zero_grad()
    expected.backward(torch.from_numpy(dout))
    out = layer.forward(x, training=training, rng=None)
    np.testing.assert_allclose(out, expected.detach(), rtol=1e-10, atol=1e-12)
    assert tensor.grad is not None
    np.testing.assert_allclose(layer.backward(dout), tensor.grad, rtol=1e-9, atol=1e-11)
    names = dict(twin.named_parameters())
    assert set(layer.grads) == set(names)
    for key, parameter in names.items():
        assert parameter.grad is not None
        grad = parameter.grad.numpy()
        grad = grad.T if type(twin) is nn.Linear else grad
        np.testing.assert_allclose(layer.grads[key], grad, rtol=1e-9, atol=1e-11)
    for key, buffer in layer.buffers.items():
        np.testing.assert_allclose(buffer, twin.get_buffer(key), rtol=1e-10)


@pytest.mark.parametrize("name", [*SAME, *OTHER])
@pytest.mark.parametrize("dtype", [None, np.float64, np.float32])
def test_a_layer_has_the_dtype_asked_for_and_float64_else(name, dtype):
    layer = made(name, dtype)
    arrays = [*layer.params.values(), *layer.buffers.values()]
    assert {array.dtype for array in arrays} <= {np.dtype(dtype or np.float64)}
    x = inputs(name, 1.0).astype(dtype or np.float64)
    out = layer.forward(x, training=True, rng=None)
    assert out.dtype == layer.backward(np.ones_like(out)).dtype == x.dtype
    assert {grad.dtype for grad in layer.grads.values()} <= {x.dtype}
