"""The rows of a NumPy net: it runs once, on zeros, and its layers note what passes."""

import copy
import math
from typing import Any

import numpy as np

from coursekit.numpy_ref import (
    AvgPool2d,
    Container,
    Conv2d,
    Layer,
    LayerNorm,
    Linear,
    Maxout,
    MaxPool2d,
    _check,
)
from coursekit.training.summary import Path, Paths, Row, Shape, elsewhere, field_of, running, widest


def numpy_rows(net: Layer, shape: Shape) -> list[Row]:
    """The rows of a net for one sample of the shape; see `summary`.

    >>> rng = np.random.default_rng(0)
    >>> [row.multiply_adds for row in numpy_rows(Linear(3, 4, rng=rng), (3,))]
    [12]
    """
    watch = _Watch()
    twin = copy.deepcopy(net)
    watch.layer(twin, "")
    dtype = next((array.dtype for array in net.params.values()), np.dtype(float))
    x = np.zeros((1, *shape), dtype)
    watch.paths.put(x, () if len(shape) > 1 else None)
    with running(net, shape):
        twin.forward(x, training=False, rng=None)
    parameters = sum(array.size for array in net.params.values())
    return watch.rows + elsewhere(watch.rows, parameters)


class _Watch:
    """The notes: rows, what each array has seen, and what came last out of each layer."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.paths = Paths()
        self.ends: dict[int, Path | None] = {}

    def layer(self, layer: Layer, name: str) -> None:
        """Replace `forward` of the layer, and of all in it, by one that takes notes."""
        children = layer.children if isinstance(layer, Container) else None
        for child, part in (children or {}).items():
            self.layer(part, f"{name}.{child}" if name else child)
        if children is None:
            _check_countable(layer)
        forward = layer.forward

        def watched(x: np.ndarray, **settings: Any) -> np.ndarray:
            out = forward(x, **settings)
            if children is None:
                self._note_row(layer, name, x, out)
            elif out not in self.paths:  # a sum of branches, say
                ends = [self.ends[id(part)] for part in children.values() if id(part) in self.ends]
                self.paths.put(out, widest(ends))
            self.ends[id(layer)] = self.paths.get(out)
            return out

        layer.forward = watched

    def _note_row(self, layer: Layer, name: str, x: np.ndarray, out: np.ndarray) -> None:
        self.paths.put(out, _path_through(layer, self.paths.get(x), x, out))
        kind = type(layer).__name__
        self.rows.append(
            Row(
                name=name or kind,
                kind=kind,
                output_shape=out.shape[1:],
                parameters=sum(array.size for array in layer.params.values()),
                multiply_adds=_multiply_adds(layer, out),
                activations=out.size,
                activation_bytes=out.nbytes,
                receptive_field=field_of(self.paths.get(out)),
            )
        )


def _multiply_adds(layer: Layer, out: np.ndarray) -> int:
    """Each output of a convolution takes KH·KW·C/groups; an affine layer uses each weight once."""
    if isinstance(layer, Conv2d):
        return out.size * math.prod(layer.params["weight"].shape[1:])
    return layer.params["weight"].size if isinstance(layer, Linear | Maxout) else 0


def _check_countable(layer: Layer) -> None:
    """Raise TypeError for a layer with weights of which we do not know how it uses them."""
    known = isinstance(layer, Conv2d | Linear | Maxout | LayerNorm)
    if not known and any(array.ndim > 1 for array in layer.params.values()):
        expected, got = "layers of numpy_ref, or subclasses of them", type(layer).__name__
        wrong = "cannot count the multiply-adds of a layer"
        hint = "Without weights of two axes or more, any layer will do."
        raise TypeError(_check.message("summary", wrong, expected, got, hint))


def _path_through(layer: Layer, path: Path | None, x: np.ndarray, out: np.ndarray) -> Path | None:
    """What an output has seen: another window, as much as x, or everything."""
    if path is None:
        return None
    if isinstance(layer, Conv2d):
        return (*path, (layer.params["weight"].shape[2:], (layer.stride,) * 2))
    if isinstance(layer, MaxPool2d | AvgPool2d):
        size, stride = layer.windows["size"], layer.windows["stride"]
        return (*path, ((size,) * 2, (stride or size,) * 2))
    return path if out.shape[2:] == x.shape[2:] else None
