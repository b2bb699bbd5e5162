"""How large is a signal after each layer, for the initial weights that the decks try?

1000 inputs of mean 0 and deviation 1 go through ten layers of 500 units; or 16 of them, as one
picture of the decks has it, through six layers of 4096. No biases, no training.
"""

from functools import partial

import numpy as np

from coursekit.numpy_ref import he, normal, relu_forward, tanh_forward, xavier
from experiments._run import Experiment

ACTIVATIONS = {"tanh": tanh_forward, "ReLU": relu_forward}


def stds(
    *, activation: str, weights: str | float, layers: int, units: int, inputs: int, seed: int
) -> list[float]:
    """The standard deviation of all activations of each layer; weights: a rule, or a deviation."""
    rng = np.random.default_rng(seed)
    rules = {"Xavier": xavier, "He": he}
    draw = rules[weights] if isinstance(weights, str) else partial(normal, std=weights)
    x = rng.standard_normal((inputs, units))
    sizes = []
    for _ in range(layers):
        x, _ = ACTIVATIONS[activation](x @ draw((units, units), rng=rng))
        sizes.append(float(x.std()))
    return sizes


NETS = {
    "tanh, std 0.01": {"activation": "tanh", "weights": 0.01},
    "tanh, Xavier": {"activation": "tanh", "weights": "Xavier"},
    "ReLU, Xavier": {"activation": "ReLU", "weights": "Xavier"},
    "ReLU, He": {"activation": "ReLU", "weights": "He"},
}
WIDE_NETS = {
    "ReLU 4096, std 0.01": {"activation": "ReLU", "weights": 0.01},
    "ReLU 4096, std 0.05": {"activation": "ReLU", "weights": 0.05},
    "ReLU 4096, He": {"activation": "ReLU", "weights": "He"},
}
SIZES = {"layers": 10, "units": 500, "inputs": 1000}
WIDE_SIZES = {"layers": 6, "units": 4096, "inputs": 16}

EXPERIMENT = Experiment(
    "signal_sizes",
    {
        f"{name}, seed {seed}": partial(stds, **net, **sizes, seed=seed)
        for nets, sizes in ((NETS, SIZES), (WIDE_NETS, WIDE_SIZES))
        for name, net in nets.items()
        for seed in range(10)
    },
)

if __name__ == "__main__":
    EXPERIMENT.main()
