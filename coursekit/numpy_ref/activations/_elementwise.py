"""What the layers of activations without parameters share."""

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from coursekit.numpy_ref.layers import Layer


class Elementwise(Layer):
    """A layer without parameters: a pair of functions, and the forward function's options."""

    pair: ClassVar[tuple[Callable, Callable]]

    def __init__(self, **options: Any) -> None:
        super().__init__()
        self.options = options

    def forward(
        self, x: np.ndarray, *, training: bool, rng: np.random.Generator | None
    ) -> np.ndarray:
        """Return out; training and rng make no difference."""
        out, self.cache = self.pair[0](x, **self.options)
        return out

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """Return dx."""
        return self.pair[1](dout, self._cached())
