"""Convolution: the same few weights look at every place of a picture.

`conv2d_forward_naive` is the definition, in loops. `conv2d_forward` gives the same, a thousand
times faster: it lays each window out as a row of numbers, so that all dot products of all places
are one matrix product, which computers do best:

    patches (H_out·W_out, KH·KW·C)  @  weights (KH·KW·C, F)  =  out (H_out·W_out, F)

Two choices decide how fast that is, and both are about memory, not arithmetic. A large product runs
ten times faster than its operands could come from main memory; so what is copied must stay in the
processor's cache until it is used.

- *A few pictures at a time.* All patches of a batch hold each pixel KH·KW times, far too much for
  the cache. So the patches of one or a few pictures are laid out, used, and forgotten; the backward
  pass makes them anew, which is cheaper than to keep and fetch them. It also saves the memory.
- *Channels last.* In memory ordered (N, H, W, C), a row of a window is KW·C numbers side by side:
  copied in one go. Hence `out` and dx are (N, C, H, W) views of such memory, not C-contiguous;
  where x comes as such a view, as from a convolution before, it need not be reordered.
"""

import math
from collections.abc import Iterator

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import DTypeLike

from coursekit.numpy_ref import _check
from coursekit.numpy_ref._padding import without_border
from coursekit.numpy_ref.layers import Layer

Gradients = tuple[np.ndarray, np.ndarray, np.ndarray]
Shape = tuple[int, ...]
NaiveCache = tuple[np.ndarray, np.ndarray, Shape, int, int, int]
Cache = tuple[np.ndarray, np.ndarray, Shape, int, int]

PATCH_BYTES = 2**20  # laid out at a time: about what a core's own cache holds


def conv2d_forward_naive(
    x: np.ndarray, w: np.ndarray, b: np.ndarray, *, stride: int = 1, pad: int = 0, groups: int = 1
) -> tuple[np.ndarray, NaiveCache]:
    """Convolution by its definition: every output is the dot product of a window and a filter.

        out[n, f, i, j] = Σ x[n, :, i·s : i·s + KH, j·s : j·s + KW] · w[f] + b[f],   s = stride

    Arguments, results and errors are those of `conv2d_forward`, which is fast.

    >>> x = np.arange(9.0).reshape(1, 1, 3, 3)
    >>> out, cache = conv2d_forward_naive(x, np.ones((1, 1, 2, 2)), np.zeros(1))
    >>> out
    array([[[[ 8., 12.],
             [20., 24.]]]])

    References: lecun1989
    """
    op = "conv2d_forward_naive"
    _check.floats(op, x=x, w=w, b=b)
    shape, stride, pad, groups = _check.convolution(op, x, w, b, stride, pad, groups)
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    out = np.empty(shape, np.result_type(x, w, b))
    for n, f, i, j in np.ndindex(shape):
        window = _window(n, f, i, j, w.shape, stride, groups)
        out[n, f, i, j] = np.sum(padded[window] * w[f]) + b[f]
    return out, (padded, w, shape, stride, pad, groups)


def conv2d_backward_naive(dout: np.ndarray, cache: NaiveCache) -> Gradients:
    """The gradients of `conv2d_forward_naive`: every output sends its dout back to all it read.

    A pixel is in many windows, a weight is used at every place: so both sum up what comes.

    Arguments, results and errors are those of `conv2d_backward`, which is fast.

    >>> x = np.arange(9.0).reshape(1, 1, 3, 3)
    >>> out, cache = conv2d_forward_naive(x, np.ones((1, 1, 2, 2)), np.zeros(1))
    >>> dx, dw, db = conv2d_backward_naive(np.ones((1, 1, 2, 2)), cache)
    >>> dx
    array([[[[1., 2., 1.],
             [2., 4., 2.],
             [1., 2., 1.]]]])

    References: lecun1989
    """
    padded, w, shape, stride, pad, groups = cache
    _check.floats("conv2d_backward_naive", dout=dout)
    _check.shape("conv2d_backward_naive", "dout", dout, shape)
    dx = np.zeros(padded.shape, np.result_type(dout, w))
    dw = np.zeros(w.shape, np.result_type(dout, padded))
    for n, f, i, j in np.ndindex(shape):
        window = _window(n, f, i, j, w.shape, stride, groups)
        dx[window] += dout[n, f, i, j] * w[f]
        dw[f] += dout[n, f, i, j] * padded[window]
    return without_border(dx, pad), dw, dout.sum(axis=(0, 2, 3))


