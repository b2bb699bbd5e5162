"""Augmentation, live: each time a picture is used, it looks a little different."""

import functools
from collections.abc import Callable

import numpy as np

from coursekit.numpy_ref import _check

Change = Callable[..., np.ndarray]


def augmentation(*changes: Change) -> Callable[..., tuple[np.ndarray, np.ndarray]]:
    """Changes of pictures, one after the other, as the Trainer's `augment` takes them.

    changes: functions (x, *, rng) -> x such as `horizontal_flip`; bind their arguments with
    `functools.partial`. The labels stay: what changes them too, such as `mixup`, is a function
    (x, y, *, rng) -> (x, y), and is given to the Trainer as it is.
    Raises TypeError for what is no function.

    >>> from functools import partial
    >>> from coursekit.numpy_ref import horizontal_flip, pad_and_crop
    >>> augment = augmentation(horizontal_flip, partial(pad_and_crop, pad=4))
    >>> x, y = augment(np.ones((2, 3, 32, 32)), np.array([0, 1]), rng=np.random.default_rng(0))
    >>> x.shape, y
    ((2, 3, 32, 32), array([0, 1]))

    References: krizhevsky2012
    """
    for change in changes:
        _check.function("augmentation", "one of the changes", change)
    return functools.partial(_apply, changes)


def _apply(
    changes: tuple[Change, ...], x: np.ndarray, y: np.ndarray, *, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    for change in changes:
        x = change(x, rng=rng)
    return x, y
