"""What the Trainer costs: the same steps by the Trainer and by a loop written by hand.

    python -m benchmarks.trainer

Both sides shuffle, take batches, compute the loss and its gradient, and update; the loop does
nothing else. The goal is less than 3% on top of it. Of a network so small that a step takes half a
millisecond it is more, and matters less.
"""

from collections.abc import Callable
from functools import partial

import click
import numpy as np
import torch
from rich.console import Console
from rich.table import Table

from benchmarks._pairs import Pair, measure, threads
from benchmarks._small_cnn import numpy_net, torch_net
from coursekit.data import Dataset, digits
from coursekit.numpy_ref import Flatten, Linear, ReLU, Sequential, momentum, softmax_cross_entropy
from coursekit.training import Trainer
from coursekit.training.models import small_resnet

BATCH = 64


def pictures(n: int = 10 * BATCH) -> Dataset:
    """Noise with labels: how fast a step is does not depend on what is learned."""
    rng = np.random.default_rng(0)
    x = rng.random((n, 3, 32, 32), dtype=np.float32)
    return Dataset(x, rng.integers(10, size=n), tuple("0123456789"), "train")


def two_layer_net(rng: np.random.Generator) -> Sequential:
    """64-100-10, for the digits."""
    layers = Linear(64, 100, rng=rng, dtype=np.float32), ReLU()
    return Sequential(Flatten(), *layers, Linear(100, 10, rng=rng, dtype=np.float32))


def numpy_pair(name: str, net: Sequential, data: Dataset, steps: int) -> Pair:
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
        for batch in order(data, steps, rng):
            step(data.x[batch], data.y[batch])

    return Pair(name, trained(net, data, steps, momentum), loop)


def torch_pair(name: str, net: torch.nn.Module, data: Dataset, steps: int) -> Pair:
    """A PyTorch module: torch.optim.SGD by hand, and by the Trainer."""
    optimizer = torch.optim.SGD(net.parameters(), lr=1e-3, momentum=0.9)
    rng = np.random.default_rng(0)
    x, y = torch.tensor(data.x), torch.tensor(data.y)

    def loop() -> None:
        net.train()
        for batch in order(data, steps, rng):
            loss = torch.nn.functional.cross_entropy(net(x[batch]), y[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            loss.item()

    return Pair(name, trained(net, data, steps, partial(torch.optim.SGD, momentum=0.9)), loop)


def trained(net: object, data: Dataset, steps: int, update: Callable) -> Callable[[], object]:
    """So many steps by the Trainer; its measurements are no overhead, so there is next to none."""
    trainer = Trainer(net, update=update, lr=1e-3, steps=steps, batch_size=BATCH, train_sample=1)
    return partial(trainer.fit, data)


def order(data: Dataset, steps: int, rng: np.random.Generator) -> list[np.ndarray]:
    """The indices of so many batches, in a new order each pass."""
    found: list[np.ndarray] = []
    while len(found) < steps:
        places = range(0, len(data), BATCH)
        permutation = rng.permutation(len(data))
        found += [permutation[place : place + BATCH] for place in places]
    return found[:steps]


def pairs() -> dict[str, Callable[[], Pair]]:
    """What is compared, by name; made only when asked for."""
    rng = np.random.default_rng(0)
    return {
        "two-layer net, NumPy": lambda: numpy_pair("", two_layer_net(rng), digits("train"), 100),
        "small CNN, NumPy": lambda: numpy_pair("", numpy_net(rng), pictures(), 10),
        "small CNN, PyTorch": lambda: torch_pair("", torch_net(), pictures(), 10),
        "small_resnet, PyTorch": lambda: torch_pair("", small_resnet(rng=rng), pictures(), 10),
    }


STEPS = {"two-layer net, NumPy": 100}


@click.command()
@click.option("--seconds", default=10.0, show_default=True, help="Time for each network.")
def main(seconds: float) -> None:
    """Print one line a network."""
    table = Table("network", "Trainer, steps/s", "loop, steps/s", "overhead")
    for name, make in pairs().items():
        with threads(1):
            timing = measure(make(), seconds=seconds)
        rates = (STEPS.get(name, 10) / timing.ours, STEPS.get(name, 10) / timing.theirs)
        table.add_row(name, *(f"{rate:.4g}" for rate in rates), f"{timing.ratio - 1:+.1%}")
    Console().print(table)


if __name__ == "__main__":
    main()
