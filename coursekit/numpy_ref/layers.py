"""Layer objects: the functions of this package, with parameters and caches kept for you.

Arguments and parameter names are PyTorch's ("0.weight", "0.bias"), with one difference: a weight
is (D, M), as in `affine_forward`, where PyTorch keeps its transpose (M, D).

>>> rng = np.random.default_rng(0)
>>> net = Sequential(Linear(64, 32, rng=rng), ReLU(), Dropout(0.5), Linear(32, 10, rng=rng))
>>> net.forward(np.ones((5, 64)), training=True, rng=rng).shape
(5, 10)
>>> net.backward(np.ones((5, 10))).shape
(5, 64)
>>> {name: grad.shape for name, grad in net.grads.items()}
{'0.weight': (64, 32), '0.bias': (32,), '3.weight': (32, 10), '3.bias': (10,)}
"""

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from coursekit.numpy_ref import _check
from coursekit.numpy_ref.activations import relu_backward, relu_forward
from coursekit.numpy_ref.dropout import dropout_backward, dropout_forward
from coursekit.numpy_ref.linear import affine_backward, affine_forward

Arrays = Mapping[str, np.ndarray]


class Layer:
    """What all layers share: `forward`, `backward`, named parameters and their gradients.

    A layer of your own overrides the two methods: `forward` keeps in `self.cache` what `backward`
    needs; `backward` fills `self.grads` and returns dx.
    """

    def __init__(self) -> None:
        self.params: Arrays = {}
        self.grads: Arrays = {}
        self.cache: Any = None

    def forward(
        self, x: np.ndarray, *, training: bool, rng: np.random.Generator | None
    ) -> np.ndarray:
        """Return out; keep in `self.cache` what `backward` needs."""
        raise NotImplementedError(f"{type(self).__name__} defines no forward.")

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """Return dx for the last `forward`; fill `self.grads`."""
        raise NotImplementedError(f"{type(self).__name__} defines no backward.")

    def load(self, params: Arrays) -> None:
        """Replace all parameters by copies of these. Names and shapes must be those of `params`.

        Raises ValueError or TypeError, and then changes nothing.
        """
        _check_params(type(self).__name__, params, self.params)
        self.params = {name: np.array(params[name]) for name in self.params}

    def _cached(self) -> Any:
        if self.cache is None:
            wrong, expected = "backward has nothing to go back from", "a forward pass first"
            raise ValueError(_check.message(type(self).__name__, wrong, expected, "none"))
        return self.cache


class Linear(Layer):
    """The affine layer out = x w + b, with He's initial weights.

    weight: (in_features, out_features), normal with deviation `std`, by default √(2 / in_features):
    then a ReLU layer passes on signals of the size that it receives. bias: (out_features,), zeros.
    `rng` draws the weights; std ≥ 0; `dtype` is float64 unless you ask for np.float32.

    >>> layer = Linear(2, 3, rng=np.random.default_rng(0))
    >>> layer.forward(np.zeros((1, 2)), training=True, rng=None)
    array([[0., 0., 0.]])

    References: he2015
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        *,
        rng: np.random.Generator,
        std: float | None = None,
        dtype: DTypeLike = np.float64,
    ) -> None:
        super().__init__()
        d = _check.count("Linear", "in_features", in_features)
        m = _check.count("Linear", "out_features", out_features)
        _check.generator("Linear", rng)
        std = _check.in_range("Linear", "std", math.sqrt(2 / d) if std is None else std, "[0, inf)")
        weight = (std * rng.standard_normal((d, m))).astype(dtype)
        _check.floats("Linear", weight=weight)
        self.params = {"weight": weight, "bias": np.zeros(m, dtype)}

    def forward(
        self, x: np.ndarray, *, training: bool, rng: np.random.Generator | None
    ) -> np.ndarray:
        """Return x w + b; training and rng make no difference."""
        out, self.cache = affine_forward(x, self.params["weight"], self.params["bias"])
        return out

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """Return dx; fill `grads` with those of weight and bias."""
        dx, dw, db = affine_backward(dout, self._cached())
        self.grads = {"weight": dw, "bias": db}
        return dx


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


class Dropout(Layer):
    """Inverted dropout; `p` in [0, 1) is the probability of dropping.

    >>> Dropout(0.9).forward(np.ones((1, 3)), training=False, rng=None)
    array([[1., 1., 1.]])

    References: srivastava2014
    """

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        self.p = _check.in_range("Dropout", "p", p, "[0, 1)")

    def forward(
        self, x: np.ndarray, *, training: bool, rng: np.random.Generator | None
    ) -> np.ndarray:
        """Return x with values dropped, when training; else x."""
        out, self.cache = dropout_forward(x, p=self.p, training=training, rng=rng)
        return out

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """Return dx, through the mask of the last forward pass."""
        return dropout_backward(dout, self._cached())


class Sequential(Layer):
    """Layers one after the other; "0.weight" is the weight of the first.

    `params` and `grads` are read-only views over all layers. Assign to `params`, or call `load`,
    to change the parameters; a single one is set in its layer, `net.layers[0].params`.

    >>> net = Sequential(Linear(1, 1, rng=np.random.default_rng(0)), ReLU())
    >>> net.params = {"0.weight": np.array([[2.0]]), "0.bias": np.array([1.0])}
    >>> net.forward(np.array([[3.0]]), training=False, rng=None)
    array([[7.]])
    """

    def __init__(self, *layers: Layer) -> None:
        for position, layer in enumerate(layers):
            if not isinstance(layer, Layer):
                wrong, got = f"argument {position} is not a layer", type(layer).__name__
                raise TypeError(_check.message("Sequential", wrong, "Layer objects", got))
        self.layers = layers

    def forward(
        self, x: np.ndarray, *, training: bool, rng: np.random.Generator | None
    ) -> np.ndarray:
        """Pass x through all layers, first to last; return the last one's out."""
        for layer in self.layers:
            x = layer.forward(x, training=training, rng=rng)
        return x

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """Pass dout back through all layers, last to first; return the first one's dx."""
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
        return dout

    @property
    def params(self) -> Arrays:
        """The parameters of all layers, by name: read-only, so that no change gets lost."""
        return self._gathered("params")

    @params.setter
    def params(self, params: Arrays) -> None:
        self.load(params)

    @property
    def grads(self) -> Arrays:
        """The gradients of the last backward pass, by the names of `params`."""
        return self._gathered("grads")

    def load(self, params: Arrays) -> None:
        """Replace the parameters of all layers by copies of these."""
        _check_params("Sequential", params, self.params)
        for position, layer in enumerate(self.layers):
            layer.load({name: params[f"{position}.{name}"] for name in layer.params})

    def _gathered(self, kind: str) -> Arrays:
        return MappingProxyType(
            {
                f"{position}.{name}": array
                for position, layer in enumerate(self.layers)
                for name, array in getattr(layer, kind).items()
            }
        )


def _check_params(op: str, params: Arrays, current: Arrays) -> None:
    """Raise unless `params` has the names and shapes of `current`."""
    if set(params) != set(current):
        expected, got = sorted(current), sorted(params)
        raise ValueError(
            _check.message(op, "these are not the parameters' names", f"{expected}", got)
        )
    for name, array in current.items():
        _check.floats(op, **{name: params[name]})
        _check.shape(op, name, params[name], array.shape)
