"""Trying things out on a network that is to stay as it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from coursekit.data import Dataset
from coursekit.numpy_ref import _check
from coursekit.training.evaluate import check_data
from coursekit.training.model import Model, as_model, copies


@contextmanager
def borrowed(net: Any) -> Iterator[Model]:
    """Lend a network, and put its parameters and buffers back in the end, whatever happens.

    >>> from coursekit.numpy_ref import Linear
    >>> line = Linear(1, 1, rng=np.random.default_rng(0), std=0.0)
    >>> with borrowed(line) as model:
    ...     model.load({"weight": np.ones((1, 1)), "bias": np.ones(1)})
    >>> line.params["weight"]
    array([[0.]])
    """
    model = as_model(net)
    before = copies(model)
    try:
        yield model
    finally:
        model.load(**before)


def some(op: str, data: Dataset, n: int, *, seed: int) -> Dataset:
    """At most n examples, drawn without replacement; TypeError or ValueError unless that works."""
    check_data(op, "data", data)
    n = _check.count(op, "n", n)
    return data.subset(np.random.default_rng(seed).permutation(len(data))[:n])
