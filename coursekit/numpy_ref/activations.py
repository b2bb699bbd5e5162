"""Activations: the bend between two affine maps, without which they would be one."""

import numpy as np

from coursekit.numpy_ref import _check
from coursekit.numpy_ref.layers import Layer


def relu_forward(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The rectified linear unit: out = max(x, 0).

    x: any shape. Returns out of the same shape, and cache for `relu_backward`.
    NaN stays NaN. Raises TypeError if x is not an array of floats.

    >>> out, cache = relu_forward(np.array([-1.0, 0.0, 2.0]))
    >>> out
    array([0., 0., 2.])

    References: nair2010
    """
    _check.floats("relu_forward", x=x)
    return np.maximum(x, 0), x


def relu_backward(dout: np.ndarray, cache: np.ndarray) -> np.ndarray:
    """The gradient of `relu_forward`: dx = dout where x > 0, else 0.

    At x = 0 the slope is undefined; like PyTorch we take 0.

    dout: the upstream gradient, of the shape of x; cache: from `relu_forward`. Returns dx.
    Raises TypeError if dout is not floats, ValueError if its shape is not that of x.

    >>> out, cache = relu_forward(np.array([-1.0, 0.0, 2.0]))
    >>> relu_backward(np.array([5.0, 6.0, 7.0]), cache)
    array([0., 0., 7.])

    References: nair2010
    """
    x = cache
    _check.floats("relu_backward", dout=dout)
    _check.shape("relu_backward", "dout", dout, x.shape)
    return dout * (x > 0)


class ReLU(Layer):
    """The layer out = max(x, 0); it has no parameters.

    >>> ReLU().forward(np.array([[-1.0, 2.0]]), training=True, rng=None)
    array([[0., 2.]])

    References: nair2010
    """

    def forward(
        self, x: np.ndarray, *, training: bool, rng: np.random.Generator | None
    ) -> np.ndarray:
        """Return max(x, 0); training and rng make no difference."""
        out, self.cache = relu_forward(x)
        return out

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """Return dx."""
        return relu_backward(dout, self._cached())
