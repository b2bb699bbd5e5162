"""A training step of a small CNN, in NumPy alone and in PyTorch: the same net, the same numbers."""

from functools import partial

import numpy as np
import torch

from benchmarks._pairs import Pair
from coursekit.numpy_ref import (
    BatchNorm2d,
    Conv2d,
    Flatten,
    Linear,
    MaxPool2d,
    ReLU,
    Sequential,
    momentum,
    softmax_cross_entropy,
)

BATCH, FILTERS = 64, (32, 64)


def numpy_net(rng: np.random.Generator) -> Sequential:
    """Two blocks of convolution, batch norm, ReLU and pooling, and a classifier: 32×32 RGB in."""
    conv = partial(Conv2d, kernel_size=3, padding=1, rng=rng, dtype=np.float32)
    norm = partial(BatchNorm2d, dtype=np.float32)
    first, second = FILTERS
    return Sequential(
        *(conv(3, first), norm(first), ReLU(), MaxPool2d(2)),
        *(conv(first, second), norm(second), ReLU(), MaxPool2d(2)),
        *(Flatten(), Linear(second * 8 * 8, 10, rng=rng, dtype=np.float32)),
    )


def torch_net() -> torch.nn.Sequential:
    """The same in PyTorch."""
    nn, (first, second) = torch.nn, FILTERS
    return nn.Sequential(
        *(nn.Conv2d(3, first, 3, padding=1), nn.BatchNorm2d(first), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(first, second, 3, padding=1), nn.BatchNorm2d(second)),
        *(nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(second * 8 * 8, 10)),
    )


def small_cnn_step() -> Pair:
    """Forward, loss, backward and an update with momentum, on a batch of 64 pictures."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((BATCH, 3, 32, 32)).astype(np.float32)
    y = rng.integers(10, size=BATCH)
    net, twin = numpy_net(rng), torch_net()
    state: dict[str, dict] = {name: {} for name in net.params}
    optimizer = torch.optim.SGD(twin.parameters(), lr=0.01, momentum=0.9)
    pictures, labels = torch.from_numpy(x), torch.from_numpy(y)

    def ours() -> None:
        _, dscores = softmax_cross_entropy(net.forward(x, training=True, rng=rng), y)
        net.backward_params(dscores)
        grads, params = net.grads, {}
        for name, w in net.params.items():
            params[name], state[name] = momentum(w, grads[name], state[name], lr=0.01)
        net.params = params

    def theirs() -> None:
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(twin(pictures), labels).backward()
        optimizer.step()

    return Pair("small CNN, a training step", ours, theirs)
