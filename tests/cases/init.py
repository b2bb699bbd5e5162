"""Cases of init.py: chance has no twin, so test_init.py compares statistics with torch.nn.init."""

import numpy as np
from hypothesis import strategies as st

from coursekit.numpy_ref import Layer, Linear, Sequential
from tests.cases.case import Bad, Case, Hand, Seed, f, given_inputs, seeds


class _Net(Sequential):
    """Two layers that are equal to others with the same weights and caches."""

    def __eq__(self, other):
        return all(
            np.array_equal(a, b)
            for one, two in zip(self.layers, other.layers, strict=True)
            for a, b in zip(
                (*one.params.values(), *(one.cache or ())),
                (*two.params.values(), *(two.cache or ())),
                strict=True,
            )
        )

    __hash__ = None  # pyright: ignore


def _net(*weights) -> _Net:
    """Linear layers of these weights, with small biases, after a forward pass."""
    layers = []
    for weight in map(f, weights):
        layers.append(Linear(*weight.shape, rng=np.random.default_rng(0)))
        layers[-1].load({"weight": weight, "bias": np.full(weight.shape[1], 0.5)})
    net = _Net(*layers)
    net.forward(np.ones((1, len(weights[0]))), training=True, rng=None)
    return net


# default_rng(0).standard_normal() starts 0.12573022, -0.13210486, 0.64042265, 0.10490012;
# default_rng(0).random() starts 0.63696169, 0.26978671.
_FIRST = f([[0.12573022, -0.13210486], [0.64042265, 0.10490012]])
_FIRST_UNIFORM = f([[0.27392337, -0.46042657]])  # 2u − 1
_SHAPES = st.one_of(st.tuples(*[st.integers(1, 6)] * 2), st.tuples(*[st.integers(1, 4)] * 4))
_BAD_SHAPE = (
    Bad(TypeError, ": shape is not a tuple. Expected", shape=3),
    Bad(TypeError, "a tuple of sizes, got list", shape=[2, 2]),
    Bad(ValueError, ": shape is empty. Expected one size or more, got ()", shape=()),
    Bad(ValueError, "a size in shape of at least 1, got 0", shape=(2, 0)),
    Bad(TypeError, "a size in shape is not a whole number", shape=(2, 2.0)),
)
_BAD_TYPE = (
    Bad(TypeError, ": dtype is not a float type. Expected", dtype=int),
    Bad(TypeError, "a float type such as np.float32, got 'half a float'", dtype="half a float"),
    Bad(TypeError, "dtype is not a float type", dtype=complex),
    Bad(TypeError, "dtype is not a float type", dtype={"names": ["a"]}),
)
_BAD_RNG = (
    Bad(TypeError, "rng is not a generator", rng=0),
    Bad(TypeError, "rng is not a generator", rng=None),
)
_BAD_WEIGHT = (
    *_BAD_SHAPE,
    Bad(ValueError, "(D, M) or (F, C, KH, KW), got (2,)", shape=(2,)),
    Bad(ValueError, ": shape is not a weight's. Expected", shape=(2, 2, 2)),
)
_BAD_DISTRIBUTION = (
    Bad(ValueError, "'normal' or 'uniform', got 'Normal'", distribution="Normal"),
    Bad(TypeError, "distribution is not a word", distribution=None),
)
_BAD_GAIN = (
    Bad(ValueError, "gain in (0, inf), got 0.0", gain=0.0),
    Bad(ValueError, "gain is out of range", gain=float("nan")),
    Bad(TypeError, "gain is not a number", gain="relu"),
)
_BAD_NET = (
    Bad(TypeError, "a Sequential, got Linear", net=Linear(2, 1, rng=np.random.default_rng(0))),
    Bad(TypeError, ": net is not a Sequential. Expected a", net=Layer),
    Bad(ValueError, "x is empty", x=np.ones((0, 2))),
    Bad(ValueError, "1.weight gives constant output", net=_net(np.eye(2), np.zeros((2, 1)))),
    Bad(ValueError, "0.weight gives constant output", x=np.ones((1, 2)), net=_net(f([[1.0], [1]]))),
)
_distributions = st.sampled_from(["normal", "uniform"])

