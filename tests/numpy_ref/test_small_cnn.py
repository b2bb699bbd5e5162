"""Does a small CNN, put together from the layers, do what the same net does in PyTorch?"""

from functools import partial

import numpy as np
import torch

from coursekit.data import digits
from coursekit.numpy_ref import (
    BatchNorm2d,
    Conv2d,
    Dropout,
    Flatten,
    Linear,
    MaxPool2d,
    ReLU,
    Residual,
    Sequential,
    momentum,
    softmax_cross_entropy,
)
from coursekit.training import Trainer


def numpy_net(channels: int = 8) -> Sequential:
    """A convolution, a residual block, pooling and a classifier for 8×8 digits."""
    conv = partial(Conv2d, kernel_size=3, padding=1, rng=np.random.default_rng(0))
    body = Sequential(conv(channels, channels, bias=False), BatchNorm2d(channels), ReLU())
    return Sequential(
        *(conv(1, channels), BatchNorm2d(channels), ReLU(), Residual(body), MaxPool2d(2)),
        *(Flatten(), Dropout(0.0), Linear(channels * 16, 10, rng=np.random.default_rng(1))),
    )


class TorchResidual(torch.nn.Module):
    """body(x) + x."""

    def __init__(self, body: torch.nn.Module):
        super().__init__()
        self.body = body

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.body(x) + x


def torch_net(channels: int = 8) -> torch.nn.Sequential:
    """The same net in PyTorch: the names of its parameters are ours."""
    nn, conv = torch.nn, partial(torch.nn.Conv2d, kernel_size=3, padding=1)
    body = nn.Sequential(conv(channels, channels, bias=False), nn.BatchNorm2d(channels), nn.ReLU())
    return nn.Sequential(
        *(conv(1, channels), nn.BatchNorm2d(channels), nn.ReLU(), TorchResidual(body)),
        *(nn.MaxPool2d(2), nn.Flatten(), nn.Dropout(0.0), nn.Linear(channels * 16, 10)),
    ).double()


def as_torch(name: str, array: np.ndarray) -> torch.Tensor:
    """The parameter as PyTorch lays it out: the weight of the affine layer is transposed."""
    return torch.from_numpy((array.T if name == "7.weight" else array).copy())


def test_small_cnn_takes_the_steps_of_torch_one_by_one():
    net, twin, rng = numpy_net(), torch_net(), np.random.default_rng(0)
    arrays = {**net.params, **net.buffers}
    twin.load_state_dict({n: as_torch(n, w) for n, w in arrays.items()}, strict=False)
    optimizer = torch.optim.SGD(twin.parameters(), lr=0.05, momentum=0.9)
    state: dict[str, dict] = {name: {} for name in net.params}
    data = digits("train", n=60)
    for batch in np.split(np.arange(60), 3):
        x, y = data.x[batch].astype(np.float64), data.y[batch]
        loss, dscores = softmax_cross_entropy(net.forward(x, training=True, rng=rng), y)
        net.backward(dscores)
        params = {}
        for name, w in net.params.items():
            params[name], state[name] = momentum(w, net.grads[name], state[name], lr=0.05)
        optimizer.zero_grad()
        expected = torch.nn.functional.cross_entropy(twin(torch.from_numpy(x)), torch.from_numpy(y))
        expected.backward()
        for name, parameter in twin.named_parameters():
            assert parameter.grad is not None
            grad = as_torch(name, net.grads[name])
            np.testing.assert_allclose(grad, parameter.grad, rtol=1e-9, atol=1e-10)
        optimizer.step()
        net.params = params
        np.testing.assert_allclose(loss, expected.item(), rtol=1e-10)
    for name, buffer in net.buffers.items():
        np.testing.assert_allclose(buffer, twin.get_buffer(name), rtol=1e-10)
    twin.eval()
    x = digits("test", n=20).x.astype(np.float64)
    scores = net.forward(x, training=False, rng=None)
    np.testing.assert_allclose(scores, twin(torch.from_numpy(x)).detach(), rtol=1e-9, atol=1e-10)


def test_small_cnn_learns_to_read_digits():
    history = Trainer(
        numpy_net(), update=partial(momentum, momentum=0.9), lr=0.05, epochs=3, batch_size=50
    ).fit(digits("train"), digits("validation"))
    assert history.column("validation_accuracy")[-1] > 0.95


def test_small_cnn_in_float32_stays_in_float32():
    rng, f = np.random.default_rng(2), np.float32
    net = Sequential(
        *(Conv2d(1, 4, 3, stride=2, padding=1, rng=rng, dtype=f), BatchNorm2d(4, dtype=f)),
        *(ReLU(), MaxPool2d(2), Flatten(), Dropout(0.5), Linear(16, 10, rng=rng, dtype=f)),
    )
    data = digits("train", n=10)
    scores = net.forward(data.x, training=True, rng=rng)
    assert scores.dtype == f
    assert net.backward(softmax_cross_entropy(scores, data.y)[1]).dtype == f
    assert {a.dtype for a in (*net.grads.values(), *net.buffers.values())} == {np.dtype(f)}
