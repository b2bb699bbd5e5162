"""What the Trainer costs: the same steps by the Trainer and by a loop written by hand.

    python -m benchmarks.trainer

Both sides shuffle, take batches, compute the loss and its gradient, and update; the loop does
nothing else. The goal is less than 3% on top of it. To measure accuracy at the end of an epoch is
something that the loop does not do, so there is a single epoch, and it ends with one example.
"""

from collections.abc import Callable, Iterator
from functools import partial

import click
import numpy as np
import torch
from rich.console import Console
from rich.table import Table

from benchmarks._pairs import Pair, measure, threads
from benchmarks._small_cnn import numpy_net, torch_net
from coursekit.data import Dataset
from coursekit.numpy_ref import Flatten, Linear, ReLU, Sequential, momentum, softmax_cross_entropy
from coursekit.training import Trainer
from coursekit.training.models import small_resnet

BATCH = 64
MANY, FEW = 500, 10  # steps: either way a tenth of a second or more


def noise(steps: int, shape: tuple[int, ...]) -> Dataset:
    """An epoch of so many steps: how fast a step is does not depend on what is learned."""
    rng, n = np.random.default_rng(0), steps * BATCH
    x = rng.random((n, *shape), dtype=np.float32)
    return Dataset(x, rng.integers(10, size=n), tuple("0123456789"), "train")


def two_layer_net(rng: np.random.Generator) -> Sequential:
    """64-100-10, as for the digits: a step takes 0.3 ms."""
    layers = Linear(64, 100, rng=rng, dtype=np.float32), ReLU()
    return Sequential(Flatten(), *layers, Linear(100, 10, rng=rng, dtype=np.float32))


def numpy_pair(name: str, net: Sequential, data: Dataset) -> Pair:
    """A NumPy network: momentum by hand, and by the Trainer."""
    state: dict[str, dict] = {name: {} for name in net.params}
    rng = np.random.default_rng(0)

    def step(x: np.ndarray, y: np.ndarray) -> None:
        _, dscores = softmax_cross_entropy(net.forward(x, training=True, rng=rng), y)
        net.backward_params(dscores)
        params, grads = {}, net.grads
        for key, w in net.params.items():
            params[key], state[key] = momentum(w, grads[key], state[key], lr=1e-3)
        net.load(params)

    def loop() -> None:
        for batch in batches(data, rng):
            step(data.x[batch], data.y[batch])

    return Pair(name, trained(net, data, momentum), loop)


def torch_pair(name: str, net: torch.nn.Module, data: Dataset) -> Pair:
    """A PyTorch module: torch.optim.SGD by hand, and by the Trainer."""
    optimizer = torch.optim.SGD(net.parameters(), lr=1e-3, momentum=0.9)
    rng = np.random.default_rng(0)
    x, y = torch.tensor(data.x), torch.tensor(data.y)

    def loop() -> None:
        net.train()
        for batch in batches(data, rng):
            loss = torch.nn.functional.cross_entropy(net(x[batch]), y[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            loss.item()

    return Pair(name, trained(net, data, partial(torch.optim.SGD, momentum=0.9)), loop)


def trained(net: object, data: Dataset, update: Callable) -> Callable[[], object]:
    """An epoch by the Trainer."""
    trainer = Trainer(net, update=update, lr=1e-3, epochs=1, batch_size=BATCH, train_sample=1)
    return partial(trainer.fit, data)


def batches(data: Dataset, rng: np.random.Generator) -> list[np.ndarray]:
    """The indices of an epoch's batches, in a new order."""
    order = rng.permutation(len(data))
    return [order[place : place + BATCH] for place in range(0, len(data), BATCH)]


def pairs() -> Iterator[tuple[Pair, int]]:
    """What is compared, and how many steps it takes; made only when asked for."""
    rng = np.random.default_rng(0)
    points, pictures = noise(MANY, (1, 8, 8)), noise(FEW, (3, 32, 32))
    yield numpy_pair("two-layer net, NumPy", two_layer_net(rng), points), MANY
    yield numpy_pair("small CNN, NumPy", numpy_net(rng), pictures), FEW
    yield torch_pair("small CNN, PyTorch", torch_net(), pictures), FEW
    yield torch_pair("small_resnet, PyTorch", small_resnet(rng=rng), pictures), FEW


@click.command()
@click.option("--seconds", default=10.0, show_default=True, help="Time for each network.")
def main(seconds: float) -> None:
    """Print one line a network."""
    table = Table("network", "Trainer, steps/s", "loop, steps/s", "overhead")
    for pair, steps in pairs():
        with threads(1):
            timing = measure(pair, seconds=seconds)
        rates = (steps / timing.ours, steps / timing.theirs)
        table.add_row(pair.name, *(f"{rate:.4g}" for rate in rates), f"{timing.ratio - 1:+.1%}")
    Console().print(table)


if __name__ == "__main__":
    main()