CASES = [
    Case(
        "fans",
        "function",
        given_inputs(shape=_SHAPES),
        Hand({"shape": (2, 3)}, gives=(2, 3)),
        bad=_BAD_WEIGHT,
        float32=False,
    ),
    Case(
        "fans",
        "function",
        given_inputs(shape=_SHAPES),
        Hand({"shape": (2, 3, 5, 7)}, gives=(105, 70)),
        float32=False,
        label="of_a_convolution",
    ),
    Case(
        "zeros",
        "function",
        given_inputs(shape=_SHAPES),
        Hand({"shape": (2, 1, 1)}, gives=f([[[0.0]], [[0.0]]])),
        bad=_BAD_SHAPE + _BAD_TYPE,
        float32=False,  # here and below: the type is an argument
    ),
    Case(
        "normal",
        "function",
        given_inputs(shape=_SHAPES, std=st.floats(0.0, 2.0), rng=seeds),
        Hand({"shape": (2, 2), "std": 10.0, "rng": Seed(0)}, gives=10 * _FIRST),
        bad=(
            *_BAD_SHAPE,
            *_BAD_TYPE,
            *_BAD_RNG,
            Bad(ValueError, "std in [0, inf), got -1.0", std=-1.0),
            Bad(ValueError, "std is out of range", std=float("nan")),
            Bad(TypeError, "std is not a number", std=None),
        ),
        float32=False,
    ),
    Case(
        "xavier",
        "function",
        given_inputs(
            shape=_SHAPES,
            fan=st.sampled_from(["in", "avg"]),
            rng=seeds,
            distribution=_distributions,
        ),
        Hand(  # a variance of 4 / 2
            {"shape": (2, 2), "fan": "in", "rng": Seed(0), "gain": 2.0},
            gives=np.sqrt(2) * _FIRST,
        ),
        bad=(
            *_BAD_WEIGHT,
            *_BAD_TYPE,
            *_BAD_RNG,
            *_BAD_DISTRIBUTION,
            *_BAD_GAIN,
            Bad(ValueError, "'avg' or 'in', got 'out'", fan="out"),
            Bad(TypeError, "fan is not a word", fan=2),
        ),
        float32=False,
    ),
    Case(
        "xavier",
        "function",
        given_inputs(shape=_SHAPES, rng=seeds),
        Hand(  # a variance of 2 / (1 + 2), on ±√2
            {"shape": (1, 2), "rng": Seed(0), "distribution": "uniform"},
            gives=np.sqrt(2) * _FIRST_UNIFORM,
        ),
        float32=False,
        label="uniform",
    ),
    Case(
        "he",
        "function",
        given_inputs(
            shape=_SHAPES,
            rng=seeds,
            fan=st.sampled_from(["in", "out"]),
            distribution=_distributions,
        ),
        Hand({"shape": (2, 2), "rng": Seed(0)}, gives=_FIRST),
        bad=(
            *_BAD_WEIGHT,
            *_BAD_TYPE,
            *_BAD_RNG,
            *_BAD_DISTRIBUTION,
            Bad(ValueError, "'in' or 'out', got 'avg'", fan="avg"),
            Bad(TypeError, "fan is not a word", fan=None),
            Bad(ValueError, "negative_slope in (-inf, inf), got inf", negative_slope=float("inf")),
            Bad(ValueError, "negative_slope is out of range", negative_slope=float("nan")),
            Bad(TypeError, "negative_slope is not a number", negative_slope="relu"),
        ),
        float32=False,
    ),
    Case(
        "he",
        "function",
        given_inputs(shape=_SHAPES, rng=seeds, negative_slope=st.floats(-1.0, 1.0)),
        Hand(  # a variance of 2 / (5 · 2), on ±√0.6
            {
                "shape": (1, 2),
                "rng": Seed(0),
                "fan": "out",
                "distribution": "uniform",
                "negative_slope": -2.0,
            },
            gives=np.sqrt(0.6) * _FIRST_UNIFORM,
        ),
        float32=False,
        label="uniform",
    ),
    Case(
        "orthogonal",
        "function",
        given_inputs(shape=_SHAPES, rng=seeds, gain=st.floats(0.1, 2.0)),
        Hand(  # a row along the first draws, 0.1257 and -0.1321
            {"shape": (1, 2), "rng": Seed(0), "gain": 3.0},
            gives=3 * _FIRST[:1] / np.linalg.norm(_FIRST[0]),
        ),
        bad=_BAD_WEIGHT + _BAD_TYPE + _BAD_RNG + _BAD_GAIN,
        float32=False,
    ),
    Case(
        "random_walk",
        "function",
        given_inputs(shape=_SHAPES, rng=seeds, nonlinearity=st.sampled_from(["relu", "linear"])),
        Hand(  # N = 2 counts as 6: exp(1.2 / 3.6)
            {"shape": (2, 2), "rng": Seed(0)}, gives=np.exp(1 / 3) * _FIRST
        ),
        bad=(
            *_BAD_WEIGHT,
            *_BAD_TYPE,
            *_BAD_RNG,
            Bad(ValueError, "'relu' or 'linear', got 'tanh'", nonlinearity="tanh"),
            Bad(TypeError, "nonlinearity is not a word", nonlinearity=None),
        ),
        float32=False,
    ),
    Case(
        "random_walk",
        "function",
        given_inputs(shape=_SHAPES, rng=seeds),
        Hand(  # exp(1 / 4) / √2
            {"shape": (2, 2), "rng": Seed(0), "nonlinearity": "linear"},
            gives=np.exp(0.25) / np.sqrt(2) * _FIRST,
        ),
        float32=False,
        label="linear",
    ),
    Case(
        "data_dependent",
        "function",
        given_inputs(
            net=st.just(_net([[1.0, 2.0, 1.0], [0.0, 1.0, -1.0]], np.eye(3)[:, :2])),
            x="N D",
            sizes={"N": (3, 8), "D": (2, 2)},
        ),
        Hand(  # 2x + y is 1, 5 with its bias: mean 3, deviation 2; the second layer is right then
            {"net": _net([[2.0], [1.0]], [[-3.0]]), "x": f([[0.0, 0.5], [1.0, 2.5]])},
            gives=(f([[1.0], [0.5]]), f([-1.25]), f([[-1.0]]), f([0.0])),
        ),
        bad=_BAD_NET,
        empty="x is empty",
        float32=False,
    ),
    Case(
        "lsuv",
        "function",
        given_inputs(
            net=st.just(_net([[1.0, 2.0, 1.0], [0.0, 1.0, -1.0]], np.eye(3)[:, :2])),
            x="N D",
            rng=seeds,
            max_iterations=st.just(100),
            sizes={"N": (3, 8), "D": (2, 2)},
        ),
        Hand(  # orthogonal (1, 1) is 1 or -1, the sign of the draw, and x has the deviation 2
            {"net": _net([[3.0]], [[3.0]]), "x": f([[1.0], [5.0]]), "rng": Seed(0)},
            gives=(f([[0.5]]), f([0.5]), f([[-1.0]]), f([0.5])),
        ),
        bad=(
            *_BAD_RNG,
            Bad(TypeError, "a Sequential, got Linear", net=_net([[1.0]]).layers[0]),
            Bad(ValueError, "x is empty", x=np.ones((0, 1))),
            Bad(ValueError, "0.weight gives constant output", x=np.ones((2, 1))),
            Bad(ValueError, "tolerance in (0, inf), got 0.0", tolerance=0.0),
            Bad(ValueError, "tolerance is out of range", tolerance=float("nan")),
            Bad(TypeError, "tolerance is not a number", tolerance=None),
            Bad(ValueError, "max_iterations of at least 1, got 0", max_iterations=0),
            Bad(TypeError, "max_iterations is not a whole number", max_iterations=2.0),
        ),
        empty="x is empty",
        float32=False,
    ),
]

_CHANCE = "torch.nn.init draws from PyTorch's own generator; test_init.py compares statistics"

# Public names without a twin, and why.
NO_TWIN = {
    "fans": "torch.nn.init has it for itself; test_init.py compares the weights it leads to",
    "zeros": "an array of zeros: torch.zeros",
    "normal": _CHANCE,
    "xavier": _CHANCE,
    "he": _CHANCE,
    "orthogonal": _CHANCE,
    "random_walk": "PyTorch has none",
    "data_dependent": "PyTorch has none, and it works on this package's layers",
    "lsuv": "PyTorch has none, and it works on this package's layers",
}
