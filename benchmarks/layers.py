"""Every op of `numpy_ref`, forward and backward, against PyTorch eager on the CPU.

    python -m benchmarks.layers [--seconds 1] [--threads 2] [NAME ...]

Both sides work on the same arrays in float32, by turns in one process: ours is the op, theirs its
twin with autograd, or PyTorch's own optimiser. Below 1 we are faster. "of peak" is the share of
what a matrix product reaches here and now. convolution.py has the convolutions, one by one.
"""

from collections.abc import Callable, Iterator
from typing import Any

import click
import numpy as np
import torch
from rich.console import Console
from rich.table import Table

from benchmarks._pairs import Pair, gemm_peak, measure, threads
from benchmarks._small_cnn import small_cnn_step
from coursekit import numpy_ref, torch_ref

PICTURES = (64, 32, 32, 32)
ROWS = (1024, 1024)

# op: the shapes of its arrays (of floats; a number is a count of classes), and its other arguments.
LAYERS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "affine": ({"x": (256, 1024), "w": (1024, 1024), "b": (1024,)}, {}),
    "sigmoid": ({"x": ROWS}, {}),
    "tanh": ({"x": ROWS}, {}),
    "relu": ({"x": ROWS}, {}),
    "leaky_relu": ({"x": ROWS}, {}),
    "prelu": ({"x": PICTURES, "alpha": (32,)}, {}),
    "elu": ({"x": ROWS}, {}),
    "maxout": ({"x": (256, 512), "w": (2, 512, 512), "b": (2, 512)}, {}),
    "silu": ({"x": ROWS}, {}),
    "gelu": ({"x": ROWS}, {}),
    "gelu (tanh)": ({"x": ROWS}, {"approximate": "tanh"}),
    "max_pool": ({"x": PICTURES}, {"size": 2}),
    "max_pool (overlapping)": ({"x": PICTURES}, {"size": 3, "stride": 2}),
    "avg_pool": ({"x": PICTURES}, {"size": 2}),
    "global_avg_pool": ({"x": PICTURES}, {}),
    "batchnorm": (
        {"x": PICTURES, "gamma": (32,), "beta": (32,), "running_mean": (32,), "running_var": (32,)},
        {"training": True},
    ),
    "layernorm": ({"x": (256, 1024), "gamma": (1024,), "beta": (1024,)}, {}),
    "groupnorm": ({"x": PICTURES, "gamma": (32,), "beta": (32,)}, {"groups": 8}),
    "instancenorm": ({"x": PICTURES, "gamma": (32,), "beta": (32,)}, {}),
    "local_response_norm": (
        {"x": (16, 96, 27, 27)},
        {"n": 5, "k": 2.0, "alpha": 1e-4, "beta": 0.75},
    ),
    "dropout": ({"x": ROWS}, {"p": 0.5, "training": True}),
    "vanilla_dropout": ({"x": ROWS}, {"p": 0.5, "training": True}),
}
# Pictures to pictures, without a backward pass; `rng` stands for a generator.
FUNCTIONS: dict[str, dict[str, Any]] = {
    "horizontal_flip": {"rng": None},
    "resize": {"size": 48},
    "center_crop": {"size": 24},
    "random_crop": {"size": 24, "rng": None},
    "pad_and_crop": {"pad": 4, "rng": None},
    "random_resized_crop": {"size": 24, "short_side": (28, 40), "rng": None},
    "ten_crop": {"size": 24},
    "brightness": {"factor": 1.2},
    "contrast": {"factor": 1.2},
    "saturation": {"factor": 1.2},
    "hue": {"shift": 0.1},
    "jitter": {"brightness": 0.2, "contrast": 0.2, "saturation": 0.2, "hue": 0.1, "rng": None},
    "rotate": {"degrees": 15},
    "shear": {"degrees": 15},
    "stretch": {"horizontal": 1.2},
    "cutout": {"size": 8, "rng": None},
    "channel_mean_std": {},
    "mean_image": {},
}
LOSSES: dict[str, tuple[int, int]] = {
    "softmax_cross_entropy": (256, 10),
    "multiclass_svm": (256, 10),
}
RULES: dict[str, tuple[Callable[..., torch.optim.Optimizer], dict[str, Any]]] = {
    "sgd": (torch.optim.SGD, {}),
    "momentum": (torch.optim.SGD, {"momentum": 0.9}),
    "nesterov": (torch.optim.SGD, {"momentum": 0.9, "nesterov": True}),
    "adagrad": (torch.optim.Adagrad, {}),
    "rmsprop": (torch.optim.RMSprop, {"alpha": 0.9}),
    "adam": (torch.optim.Adam, {}),
    "adamw": (torch.optim.AdamW, {"weight_decay": 0.0}),
}
GOALS = {  # the most that is allowed, with one thread
    "affine": 1.1,
    "softmax_cross_entropy": 0.6,
    "max_pool": 1.4,
    "batchnorm": 1.3,
    "local_response_norm": 0.3,
    "adam": 1.2,
    "small CNN, a training step": 1.6,
}