def conv2d_forward(
    x: np.ndarray, w: np.ndarray, b: np.ndarray, *, stride: int = 1, pad: int = 0, groups: int = 1
) -> tuple[np.ndarray, Cache]:
    """Convolution: F filters move over x in steps of `stride`; each gives one channel of out.

        H_out = ⌊(H + 2·pad − KH) / stride⌋ + 1,   W_out likewise

    x: (N, C, H, W), framed by `pad` zeros on all sides; w: (F, C / groups, KH, KW); b: (F,).
    groups: channels and filters are cut into so many equal parts, and each part of the filters
    sees its own part of the channels only; groups = C is called a depthwise convolution.
    An empty batch, N = 0, gives an empty out.
    Returns out: (N, F, H_out, W_out), a view of memory in the order (N, H_out, W_out, F), and
    cache for `conv2d_backward`.
    Raises TypeError for arrays that are not floats and settings that are not whole numbers,
    ValueError for shapes that do not fit, groups that do not divide, and a kernel that is larger
    than the framed x.

    As everywhere in deep learning, the filter is not flipped: mathematics calls this correlation.

    >>> x = np.arange(9.0).reshape(1, 1, 3, 3)
    >>> out, cache = conv2d_forward(x, np.ones((1, 1, 2, 2)), np.zeros(1), stride=2, pad=1)
    >>> out
    array([[[[ 0.,  3.],
             [ 9., 24.]]]])

    References: lecun1989, chellapilla2006, krizhevsky2012
    """
    op = "conv2d_forward"
    _check.floats(op, x=x, w=w, b=b)
    (n, f, *place), stride, pad, groups = _check.convolution(op, x, w, b, stride, pad, groups)
    windows = _windows(x, w.shape[2:], stride, pad, groups)
    # (F, C/G, KH, KW) -> (G, KH·KW·C/G, F/G): the rows in the order of the numbers of a patch
    weights = w.reshape(groups, f // groups, *w.shape[1:]).transpose(0, 3, 4, 2, 1)
    weights = weights.reshape(groups, -1, f // groups)
    out = np.empty((n, math.prod(place), groups, f // groups), np.result_type(x, w, b))
    for some in _blocks(windows):
        np.matmul(_patches(windows[some]), weights, out=out[some].swapaxes(1, 2))
        out[some] += b.reshape(groups, -1)
    return np.moveaxis(out.reshape(n, *place, f), -1, 1), (windows, w, x.shape, stride, pad)


def conv2d_backward(dout: np.ndarray, cache: Cache) -> Gradients:
    """The gradients of `conv2d_forward`, matrix products as well, picture by picture.

        dw = Σₙ doutₙ patchesₙ,   db = Σ dout,   dx: doutₙᵀ w, each number back to its window

    dout: (N, F, H_out, W_out), the upstream gradient; cache: from `conv2d_forward`.
    Returns dx: (N, C, H, W), dw: (F, C / groups, KH, KW), db: (F,); dx and dw are views of memory
    that has their channels last.
    Raises TypeError if dout is not floats, ValueError if its shape is not that of out.

    >>> x = np.arange(9.0).reshape(1, 1, 3, 3)
    >>> out, cache = conv2d_forward(x, np.ones((1, 1, 2, 2)), np.zeros(1))
    >>> dx, dw, db = conv2d_backward(np.ones((1, 1, 2, 2)), cache)
    >>> dw
    array([[[[ 8., 12.],
             [20., 24.]]]])

    References: lecun1989, chellapilla2006
    """
    dw, db = _parameter_gradients(dout, cache)
    return _input_gradient(dout, cache), dw, db


class Conv2d(Layer):
    """A convolution with He's initial weights.

    weight: (out_channels, in_channels / groups, KH, KW), normal with the deviation
    √(2 / (KH·KW·in_channels / groups)), for the ReLU behind it; bias: (out_channels,), zeros, or
    none at all with bias=False, which is usual before BatchNorm.
    kernel_size: a number, or (KH, KW); stride ≥ 1; padding ≥ 0; groups divides both channels.
    `rng` draws the weights; `dtype` is float64 unless you ask for np.float32.

    >>> layer = Conv2d(3, 6, 5, rng=np.random.default_rng(0))
    >>> layer.forward(np.zeros((1, 3, 32, 32)), training=True, rng=None).shape
    (1, 6, 28, 28)

    References: lecun1989, he2015
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, int],
        *,
        stride: int = 1,
        padding: int = 0,
        groups: int = 1,
        bias: bool = True,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        super().__init__()
        c = _check.count("Conv2d", "in_channels", in_channels)
        f = _check.count("Conv2d", "out_channels", out_channels)
        if not (isinstance(kernel_size, tuple) and len(kernel_size) == 2):
            kernel_size = (kernel_size, kernel_size)
        kernel = [_check.count("Conv2d", "kernel_size", size) for size in kernel_size]
        self.stride = _check.count("Conv2d", "stride", stride)
        self.padding = _check.count("Conv2d", "padding", padding, at_least=0)
        self.groups = _check.count("Conv2d", "groups", groups)
        _check.divides("Conv2d", "groups", self.groups, in_channels=c, out_channels=f)
        _check.flag("Conv2d", "bias", bias)
        _check.generator("Conv2d", rng)
        shape = (f, c // self.groups, *kernel)
        std = math.sqrt(2 / math.prod(shape[1:]))
        weight = (std * rng.standard_normal(shape)).astype(dtype)
        _check.floats("Conv2d", weight=weight)
        self.params = {"weight": weight} | ({"bias": np.zeros(f, dtype)} if bias else {})

    def forward(
        self, x: np.ndarray, *, training: bool, rng: np.random.Generator | None
    ) -> np.ndarray:
        """Return the convolution of x; training and rng make no difference."""
        weight = self.params["weight"]
        bias = self.params.get("bias", np.zeros(len(weight), weight.dtype))
        out, self.cache = conv2d_forward(
            x, weight, bias, stride=self.stride, pad=self.padding, groups=self.groups
        )
        return out

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """Return dx; fill `grads` with those of weight and bias."""
        self.backward_params(dout)
        return _input_gradient(dout, self.cache)

    def backward_params(self, dout: np.ndarray) -> None:
        """Fill `grads` only, for about half the work of `backward`."""
        grads = zip(("weight", "bias"), _parameter_gradients(dout, self._cached()), strict=True)
        self.grads = {name: grad for name, grad in grads if name in self.params}


def _window(
    n: int, f: int, i: int, j: int, w_shape: Shape, stride: int, groups: int
) -> tuple[int | slice, ...]:
    """The index of what filter f sees of picture n at place (i, j): its part of the channels."""
    filters, channels, height, width = w_shape
    first, top, left = f // (filters // groups) * channels, i * stride, j * stride
    return (
        n,
        slice(first, first + channels),
        slice(top, top + height),
        slice(left, left + width),
    )


def _windows(x: np.ndarray, kernel: Shape, stride: int, pad: int, groups: int) -> np.ndarray:
    """Every window of the padded x, as a view: (N, G, H_out, W_out, KH, KW, C/G)."""
    last = np.moveaxis(x, 1, -1)
    if pad:
        last = np.pad(last, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    split = np.ascontiguousarray(last).reshape(*last.shape[:3], groups, x.shape[1] // groups)
    windows = sliding_window_view(split, kernel, axis=(1, 2))[:, ::stride, ::stride]
    return windows.transpose(0, 3, 1, 2, 5, 6, 4)


def _blocks(windows: np.ndarray) -> Iterator[slice]:
    """Cut the batch into blocks of pictures whose patches fill the cache; one picture at least."""
    pictures = max(1, PATCH_BYTES * len(windows) // max(1, windows.nbytes))
    for first in range(0, len(windows), pictures):
        yield slice(first, first + pictures)


def _patches(windows: np.ndarray) -> np.ndarray:
    """Lay each window out as a row: (N, G, H_out·W_out, KH·KW·C/G), a copy unless it is 1×1."""
    n, groups, height, width, *window = windows.shape
    return windows.reshape(n, groups, height * width, math.prod(window))


def _parameter_gradients(dout: np.ndarray, cache: Cache) -> tuple[np.ndarray, np.ndarray]:
    """Check dout; return dw and db."""
    windows, w, *_ = cache
    n, groups, height, width, *window = windows.shape
    _check.floats("conv2d_backward", dout=dout)
    _check.shape("conv2d_backward", "dout", dout, (n, len(w), height, width))
    g = dout.reshape(n, groups, len(w) // groups, height * width)
    dw = np.zeros((groups, len(w) // groups, math.prod(window)), np.result_type(dout, windows))
    for some in _blocks(windows):
        dw += (g[some] @ _patches(windows[some])).sum(axis=0)
    return np.moveaxis(dw.reshape(len(w), *window), -1, 1), dout.sum(axis=(0, 2, 3))


def _input_gradient(dout: np.ndarray, cache: Cache) -> np.ndarray:
    """Return dx: what goes back through w[:, :, p, q] belongs to the pixels that it had seen."""
    windows, w, (n, c, h, wd), stride, pad = cache
    _, groups, height, width, kh, kw, _ = windows.shape
    g = dout.reshape(n, groups, len(w) // groups, height * width).swapaxes(2, 3)
    taps = np.ascontiguousarray(w.transpose(2, 3, 0, 1))
    taps = taps.reshape(kh, kw, groups, len(w) // groups, c // groups)
    dx = np.zeros((n, h + 2 * pad, wd + 2 * pad, groups, c // groups), np.result_type(dout, w))
    for some in _blocks(windows):
        for p, q in np.ndindex(kh, kw):
            part = (g[some] @ taps[p, q]).reshape(-1, groups, height, width, c // groups)
            rows = slice(p, p + stride * height, stride)
            columns = slice(q, q + stride * width, stride)
            dx[some, rows, columns] += np.moveaxis(part, 1, 3)
    return without_border(np.moveaxis(dx.reshape(*dx.shape[:3], c), -1, 1), pad)
