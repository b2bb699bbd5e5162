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


NARROW = {"layers": 10, "units": 500, "inputs": 1000}
WIDE = {"layers": 6, "units": 4096, "inputs": 16}
NETS = {
    "tanh, 10 × 500, std 0.01": {"activation": "tanh", "weights": 0.01, **NARROW},
    "tanh, 10 × 500, Xavier": {"activation": "tanh", "weights": "Xavier", **NARROW},
    "ReLU, 10 × 500, Xavier": {"activation": "ReLU", "weights": "Xavier", **NARROW},
    "ReLU, 10 × 500, He": {"activation": "ReLU", "weights": "He", **NARROW},
    "ReLU, 6 × 4096, std 0.01": {"activation": "ReLU", "weights": 0.01, **WIDE},
    "ReLU, 6 × 4096, std 0.05": {"activation": "ReLU", "weights": 0.05, **WIDE},
    "ReLU, 6 × 4096, √(2/D)": {"activation": "ReLU", "weights": "He", **WIDE},
}

EXPERIMENT = Experiment(
    "signal_sizes",
    {
        f"{name}, seed {seed}": partial(stds, **net, seed=seed)
        for name, net in NETS.items()
        for seed in range(10)
    },
)

if __name__ == "__main__":
    EXPERIMENT.main()
