"""The generators of random numbers that a whole process shares, and those that a lab has made."""

import pickle
import random
import sys
from collections.abc import Iterable
from typing import Any

import numpy as np


class Dice:
    """How they stand now; `restore` puts those of the process back."""

    def __init__(self) -> None:
        self._python, self._numpy = random.getstate(), np.random.get_state()  # noqa: NPY002
        torch = sys.modules.get("torch")
        self._torch = torch.get_rng_state() if torch else None

    def restore(self) -> None:
        """Let the same numbers come again."""
        random.setstate(self._python)
        np.random.set_state(self._numpy)  # noqa: NPY002
        if self._torch is not None:
            sys.modules["torch"].set_rng_state(self._torch)


def stand_of(values: Iterable[Any]) -> bytes:
    """How they all stand, those among the values too: other bytes after any draw."""
    dice = vars(Dice())
    torch = dice.pop("_torch")
    kinds = (np.random.Generator, np.random.RandomState, random.Random)
    own = [value for value in values if isinstance(value, kinds)]
    return pickle.dumps((dice, None if torch is None else torch.numpy().tobytes(), own))
