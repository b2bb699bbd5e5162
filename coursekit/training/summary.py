"""What a network costs, layer by layer: parameters, arithmetic, memory, and what a unit sees."""

import html
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from coursekit.numpy_ref import Layer, _check, receptive_field

Shape = tuple[int, ...]
# Windows of the layers passed, first to last: (kernel, stride), each with one number an axis.
Path = tuple[tuple[Shape, Shape], ...]

WORDS = ("layer", "kind", "output")
HEADER = (*WORDS, "parameters", "multiply-adds", "FLOPs", "activations", "field")


@dataclass(frozen=True)
class Row:
    """One layer of a `Summary`: all counts are for one sample.

    name: as in the network, such as "body.0"; kind: its class; output_shape: without the batch
    axis; parameters: weights and biases; multiply_adds: w·x + ... of convolutions and matrix
    products; activations: numbers in its output; activation_bytes: their memory; receptive_field:
    pixels a side, or None where a unit sees the whole picture, or where there is no telling.
    """

    name: str
    kind: str
    output_shape: Shape
    parameters: int
    multiply_adds: int
    activations: int
    activation_bytes: int
    receptive_field: int | None

    @property
    def flops(self) -> int:
        """Floating-point operations: two for each multiply-add."""
        return 2 * self.multiply_adds


@dataclass(frozen=True)
class Summary:
    """The rows of a network, and their sums; `print` shows a table, so does a notebook.

    >>> row = Row("fc", "Linear", (10,), 650, 640, 10, 40, None)
    >>> print(Summary((64,), (row,)))
    layer  kind    output  parameters  multiply-adds  FLOPs  activations  field
    input          64
    fc     Linear  10             650            640  1,280           10      -
    total                         650            640  1,280           10
    """

    input_shape: Shape
    rows: tuple[Row, ...]

    @property
    def parameters(self) -> int:
        """All that is learned, or could be: frozen parameters count too."""
        return sum(row.parameters for row in self.rows)

    @property
    def multiply_adds(self) -> int:
        """Of one sample, forward."""
        return sum(row.multiply_adds for row in self.rows)

    @property
    def flops(self) -> int:
        """Two for each multiply-add. Beware: many papers count one and call it FLOPs."""
        return 2 * self.multiply_adds

    @property
    def activations(self) -> int:
        """Numbers that all layers give: what a backward pass needs, or a little more."""
        return sum(row.activations for row in self.rows)

    @property
    def activation_bytes(self) -> int:
        """Their memory, for one sample."""
        return sum(row.activation_bytes for row in self.rows)

    def __getitem__(self, name: str) -> Row:
        """The first row of that name. Raises KeyError, naming the rows there are."""
        for row in self.rows:
            if row.name == name:
                return row
        raise KeyError(
            f"Summary: no layer {name!r}. Expected one of {[row.name for row in self.rows]}."
        )

    def __str__(self) -> str:
        lines = [HEADER, *self._lines()]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join(_aligned(line, widths).rstrip() for line in lines)

    def _repr_html_(self) -> str:
        def line(cells: tuple[str, ...], tag: str) -> str:
            return "<tr>" + "".join(f"<{tag}>{html.escape(c)}</{tag}>" for c in cells) + "</tr>"

        body = "".join(line(cells, "td") for cells in self._lines())
        return f"<table><thead>{line(HEADER, 'th')}</thead><tbody>{body}</tbody></table>"

    def _lines(self) -> list[tuple[str, ...]]:
        rows = [
            (row.name, row.kind, _times(row.output_shape), *_counts(row), _or_dash(row))
            for row in self.rows
        ]
        first = ("input", "", _times(self.input_shape), "", "", "", "", "")
        return [first, *rows, ("total", "", "", *_counts(self), "")]


def summary(model: Any, input_shape: Shape | None = None) -> Summary:
    """The cost of a network, layer by layer, for one sample of `input_shape`.

        convolution: multiply-adds = out values · KH·KW·C/groups     affine: D·M
        FLOPs = 2 · multiply-adds

    model: a `numpy_ref` layer or a `torch.nn.Module`; it is not changed. A module runs on the
    device "meta", with shapes and without numbers, so ever so large a net takes no memory; a
    NumPy net runs once on zeros. Both in evaluation mode.
    input_shape: without the batch axis: (C, H, W) or (D,); None is `model.input_shape`, which
    networks of `coursekit.training.models` have.

    What is counted:

    - A row for each layer without layers in it, in the order in which they run. A layer that runs
      twice has two rows, and its parameters in the first; so have shared parameters. Parameters
      of layers that did not run by themselves make a last row, "(elsewhere)".
    - Multiply-adds of convolutions and matrix products only, functional ones in PyTorch too (then
      the module that calls them has a row): not those of biases, activations, pooling,
      normalisation and sums such as "+ x", which are few.
    - Activations: the output of each row, dropout and ReLU included.
    - The receptive field by `receptive_field`, through convolutions and pooling; where branches
      meet, the largest: of a residual block, that of its body. Normalisation counts as seeing its
      own place only. It can be larger than the picture; if it is not square it is the longer
      side. After flattening or a mean over all places it is None: the whole picture.

    Raises TypeError for what is no network or no shape, ValueError if the network cannot take it.

    >>> import numpy as np
    >>> from coursekit.numpy_ref import Conv2d, Flatten, Linear, MaxPool2d, Sequential
    >>> rng = np.random.default_rng(0)
    >>> first = (Conv2d(3, 6, 5, rng=rng), MaxPool2d(2), Flatten())
    >>> print(summary(Sequential(*first, Linear(1176, 10, rng=rng)), (3, 32, 32)))
    layer  kind       output   parameters  multiply-adds    FLOPs  activations  field
    input             3×32×32
    0      Conv2d     6×28×28         456        352,800  705,600        4,704      5
    1      MaxPool2d  6×14×14           0              0        0        1,176      6
    2      Flatten    1176              0              0        0        1,176      -
    3      Linear     10           11,770         11,760   23,520           10      -
    total                          12,226        364,560  729,120        7,066

    References: araujo2019, dumoulin2016
    """
    shape = _checked_shape(model, input_shape)
    if isinstance(model, Layer):
        from coursekit.training.summary_numpy import numpy_rows

        return Summary(shape, tuple(numpy_rows(model, shape)))
    torch = sys.modules.get("torch")  # whoever made a module has imported it
    if torch is None or not isinstance(model, torch.nn.Module):
        expected, got = "a numpy_ref layer or a torch.nn.Module", type(model).__name__
        raise TypeError(_check.message("summary", "this is no network", expected, got))
    from coursekit.training.summary_torch import torch_rows

    return Summary(shape, tuple(torch_rows(model, shape)))


