"""A linear probe: how good is a description? As good as a linear classifier that reads it."""

import math
from functools import partial

import numpy as np

from coursekit.data import Dataset
from coursekit.numpy_ref import Linear, _check, adam, cosine, l2_penalty, standardize, standardizer
from coursekit.training.callbacks import History
from coursekit.training.trainer import Trainer


def linear_probe(
    train: Dataset,
    validation: Dataset | None = None,
    *,
    weight_decay: float = 1e-2,
    lr: float = 0.05,
    epochs: int = 200,
) -> tuple[Linear, History]:
    """Softmax regression on features: scores = x w + b.

        loss = cross-entropy + ½ weight_decay ‖w‖², of features standardised by train

    Full batches, Adam, and a rate that falls to 0 as half a cosine. The loss is convex: there is
    one minimum, and weights that start at 0 lead to it, so nothing here is random. Afterwards the
    standardisation is folded into the layer, which then takes the features as they are:

        ((x − mean) / std) w + b = x (w / std) + (b − (mean / std) w)

    train, validation: data sets of `features` (pictures are laid out in rows: a probe of pixels);
    weight_decay ≥ 0: how strongly large weights are punished, the more the fewer the examples;
    lr > 0, epochs ≥ 1: of the Trainer.
    Returns the layer, as good as a network of its own, and the history of its training.
    Raises ValueError for settings that make no sense and data sets that do not fit.

    >>> from coursekit.data import digits
    >>> probe, history = linear_probe(digits("train", n=200), digits("validation"), epochs=50)
    >>> history.column("validation_accuracy")[-1] > 0.85
    True

    References: alain2017
    """
    if not train.class_names:
        expected, got = "class numbers for y", "a regression"
        raise ValueError(_check.message("linear_probe", "there are no classes", expected, got))
    sets = [data and _rows(data) for data in (train, validation)]
    mean, std = standardizer(_rows(train).x)
    layer = Linear(len(mean), len(train.class_names), rng=np.random.default_rng(0), std=0.0)
    trainer = Trainer(
        layer,
        update=adam,
        lr=partial(cosine, total=epochs, lr_max=lr),
        epochs=epochs,
        penalty=partial(l2_penalty, weight_decay=weight_decay),
    )
    history = trainer.fit(*(data and data.with_x(standardize(data.x, mean, std)) for data in sets))
    w, b = layer.params["weight"] / std[:, None], layer.params["bias"]
    layer.load({"weight": w, "bias": b - mean @ w})
    return layer, history


def _rows(data: Dataset) -> Dataset:
    """Each example laid out in a row: (N, D)."""
    return data.with_x(data.x.reshape(len(data), math.prod(data.x.shape[1:])))
