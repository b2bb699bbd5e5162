"""Layer objects: the functions of this package, with parameters and caches kept for you.

Here is what all layers share, and what combines them; each layer itself stands at the end of the
file of its functions (`Linear` in linear.py). Arguments and parameter names are PyTorch's
("0.weight", "0.bias"), with one difference: the weight of a `Linear` is (D, M), as in
`affine_forward`, where PyTorch keeps its transpose (M, D).

>>> from coursekit.numpy_ref import Dropout, Linear, ReLU
>>> rng = np.random.default_rng(0)
>>> net = Sequential(Linear(64, 32, rng=rng), ReLU(), Dropout(0.5), Linear(32, 10, rng=rng))
>>> net.forward(np.ones((5, 64)), training=True, rng=rng).shape
(5, 10)
>>> net.backward(np.ones((5, 10))).shape
(5, 64)
>>> {name: grad.shape for name, grad in net.grads.items()}
{'0.weight': (64, 32), '0.bias': (32,), '3.weight': (32, 10), '3.bias': (10,)}
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from coursekit.numpy_ref import _check

Arrays = Mapping[str, np.ndarray]


class Layer:
    """What all layers share: `forward`, `backward`, named parameters and their gradients.

    A layer of your own overrides the two methods: `forward` keeps in `self.cache` what `backward`
    needs; `backward` fills `self.grads` and returns dx. `buffers` are arrays that a layer keeps
    but does not learn, such as the running averages of BatchNorm.
    """

    def __init__(self) -> None:
        self.params: Arrays = {}
        self.grads: Arrays = {}
        self.buffers: Arrays = {}
        self.cache: Any = None

    def forward(
        self, x: np.ndarray, *, training: bool, rng: np.random.Generator | None
    ) -> np.ndarray:
        """Return out; keep in `self.cache` what `backward` needs."""
        raise NotImplementedError(f"{type(self).__name__} defines no forward.")

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """Return dx for the last `forward`; fill `self.grads`."""
        raise NotImplementedError(f"{type(self).__name__} defines no backward.")

    def backward_params(self, dout: np.ndarray) -> None:
        """Fill `self.grads` only: of a first layer nobody needs the dx of the pictures."""
        self.backward(dout)

    def load(self, params: Arrays, buffers: Arrays | None = None) -> None:
        """Replace all parameters by copies of these, and all buffers if there are any.

        Names and shapes must be those of `params` and `buffers`.
        Raises ValueError or TypeError, and then changes nothing.
        """
        _check_arrays(type(self).__name__, "parameters", params, self.params)
        if buffers is not None:
            _check_arrays(type(self).__name__, "buffers", buffers, self.buffers)
            self.buffers = {name: np.array(buffers[name]) for name in self.buffers}
        self.params = {name: np.array(params[name]) for name in self.params}

    def _cached(self) -> Any:
        if self.cache is None:
            wrong, expected = "backward has nothing to go back from", "a forward pass first"
            raise ValueError(_check.message(type(self).__name__, wrong, expected, "none"))
        return self.cache


class Container(Layer):
    """Layers in a layer: "body.0.weight" is the weight of layer "0" of the child "body".

    `params`, `grads` and `buffers` are read-only views over all children. Assign to `params`, or
    call `load`, to change the parameters; a single one is set in its own layer.

    A layer may be in it once only (else ValueError): its cache is that of its last forward pass.
    """

    def __init__(self, **children: Layer) -> None:
        for name, layer in children.items():
            if not isinstance(layer, Layer):
                op, got = type(self).__name__, type(layer).__name__
                raise TypeError(
                    _check.message(op, f"argument {name} is not a layer", "a Layer", got)
                )
        parts = [part for layer in children.values() for part in _parts(layer)]
        for part in parts:
            if parts.count(part) > 1:
                op, got = type(self).__name__, f"the same {type(part).__name__} again"
                hint = "A layer remembers one forward pass only."
                expected = "a new layer at each place"
                raise ValueError(_check.message(op, "a layer is used twice", expected, got, hint))
        self.children = children

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

    @property
    def buffers(self) -> Arrays:
        """The buffers of all layers, by name."""
        return self._gathered("buffers")

    def load(self, params: Arrays, buffers: Arrays | None = None) -> None:
        """Replace the parameters of all layers by copies of these, and the buffers if given."""
        _check_arrays(type(self).__name__, "parameters", params, self.params)
        if buffers is not None:
            _check_arrays(type(self).__name__, "buffers", buffers, self.buffers)
        for child, layer in self.children.items():
            layer.load(
                {name: params[f"{child}.{name}"] for name in layer.params},
                buffers and {name: buffers[f"{child}.{name}"] for name in layer.buffers},
            )

    def _gathered(self, kind: str) -> Arrays:
        return MappingProxyType(
            {
                f"{child}.{name}": array
                for child, layer in self.children.items()
                for name, array in getattr(layer, kind).items()
            }
        )


class Sequential(Container):
    """Layers one after the other; "0.weight" is the weight of the first.

    >>> from coursekit.numpy_ref import Linear, ReLU
    >>> net = Sequential(Linear(1, 1, rng=np.random.default_rng(0)), ReLU())
    >>> net.params = {"0.weight": np.array([[2.0]]), "0.bias": np.array([1.0])}
    >>> net.forward(np.array([[3.0]]), training=False, rng=None)
    array([[7.]])
    """

    def __init__(self, *layers: Layer) -> None:
        super().__init__(**{str(position): layer for position, layer in enumerate(layers)})
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

    def backward_params(self, dout: np.ndarray) -> None:
        """As `backward`, without the dx of the first layer, which training does not need."""
        for layer in reversed(self.layers[1:]):
            dout = layer.backward(dout)
        if self.layers:
            self.layers[0].backward_params(dout)


class Residual(Container):
    """The residual block out = body(x) + shortcut(x); the shortcut is x itself, or a layer.

    The body has to learn only what is to be added to x, and through the sum the upstream gradient
    reaches x undiminished. Where the body changes the shape, a shortcut such as a 1×1 convolution
    must change x in the same way.

    body, shortcut: layers, a `Sequential` for more than one; None passes x on as it is.
    `forward` raises ValueError if the shapes of the two do not agree.

    >>> from coursekit.numpy_ref import ReLU
    >>> Residual(ReLU()).forward(np.array([[-1.0, 2.0]]), training=True, rng=None)
    array([[-1.,  4.]])

    References: he2016
    """

    def __init__(self, body: Layer, shortcut: Layer | None = None) -> None:
        super().__init__(body=body, **({} if shortcut is None else {"shortcut": shortcut}))
        self.body, self.shortcut = body, shortcut

    def forward(
        self, x: np.ndarray, *, training: bool, rng: np.random.Generator | None
    ) -> np.ndarray:
        """Return body(x) + shortcut(x)."""
        out = self.body.forward(x, training=training, rng=rng)
        if self.shortcut is not None:
            x = self.shortcut.forward(x, training=training, rng=rng)
        _check.shape("Residual", "shortcut(x)", x, out.shape)
        return out + x

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """Return dx, the sum of what comes back both ways."""
        dx = self.body.backward(dout)
        return dx + (dout if self.shortcut is None else self.shortcut.backward(dout))


class Flatten(Layer):
    """Lay the values of each sample in a row: (N, C, H, W) -> (N, C·H·W).

    >>> Flatten().forward(np.zeros((5, 3, 2, 2)), training=True, rng=None).shape
    (5, 12)
    """

    def forward(
        self, x: np.ndarray, *, training: bool, rng: np.random.Generator | None
    ) -> np.ndarray:
        """Return x as (N, D)."""
        _check.floats("Flatten", x=x)
        self.cache = x.shape
        return x.reshape(len(x), _check.flat_size("Flatten", x))

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """Return dout in the shape of x."""
        shape = self._cached()
        _check.floats("Flatten", dout=dout)
        _check.shape("Flatten", "dout", dout, (shape[0], int(np.prod(shape[1:]))))
        return dout.reshape(shape)


def _parts(layer: Layer) -> list[Layer]:
    """The layer and all layers in it."""
    children = layer.children.values() if isinstance(layer, Container) else ()
    return [layer, *(part for child in children for part in _parts(child))]


def _check_arrays(op: str, what: str, arrays: Arrays, current: Arrays) -> None:
    """Raise unless `arrays` has the names and shapes of `current`."""
    if not isinstance(arrays, Mapping):
        expected, got = "a dict of arrays", type(arrays).__name__
        raise TypeError(_check.message(op, f"these are not its {what} by name", expected, got))
    if set(arrays) != set(current):
        expected, got = sorted(current), sorted(map(str, arrays))
        raise ValueError(
            _check.message(op, f"these are not the names of its {what}", f"{expected}", got)
        )
    for name, array in current.items():
        _check.floats(op, **{name: arrays[name]})
        _check.shape(op, name, arrays[name], array.shape)
