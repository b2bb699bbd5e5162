"""A linear probe: how good is a description? As good as a linear classifier that reads it."""

import math
from functools import partial

import numpy as np

from coursekit.data import Dataset
from coursekit.numpy_ref import Linear, _check, l2_penalty, nesterov, standardize, standardizer
from coursekit.training.callbacks import History
from coursekit.training.evaluate import check_data
from coursekit.training.trainer import Trainer


def linear_probe(
    train: Dataset,
    validation: Dataset | None = None,
    *,
    weight_decay: float = 1e-2,
    epochs: int = 300,
) -> tuple[Linear, History]:
    """Softmax regression on features: scores = x w + b.

        loss = cross-entropy + ½ weight_decay ‖w‖², of features standardised by train

    This loss is convex, so weights that start at 0 go down to its minimum: nothing here is
    random, and there is no rate to choose. Full batches, Nesterov's momentum (0.95), and lr = 1/L,
    where L is an upper bound of the curvature: ½ λ + weight_decay, with λ the largest eigenvalue of
    xᵀx / N. Afterwards the standardisation is folded into the layer, which then takes features as
    they are:

        ((x − mean) / std) w + b = x (w / std) + (b − (mean / std) w)

    train, validation: data sets of `features`; of pictures, the probe sees the pixels in a row;
    weight_decay ≥ 0 holds the weights down, which few examples need more; epochs ≥ 1.
    Returns the layer, a network of its own, and the history of its training.
    Raises TypeError for what is no Dataset, ValueError for settings that make no sense, data sets
    that do not fit, and features that are not finite.

    >>> from coursekit.data import digits
    >>> probe, history = linear_probe(digits("train", n=200), digits("validation"), epochs=100)
    >>> bool(history.column("validation_accuracy")[-1] > 0.85)
    True

    References: alain2017, nesterov1983
    """
    train = _in_rows("train", train)
    validation = None if validation is None else _in_rows("validation", validation)
    if not train.class_names:
        expected, got = "class numbers for y", "a regression"
        raise ValueError(_check.message("linear_probe", "there are no classes", expected, got))
    weight_decay = _check.in_range("linear_probe", "weight_decay", weight_decay, "[0, inf)")
    mean, std = standardizer(train.x)
    train = train.with_x(standardize(train.x, mean, std))
    validation = validation and validation.with_x(standardize(validation.x, mean, std))
    layer = Linear(len(mean), len(train.class_names), rng=np.random.default_rng(0), std=0.0)
    penalty = partial(l2_penalty, weight_decay=weight_decay)
    history = Trainer(
        layer,
        update=partial(nesterov, momentum=0.95),
        lr=1 / (_curvature(train.x) + weight_decay),
        epochs=epochs,
        penalty=penalty,
    ).fit(train, validation)
    w, b = layer.params["weight"] / std[:, None], layer.params["bias"]
    layer.load({"weight": w, "bias": b - mean @ w})
    return layer, history


def _curvature(x: np.ndarray) -> float:
    """An upper bound of the second derivative of the cross-entropy: for weights, and biases."""
    return max(float(np.linalg.norm(x, ord=2)) ** 2 / len(x), 1.0) / 2


def _in_rows(name: str, data: Dataset) -> Dataset:
    """Each example laid out in a row: (N, D). Raises unless all numbers are finite."""
    check_data("linear_probe", name, data)
    if not np.isfinite(data.x).all():
        expected, got = "finite features", "NaN or infinity"
        raise ValueError(_check.message("linear_probe", f"{name} is not finite", expected, got))
    return data.with_x(data.x.reshape(len(data), math.prod(data.x.shape[1:])))
