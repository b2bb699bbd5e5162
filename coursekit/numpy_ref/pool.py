"""Pooling: one number for each window of each channel, so that pictures shrink.

`max_pool_forward_naive` is the definition, in loops. The others use that the largest value of a
window is the largest of its rows' largest values, and the mean is the mean of its rows' means: they
go along one axis at a time, 2·size steps instead of size², each over all windows at once.
Results are in memory in the same order as x, NCHW or channels last.
"""

from collections.abc import Iterable, Iterator

import numpy as np

from coursekit.numpy_ref import _check
from coursekit.numpy_ref._padding import without_border
from coursekit.numpy_ref.layers import Layer

Shape = tuple[int, ...]
MaxCache = tuple[np.ndarray, np.ndarray, Shape, int, int, int]
NaiveCache = tuple[np.ndarray, Shape, int, int, int]
AvgCache = tuple[Shape, Shape, int, int, int]

ROWS, COLUMNS = 2, 3  # the axes of (N, C, H, W) along which windows move


def max_pool_forward_naive(
    x: np.ndarray, *, size: int, stride: int | None = None, pad: int = 0
) -> tuple[np.ndarray, NaiveCache]:
    """Max pooling by its definition: look at every window, take the largest value.

    Arguments, results and errors are those of `max_pool_forward`, which is fast.

    >>> out, cache = max_pool_forward_naive(np.arange(16.0).reshape(1, 1, 4, 4), size=2)
    >>> out
    array([[[[ 5.,  7.],
             [13., 15.]]]])

    References: boureau2010
    """
    _check.floats("max_pool_forward_naive", x=x)
    size, stride, pad = _check.pooling("max_pool_forward_naive", x, size, stride, pad)
    padded = _padded(x, pad, -np.inf)
    height, width = ((length - size) // stride + 1 for length in padded.shape[ROWS:])
    out = np.empty((*x.shape[:2], height, width), x.dtype)
    for n, c, i, j in np.ndindex(out.shape):
        top, left = i * stride, j * stride
        out[n, c, i, j] = padded[n, c, top : top + size, left : left + size].max()
    return out, (padded, out.shape, size, stride, pad)


def max_pool_backward_naive(dout: np.ndarray, cache: NaiveCache) -> np.ndarray:
    """The gradient of `max_pool_forward_naive`: each dout goes to the largest value it came from.

    Arguments, results and errors are those of `max_pool_backward`, which is fast.

    >>> x = np.array([[[[1.0, 3.0], [3.0, 2.0]]]])
    >>> out, cache = max_pool_forward_naive(x, size=2)
    >>> max_pool_backward_naive(np.array([[[[5.0]]]]), cache)
    array([[[[0., 5.],
             [0., 0.]]]])

    References: boureau2010
    """
    padded, shape, size, stride, pad = cache
    _check.floats("max_pool_backward_naive", dout=dout)
    _check.shape("max_pool_backward_naive", "dout", dout, shape)
    dx = np.zeros(padded.shape, dout.dtype)
    for n, c, i, j in np.ndindex(shape):
        top, left = i * stride, j * stride
        window = padded[n, c, top : top + size, left : left + size]
        row, column = divmod(int(window.argmax()), size)
        dx[n, c, top + row, left + column] += dout[n, c, i, j]
    return without_border(dx, pad)


def max_pool_forward(
    x: np.ndarray, *, size: int, stride: int | None = None, pad: int = 0
) -> tuple[np.ndarray, MaxCache]:
    """The largest value of each window: out[n, c, i, j] = max x[n, c, i·s : i·s + size, j·s : ...].

        H_out = ⌊(H + 2·pad − size) / s⌋ + 1,   W_out likewise,   s = stride

    Whether a feature is somewhere in the window matters, not where.

    x: (N, C, H, W), framed by `pad` times −∞ on all sides, which never wins; N = 0 gives an empty
    out. size ≥ 1; stride ≥ 1, by default the size: then windows touch, with a smaller stride they
    overlap; 0 ≤ pad ≤ size/2. A window with a NaN gives NaN.
    Returns out: (N, C, H_out, W_out), and cache for `max_pool_backward`.
    Raises TypeError if x is not floats or a setting not a whole number, ValueError for shapes and
    settings out of range, and for a window that is larger than the padded x.

    >>> x = np.arange(16.0).reshape(1, 1, 4, 4)
    >>> out, cache = max_pool_forward(x, size=2)
    >>> out
    array([[[[ 5.,  7.],
             [13., 15.]]]])

    References: boureau2010, krizhevsky2012
    """
    _check.floats("max_pool_forward", x=x)
    size, stride, pad = _check.pooling("max_pool_forward", x, size, stride, pad)
    best_of_rows, column = _max_along(COLUMNS, _padded(x, pad, -np.inf), size, stride)
    out, row = _max_along(ROWS, best_of_rows, size, stride)
    return out, (row, column, x.shape, size, stride, pad)


def max_pool_backward(dout: np.ndarray, cache: MaxCache) -> np.ndarray:
    """The gradient of `max_pool_forward`: all of dout goes to the largest value of the window.

    Where several are equally large, like the zeros behind a ReLU, the first one takes it all, row
    by row and from left to right, as in PyTorch. Overlapping windows add up.

    dout: (N, C, H_out, W_out), the upstream gradient; cache: from `max_pool_forward`.
    Returns dx: (N, C, H, W).
    Raises TypeError if dout is not floats, ValueError if its shape is not that of out.

    >>> x = np.array([[[[1.0, 3.0], [3.0, 2.0]]]])
    >>> out, cache = max_pool_forward(x, size=2)
    >>> max_pool_backward(np.array([[[[5.0]]]]), cache)
    array([[[[0., 5.],
             [0., 0.]]]])

    References: boureau2010
    """
    row, column, shape, size, stride, pad = cache
    _check.floats("max_pool_backward", dout=dout)
    _check.shape("max_pool_backward", "dout", dout, row.shape)
    won = (row == tap for tap in range(size))
    drows = _back_along(ROWS, dout, won, shape[ROWS] + 2 * pad, size, stride)
    won = (column == tap for tap in range(size))
    dx = _back_along(COLUMNS, drows, won, shape[COLUMNS] + 2 * pad, size, stride)
    return without_border(dx, pad)


def avg_pool_forward(
    x: np.ndarray, *, size: int, stride: int | None = None, pad: int = 0
) -> tuple[np.ndarray, AvgCache]:
    """The mean of each window: out[n, c, i, j] = mean x[n, c, i·s : i·s + size, j·s : j·s + size].

    x: (N, C, H, W), framed by `pad` zeros on all sides, which count like other values (PyTorch's
    count_include_pad=True): every window divides by size². N = 0 gives an empty out.
    size, stride, pad, the shape of out and the errors are those of `max_pool_forward`.
    Returns out: (N, C, H_out, W_out), and cache for `avg_pool_backward`.

    >>> x = np.arange(16.0).reshape(1, 1, 4, 4)
    >>> out, cache = avg_pool_forward(x, size=2)
    >>> out
    array([[[[ 2.5,  4.5],
             [10.5, 12.5]]]])

    References: boureau2010
    """
    _check.floats("avg_pool_forward", x=x)
    size, stride, pad = _check.pooling("avg_pool_forward", x, size, stride, pad)
    mean_of_rows = _mean_along(COLUMNS, _padded(x, pad, 0.0), size, stride)
    out = _mean_along(ROWS, mean_of_rows, size, stride)
    return out, (x.shape, out.shape, size, stride, pad)


def avg_pool_backward(dout: np.ndarray, cache: AvgCache) -> np.ndarray:
    """The gradient of `avg_pool_forward`: every value of a window gets dout / size².

    dout: (N, C, H_out, W_out), the upstream gradient; cache: from `avg_pool_forward`.
    Returns dx: (N, C, H, W).
    Raises TypeError if dout is not floats, ValueError if its shape is not that of out.

    >>> out, cache = avg_pool_forward(np.ones((1, 1, 2, 2)), size=2)
    >>> avg_pool_backward(np.array([[[[8.0]]]]), cache)
    array([[[[2., 2.],
             [2., 2.]]]])

    References: boureau2010
    """
    shape, out_shape, size, stride, pad = cache
    _check.floats("avg_pool_backward", dout=dout)
    _check.shape("avg_pool_backward", "dout", dout, out_shape)
    share = [1 / size] * size
    drows = _back_along(ROWS, dout, share, shape[ROWS] + 2 * pad, size, stride)
    dx = _back_along(COLUMNS, drows, share, shape[COLUMNS] + 2 * pad, size, stride)
    return without_border(dx, pad)


def global_avg_pool_forward(x: np.ndarray) -> tuple[np.ndarray, Shape]:
    """The mean of each channel: out[n, c] = mean x[n, c].

    Behind the last convolution it replaces large affine layers, and pictures may be of any size.

    x: (N, C, H, W); N = 0 gives an empty out.
    Returns out: (N, C), and cache for `global_avg_pool_backward`.
    Raises TypeError if x is not floats, ValueError if its shape is not (N, C, H, W) or is empty.

    >>> global_avg_pool_forward(np.arange(8.0).reshape(1, 2, 2, 2))[0]
    array([[1.5, 5.5]])

    References: lin2014
    """
    _check.floats("global_avg_pool_forward", x=x)
    _check.pictures("global_avg_pool_forward", x)
    return x.mean(axis=(ROWS, COLUMNS)), x.shape


def global_avg_pool_backward(dout: np.ndarray, cache: Shape) -> np.ndarray:
    """The gradient of `global_avg_pool_forward`: every pixel gets dout / (H·W).

    dout: (N, C), the upstream gradient; cache: from `global_avg_pool_forward`.
    Returns dx: (N, C, H, W).
    Raises TypeError if dout is not floats, ValueError if its shape is not that of out.

    >>> out, cache = global_avg_pool_forward(np.ones((1, 1, 2, 2)))
    >>> global_avg_pool_backward(np.array([[8.0]]), cache)
    array([[[[2., 2.],
             [2., 2.]]]])

    References: lin2014
    """
    n, c, height, width = cache
    _check.floats("global_avg_pool_backward", dout=dout)
    _check.shape("global_avg_pool_backward", "dout", dout, (n, c))
    share = dout / (height * width)
    return np.broadcast_to(share[:, :, None, None], cache).copy()


class MaxPool2d(Layer):
    """Max pooling: square windows of `kernel_size`, moved by `stride`, by default touching.

    >>> MaxPool2d(2).forward(np.ones((1, 3, 32, 32)), training=True, rng=None).shape
    (1, 3, 16, 16)

    References: boureau2010
    """

    def __init__(self, kernel_size: int, stride: int | None = None, padding: int = 0) -> None:
        super().__init__()
        self.windows = _checked_windows("MaxPool2d", kernel_size, stride, padding)

    def forward(
        self, x: np.ndarray, *, training: bool, rng: np.random.Generator | None
    ) -> np.ndarray:
        """Return the largest value of each window; training and rng make no difference."""
        out, self.cache = max_pool_forward(x, **self.windows)
        return out

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """Return dx: dout goes where the largest values were."""
        return max_pool_backward(dout, self._cached())


class AvgPool2d(Layer):
    """Average pooling: square windows of `kernel_size`, moved by `stride`, by default touching.

    >>> AvgPool2d(2).forward(np.ones((1, 3, 32, 32)), training=True, rng=None).shape
    (1, 3, 16, 16)

    References: boureau2010
    """

    def __init__(self, kernel_size: int, stride: int | None = None, padding: int = 0) -> None:
        super().__init__()
        self.windows = _checked_windows("AvgPool2d", kernel_size, stride, padding)

    def forward(
        self, x: np.ndarray, *, training: bool, rng: np.random.Generator | None
    ) -> np.ndarray:
        """Return the mean of each window; training and rng make no difference."""
        out, self.cache = avg_pool_forward(x, **self.windows)
        return out

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """Return dx: dout in equal shares."""
        return avg_pool_backward(dout, self._cached())


class GlobalAvgPool2d(Layer):
    """The mean of each channel, (N, C, H, W) -> (N, C): PyTorch's AdaptiveAvgPool2d(1), flat.

    >>> GlobalAvgPool2d().forward(np.ones((5, 3, 8, 8)), training=True, rng=None).shape
    (5, 3)

    References: lin2014
    """

    def forward(
        self, x: np.ndarray, *, training: bool, rng: np.random.Generator | None
    ) -> np.ndarray:
        """Return the means; training and rng make no difference."""
        out, self.cache = global_avg_pool_forward(x)
        return out

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """Return dx: dout in equal shares."""
        return global_avg_pool_backward(dout, self._cached())


def _max_along(axis: int, x: np.ndarray, size: int, stride: int) -> tuple[np.ndarray, np.ndarray]:
    """The largest value of every window along the axis, and where in the window it is."""
    first, *others = _taps(axis, x, size, stride)
    best = first.copy(order="K")
    winner = np.zeros_like(best, dtype=np.min_scalar_type(size))
    for tap, value in enumerate(others, start=1):
        value = value.copy(order="K")  # read twice, which is faster without gaps
        newly = np.multiply(value > best, tap, dtype=winner.dtype)
        np.maximum(winner, newly, out=winner)
        np.maximum(best, value, out=best)
    return best, winner


def _mean_along(axis: int, x: np.ndarray, size: int, stride: int) -> np.ndarray:
    """The mean of every window along the axis."""
    return np.asarray(sum(_taps(axis, x, size, stride))) / size


def _back_along(
    axis: int, dout: np.ndarray, shares: Iterable, length: int, size: int, stride: int
) -> np.ndarray:
    """Give value t of every window dout · shares[t], where windows overlap the sum of all."""
    dx = np.zeros_like(dout, shape=(*dout.shape[:axis], length, *dout.shape[axis + 1 :]))
    for value, share in zip(_taps(axis, dx, size, stride), shares, strict=True):
        if size <= stride:  # no overlap: to write is faster than to add
            value[...] = dout * share
        else:
            value += dout * share
    return dx


def _taps(axis: int, x: np.ndarray, size: int, stride: int) -> Iterator[np.ndarray]:
    """The first value of every window along the axis, then every second, ...: views of x."""
    for tap in range(size):
        steps = slice(tap, tap + x.shape[axis] - size + 1, stride)
        yield x[:, :, steps] if axis == ROWS else x[:, :, :, steps]


def _padded(x: np.ndarray, pad: int, value: float) -> np.ndarray:
    """Frame the pictures; np.pad would change their order in memory."""
    if pad == 0:
        return x
    n, c, height, width = x.shape
    padded = np.full_like(x, value, shape=(n, c, height + 2 * pad, width + 2 * pad))
    without_border(padded, pad)[...] = x
    return padded


def _checked_windows(op: str, kernel_size: int, stride: int | None, padding: int) -> dict:
    """The settings of a layer under the names that functions give them."""
    size = _check.count(op, "kernel_size", kernel_size)
    stride = None if stride is None else _check.count(op, "stride", stride)
    return {"size": size, "stride": stride, "pad": _check.count(op, "padding", padding, 0)}