def field_of(path: Path | None) -> int | None:
    """The receptive field after these windows, the longest of the axes; None for None.

    >>> field_of((((3, 3), (1, 1)), ((1, 7), (1, 1))))
    9
    """
    if path is None:
        return None
    axes = range(len(path[0][0])) if path else ()
    sizes = [receptive_field([k[a] for k, _ in path], [s[a] for _, s in path]) for a in axes]
    return max(sizes, default=1)


def widest(paths: list[Path | None]) -> Path | None:
    """Where branches meet: the path that sees most; None, the whole picture, is more than all.

    >>> widest([(), (((3, 3), (1, 1)),)])
    (((3, 3), (1, 1)),)
    """
    if None in paths:
        return None
    return max(paths, key=lambda path: field_of(path) or 0, default=None)


@contextmanager
def running(model: Any, shape: Shape) -> Iterator[None]:
    """Turn whatever goes wrong in the network itself into one sentence."""
    try:
        yield
    except Exception as error:
        name, reason = type(model).__name__, str(error).partition("\n")[0].rstrip(".")
        expected = "an input_shape that it takes, without the batch axis"
        got = f"{shape} and {type(error).__name__}: {reason}"
        raise ValueError(
            _check.message("summary", f"{name} does not run", expected, got)
        ) from error


class Paths:
    """What each array or tensor has seen of the picture.

    The arrays are kept, as an id is unique only among objects that live at the same time.

    >>> x, paths = [1], Paths()
    >>> paths.put(x, ())
    >>> x in paths, [1] in paths, paths.get(x), paths.get([1])
    (True, False, (), None)
    """

    def __init__(self) -> None:
        self._known: dict[int, tuple[Any, Path | None]] = {}

    def __contains__(self, array: Any) -> bool:
        return id(array) in self._known

    def put(self, array: Any, path: Path | None) -> None:
        """Remember the windows between the picture and this array."""
        self._known[id(array)] = (array, path)

    def get(self, array: Any) -> Path | None:
        """The windows; None where there is no telling."""
        return self._known[id(array)][1] if array in self else None


def elsewhere(rows: list[Row], parameters: int) -> list[Row]:
    """A last row for the parameters that no other row has, if there are any."""
    left = parameters - sum(row.parameters for row in rows)
    return [Row("(elsewhere)", "", (), left, 0, 0, 0, None)] if left else []


def _checked_shape(model: Any, input_shape: Any) -> Shape:
    """Return the shape, that of the model if there is none, or raise unless it is one."""
    shape = getattr(model, "input_shape", None) if input_shape is None else input_shape
    expected = "a tuple such as (3, 32, 32)"
    if shape is None:
        hint = "Try summary(model, (3, 32, 32))."
        raise TypeError(_check.message("summary", "input_shape is missing", expected, None, hint))
    if not isinstance(shape, tuple | list):
        got = type(shape).__name__
        raise TypeError(_check.message("summary", "input_shape is not a tuple", expected, got))
    if not shape:
        raise ValueError(_check.message("summary", "input_shape is empty", expected, shape))
    return tuple(_check.count("summary", f"input_shape[{i}]", n) for i, n in enumerate(shape))


def _times(shape: Shape) -> str:
    return "×".join(map(str, shape))


def _or_dash(row: Row) -> str:
    return "-" if row.receptive_field is None else str(row.receptive_field)


def _counts(of: Row | Summary) -> list[str]:
    return [f"{n:,}" for n in (of.parameters, of.multiply_adds, of.flops, of.activations)]


def _aligned(cells: tuple[str, ...], widths: list[int]) -> str:
    """Numbers to the right, words to the left."""
    places = zip(HEADER, cells, widths, strict=True)
    return "  ".join(
        cell.ljust(width) if column in WORDS else cell.rjust(width)
        for column, cell, width in places
    )