def layer_pair(name: str) -> Pair:
    """A layer's forward and backward pass."""
    shapes, options = LAYERS[name]
    op = name.split(" ")[0]
    rng = np.random.default_rng(0)
    arrays = {k: rng.standard_normal(shape).astype(np.float32) for k, shape in shapes.items()}
    if "running_var" in arrays:
        arrays["running_var"] = np.abs(arrays["running_var"])
    forward = getattr(numpy_ref, f"{op}_forward")
    backward = getattr(numpy_ref, f"{op}_backward")
    twin = getattr(torch_ref, f"{op}_forward")
    random = {"rng": np.random.default_rng(1)} if "dropout" in op else {}
    out = np.asarray(forward(**arrays, **options, **random)[0])
    dout = rng.standard_normal(out.shape).astype(np.float32)
    tensors = {name: torch.from_numpy(array.copy()) for name, array in arrays.items()}
    wanted = [t.requires_grad_() for k, t in tensors.items() if not k.startswith("running")]
    upstream = torch.from_numpy(dout)

    def ours() -> object:
        _, cache, *_ = forward(**arrays, **options, **random)
        return backward(dout, cache)

    def theirs() -> object:
        result = twin(**tensors, **options, **random)
        return torch.autograd.grad(
            result[0] if isinstance(result, tuple) else result, wanted, upstream
        )

    flop = 6 * arrays["x"].size * out.shape[1] if op == "affine" else 0
    return Pair(name, ours, theirs, flop)


def loss_pair(name: str) -> Pair:
    """A loss and its gradient."""
    n, k = LOSSES[name]
    rng = np.random.default_rng(0)
    scores, y = rng.standard_normal((n, k)).astype(np.float32), rng.integers(k, size=n)
    tensor, labels = torch.from_numpy(scores.copy()).requires_grad_(), torch.from_numpy(y)
    loss, twin = getattr(numpy_ref, name), getattr(torch_ref, name)
    return Pair(
        name, lambda: loss(scores, y), lambda: torch.autograd.grad(twin(tensor, labels), tensor)
    )


def function_pair(name: str) -> Pair:
    """A change of 128 pictures of 32×32 pixels, or a statistic of them."""
    x = np.random.default_rng(0).random((128, 3, 32, 32), np.float32)
    function, twin, tensor = getattr(numpy_ref, name), getattr(torch_ref, name), torch.from_numpy(x)

    def options() -> dict[str, Any]:
        fresh = {"rng": np.random.default_rng(0)} if "rng" in FUNCTIONS[name] else {}
        return {**FUNCTIONS[name], **fresh}

    return Pair(name, lambda: function(x, **options()), lambda: twin(tensor, **options()))


def rule_pair(name: str, size: int = 1_000_000) -> Pair:
    """A step of an update rule with a million weights."""
    optimizer, options = RULES[name]
    rng = np.random.default_rng(0)
    w, dw = rng.standard_normal((2, size)).astype(np.float32)
    parameter = torch.nn.Parameter(torch.from_numpy(w.copy()))
    parameter.grad = torch.from_numpy(dw.copy())
    theirs = optimizer([parameter], lr=1e-3, **options)
    rule = getattr(numpy_ref, name)
    now: list[Any] = [w, {}]

    def ours() -> None:
        now[:] = rule(now[0], dw, now[1], lr=1e-3)

    return Pair(f"{name}", ours, theirs.step)


def pairs() -> dict[str, Callable[[], Pair]]:
    """How to make each pair, by its name."""
    return {
        **{name: lambda name=name: layer_pair(name) for name in LAYERS},
        **{name: lambda name=name: loss_pair(name) for name in LOSSES},
        **{name: lambda name=name: rule_pair(name) for name in RULES},
        **{name: lambda name=name: function_pair(name) for name in FUNCTIONS},
        "small CNN, a training step": small_cnn_step,
    }


def rows(names: tuple[str, ...], seconds: float) -> Iterator[list[str]]:
    """A line of the table for each pair, as soon as it is measured."""
    for name, make in pairs().items():
        if names and name not in names:
            continue
        pair = make()
        timing, peak = measure(pair, seconds=seconds), gemm_peak(np.float32)
        rate = pair.flop / timing.ours / 1e9
        speed = [f"{rate:.0f}", f"{100 * rate / peak:.0f} %"] if pair.flop else ["", ""]
        goal = f"{GOALS[name]:g}" if name in GOALS else ""
        yield [name, f"{1e3 * timing.ours:.2f}", f"{timing.ratio:.2f}", goal, *speed]


@click.command()
@click.argument("names", nargs=-1)
@click.option("--seconds", default=1.0, help="How long to measure each op.")
@click.option("--threads", "count", default=1, help="Threads of NumPy's BLAS and of PyTorch.")
def main(names: tuple[str, ...], seconds: float, count: int) -> None:
    """Print our time, its ratio to PyTorch's, and the rate of ops that multiply matrices."""
    for name in set(names) - set(pairs()):
        raise click.BadParameter(
            f"There is no pair '{name}'. Expected one of {', '.join(pairs())}."
        )
    table = Table("op", "ours, ms", "ours / theirs", "goal", "GFLOP/s", "of peak")
    with threads(count):
        for row in rows(names, seconds):
            table.add_row(*row)
    Console().print(table)


if __name__ == "__main__":
    main()
