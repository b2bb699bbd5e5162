"""Mini-batches: the examples in some order, a few at a time."""

from collections.abc import Iterator

import numpy as np


def batches(order: np.ndarray, batch_size: int | None, *, start: int = 0) -> Iterator[np.ndarray]:
    """The indices of `order` from place `start` on, `batch_size` at a time.

    The last batch may be smaller; None gives one batch of all.

    >>> [batch.tolist() for batch in batches(np.array([3, 1, 4, 0, 2]), 2)]
    [[3, 1], [4, 0], [2]]
    """
    size = batch_size or len(order)
    return (order[place : place + size] for place in range(start, len(order), size))
