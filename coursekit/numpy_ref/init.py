"""Initial weights: how large, and how different, before the first step.

The size decides whether signals grow or shrink on their way through the layers, forward and back.
Shapes are those of weights: (D, M) for `affine_forward`, (F, C, KH, KW) for a convolution. The last
two functions look at data as well, and give all parameters of a network at once.
"""

import copy
import math
from collections.abc import Callable

import numpy as np
from numpy.typing import DTypeLike

from coursekit.numpy_ref import _check
from coursekit.numpy_ref.layers import Container, Layer, Residual, Sequential

Shape = tuple[int, ...]


def fans(shape: Shape) -> tuple[int, int]:
    """How many values enter a unit (fan in), and how many units a value enters (fan out).

        (D, M):          fan in D          fan out M
        (F, C, KH, KW):  fan in C·KH·KW    fan out F·KH·KW  (of stride 1, away from the border)

    shape: a tuple, of a weight. Returns (fan_in, fan_out).
    Raises TypeError unless shape is a tuple of integers, ValueError for other sizes or ranks.

    >>> fans((64, 3, 5, 5))
    (75, 1600)

    References: glorot2010
    """
    return _fans("fans", shape)


def zeros(shape: Shape, *, dtype: DTypeLike = "float64") -> np.ndarray:
    """All zeros: right for biases, wrong for weights.

    Units with equal weights compute the same and get the same gradient: they stay equal forever,
    and a layer of a hundred is worth one. If all layers start at zero, none of their weights moves.

    shape: a tuple of any rank ≥ 1; dtype: a float type. Returns the array.
    Raises TypeError for other types, ValueError for sizes below 1.

    >>> zeros((2, 3))
    array([[0., 0., 0.],
           [0., 0., 0.]])

    References: goodfellow2016
    """
    return np.zeros(_sizes("zeros", shape), _float_type("zeros", dtype))


def normal(
    shape: Shape, *, std: float, rng: np.random.Generator, dtype: DTypeLike = "float64"
) -> np.ndarray:
    """Independent normal values: w ~ N(0, std²).

    The same std for all layers is what deep networks do not forgive: each layer multiplies the
    size of the signal by about std·√fan_in.

    shape: a tuple of any rank ≥ 1; std ≥ 0; dtype: a float type. Returns the array.
    Raises TypeError for other types, ValueError for sizes below 1 or std out of range.

    >>> normal((500, 500), std=0.01, rng=np.random.default_rng(0)).std().round(4)
    np.float64(0.01)

    References: glorot2010
    """
    _sizes("normal", shape)
    std = _check.in_range("normal", "std", std, "[0, inf)")
    return _draw("normal", shape, std, rng, "normal", dtype)


def xavier(
    shape: Shape,
    *,
    rng: np.random.Generator,
    fan: str = "avg",
    distribution: str = "normal",
    gain: float = 1.0,
    dtype: DTypeLike = "float64",
) -> np.ndarray:
    """Xavier Glorot's: signals keep their size through linear layers, and nearly through tanh.

        fan="avg":  Var w = gain² · 2 / (fan_in + fan_out)
        fan="in":   Var w = gain² / fan_in

    A sum of fan_in terms has fan_in times the variance of one: 1 / fan_in undoes that. The
    gradient on its way back is a sum of fan_out terms, and "avg", the paper's and PyTorch's form,
    is the compromise. Many texts mean "in", which Caffe made popular; for square layers the two
    agree. ReLU halves the power of the signal: see `he`.

    shape: (D, M) or (F, C, KH, KW); fan: "avg" or "in"; distribution: "normal" or "uniform", on
    ±√(3 Var w); gain > 0; dtype: a float type. Returns the array.
    Raises TypeError for other types, ValueError for other shapes, names or ranges.

    >>> xavier((500, 500), rng=np.random.default_rng(0)).var().round(4)
    np.float64(0.002)

    References: glorot2010, jia2014
    """
    fan_in, fan_out = _fans("xavier", shape)
    _check.choice("xavier", "fan", fan, ("avg", "in"))
    gain = _check.in_range("xavier", "gain", gain, "(0, inf)")
    std = gain / math.sqrt(fan_in if fan == "in" else (fan_in + fan_out) / 2)
    return _draw("xavier", shape, std, rng, distribution, dtype)


def he(
    shape: Shape,
    *,
    rng: np.random.Generator,
    fan: str = "in",
    distribution: str = "normal",
    negative_slope: float = 0.0,
    dtype: DTypeLike = "float64",
) -> np.ndarray:
    """Kaiming He's: signals keep their size through ReLU, or a leaky ReLU of slope a.

        Var w = 2 / ((1 + a²) · fan)

    ReLU sets half of the values to 0, and with them half of Σx²: the factor 2 makes up for that.
    fan "in" keeps the size of the signal on its way forward, "out" that of the gradient; one is
    enough, for the other is then off by a constant only, however deep the network.

    shape: (D, M) or (F, C, KH, KW); fan: "in" or "out"; distribution: "normal" or "uniform", on
    ±√(3 Var w); negative_slope: a, any number; dtype: a float type. Returns the array.
    Raises TypeError for other types, ValueError for other shapes, names or ranges.

    >>> he((500, 500), rng=np.random.default_rng(0)).var().round(4)
    np.float64(0.004)

    References: he2015
    """
    fan_in, fan_out = _fans("he", shape)
    _check.choice("he", "fan", fan, ("in", "out"))
    a = _check.in_range("he", "negative_slope", negative_slope, "(-inf, inf)")
    std = math.sqrt(2 / ((1 + a * a) * (fan_in if fan == "in" else fan_out)))
    return _draw("he", shape, std, rng, distribution, dtype)


def orthogonal(
    shape: Shape,
    *,
    rng: np.random.Generator,
    gain: float = 1.0,
    dtype: DTypeLike = "float64",
) -> np.ndarray:
    """A random orthogonal matrix: every length is kept exactly, not only on average.

    Its rows are orthonormal, or its columns if it has more rows than columns. It is the Q of a
    normal matrix's QR decomposition, with the signs that make all such matrices equally likely.
    A convolution's weight is orthogonal as a matrix of F rows.

    shape: (D, M) or (F, C, KH, KW); gain > 0 multiplies the matrix; dtype: a float type.
    Returns the array.
    Raises TypeError for other types, ValueError for other shapes or gain out of range.

    >>> w = orthogonal((2, 3), rng=np.random.default_rng(0))
    >>> (w @ w.T).round(12) + 0
    array([[1., 0.],
           [0., 1.]])

    References: saxe2014, mezzadri2007
    """
    _fans("orthogonal", shape)
    gain = _check.in_range("orthogonal", "gain", gain, "(0, inf)")
    draws = _draw("orthogonal", shape, 1.0, rng, "normal", "float64").reshape(shape[0], -1)
    wide = draws.shape[0] < draws.shape[1]
    q, r = np.linalg.qr(draws.T if wide else draws)
    q = gain * q * np.copysign(1.0, np.diag(r))
    return (q.T if wide else q).reshape(shape).astype(_float_type("orthogonal", dtype))


def random_walk(
    shape: Shape,
    *,
    rng: np.random.Generator,
    nonlinearity: str = "relu",
    dtype: DTypeLike = "float64",
) -> np.ndarray:
    """Sussillo and Abbott's: the gradient's *log* length stays put, layer after layer.

        Var w = g² / N,   g = √2 · exp(1.2 / (max(N, 6) − 2.4))  for ReLU,
                          g = exp(1 / (2N))                      for linear layers

    On its way back the log of the gradient's length takes a random step at each layer. √2 makes
    the *mean square* right; but the log of a mean is more than the mean of the log, so that in a
    typical draw the walk drifts down. This g has no drift. In wide layers it is He's √2.

    shape: (D, M) or (F, C, KH, KW); N is the fan in, the length of the gradient that comes out;
    nonlinearity: "relu" or "linear"; dtype: a float type. Returns the array.
    Raises TypeError for other types, ValueError for other shapes or names.

    >>> w, plain = (f((10, 10), rng=np.random.default_rng(0)) for f in (random_walk, he))
    >>> (w / plain)[0, 0].round(4)  # exp(1.2 / 7.6)
    np.float64(1.171)

    References: sussillo2014
    """
    n, _ = _fans("random_walk", shape)
    _check.choice("random_walk", "nonlinearity", nonlinearity, ("relu", "linear"))
    relu = nonlinearity == "relu"
    g = math.sqrt(2) * math.exp(1.2 / (max(n, 6) - 2.4)) if relu else math.exp(1 / (2 * n))
    return _draw("random_walk", shape, g / math.sqrt(n), rng, "normal", dtype)


def data_dependent(net: Sequential, x: np.ndarray) -> dict[str, np.ndarray]:
    """Krähenbühl's: each unit's output has mean 0 and deviation 1 on the data x.

    Layer by layer, first to last, with μ and σ of a unit's outputs over the samples (and, in a
    convolution, over the places): w ← w / σ, b ← (b − μ) / σ. The next layer sees the new
    outputs. The directions of the weights stay as the net has them, whatever drew them. This is
    the paper's step within layers; its second step, which balances gradients between layers, is
    not done here.

    net: a `Sequential`, with others and `Residual` in it or not; it is left alone. x: (N, ...), a
    batch of what the net will see. The pass is one of evaluation, without dropout. Layers whose
    weights have two axes (linear) or four (convolution) are adjusted; one without a bias gets the
    deviation only.
    Returns params: all parameters by name, for `net.load(params)`.
    Raises TypeError for other types, ValueError if x is empty or a unit gives the same for all x.

    >>> from coursekit.numpy_ref import Linear
    >>> net = Sequential(Linear(1, 1, rng=np.random.default_rng(0)))
    >>> net.load(data_dependent(net, np.array([[4.0], [6.0], [8.0], [10.0]])))
    >>> abs(net.forward(np.array([[7.0], [12.0]]), training=False, rng=None)).round(6)
    array([[0.      ],
           [2.236068]])

    References: krahenbuhl2016
    """
    return _layer_by_layer("data_dependent", net, x, _standardize_units)


def lsuv(
    net: Sequential,
    x: np.ndarray,
    *,
    rng: np.random.Generator,
    tolerance: float = 0.05,
    max_iterations: int = 10,
) -> dict[str, np.ndarray]:
    """Layer-sequential unit variance: orthonormal weights, scaled until the output's variance is 1.

    Layer by layer, first to last: draw w by `orthogonal`; then repeat w ← w / √Var(out), with the
    variance of all the layer's outputs on x, until |Var(out) − 1| ≤ tolerance. The biases stay as
    the net has them: at 0, as is usual, one division is exact; others take a few.

    net, x: as for `data_dependent`; rng draws the weights; tolerance > 0; max_iterations ≥ 1.
    Returns params: all parameters by name, for `net.load(params)`.
    Raises TypeError for other types, ValueError for other ranges, if x is empty, if a layer gives
    the same for all x, or if its variance is not 1 after max_iterations.

    >>> from coursekit.numpy_ref import Linear
    >>> rng = np.random.default_rng(0)
    >>> net = Sequential(Linear(30, 20, rng=rng))
    >>> x = 7 * rng.standard_normal((100, 30))
    >>> net.load(lsuv(net, x, rng=rng))
    >>> net.forward(x, training=False, rng=None).var().round(6)
    np.float64(1.0)

    References: mishkin2016
    """
    _check.generator("lsuv", rng)
    tolerance = _check.in_range("lsuv", "tolerance", tolerance, "(0, inf)")
    max_iterations = _check.count("lsuv", "max_iterations", max_iterations)

    def scale_to_unit_variance(op: str, name: str, layer: Layer, x: np.ndarray) -> None:
        w = layer.params["weight"]
        w, variance = orthogonal(w.shape, rng=rng, dtype=w.dtype), math.nan
        _set(layer, weight=w)
        for _ in range(max_iterations):
            w = w / float(_deviation(op, name, _evaluate(layer, x), axis=None))
            _set(layer, weight=w)
            variance = float(_evaluate(layer, x).var())
            if not abs(variance - 1) > tolerance:  # NaN ends it too
                return
        wrong, hint = f"{name}weight does not converge", "Try smaller biases or more iterations."
        expected = f"an output of variance 1 ± {tolerance} after {max_iterations} iterations"
        raise ValueError(_check.message(op, wrong, expected, f"{variance:.3g}", hint))

    return _layer_by_layer("lsuv", net, x, scale_to_unit_variance)


def _draw(
    op: str, shape: Shape, std: float, rng: np.random.Generator, distribution: str, dtype: DTypeLike
) -> np.ndarray:
    """Draw values of mean 0 and this deviation: always in float64, then rounded to dtype."""
    _check.generator(op, rng)
    _check.choice(op, "distribution", distribution, ("normal", "uniform"))
    float_type = _float_type(op, dtype)
    if distribution == "normal":
        return (std * rng.standard_normal(shape)).astype(float_type)
    bound = math.sqrt(3) * std  # a uniform value on ±bound has the variance bound² / 3
    return rng.uniform(-bound, bound, shape).astype(float_type)


def _fans(op: str, shape: object) -> tuple[int, int]:
    """`fans`, in the name of another function."""
    sizes = _sizes(op, shape)
    if len(sizes) not in (2, 4):
        wrong, expected = "shape is not a weight's", "(D, M) or (F, C, KH, KW)"
        raise ValueError(_check.message(op, wrong, expected, sizes))
    if len(sizes) == 2:
        return sizes[0], sizes[1]
    f, c, kh, kw = sizes
    return c * kh * kw, f * kh * kw


def _sizes(op: str, shape: object) -> Shape:
    """Check that `shape` is a tuple of one size or more, each at least 1; return it."""
    if not isinstance(shape, tuple):
        got = type(shape).__name__
        raise TypeError(_check.message(op, "shape is not a tuple", "a tuple of sizes", got))
    if not shape:
        raise ValueError(_check.message(op, "shape is empty", "one size or more", shape))
    return tuple(_check.count(op, "a size in shape", size) for size in shape)


def _float_type(op: str, dtype: DTypeLike) -> np.dtype:
    """Return the NumPy float type that `dtype` names."""
    try:
        float_type = np.dtype(dtype)
    except (TypeError, ValueError):
        float_type = None
    if float_type is None or float_type.kind != "f":
        expected, got = "a float type such as np.float32", repr(dtype)
        raise TypeError(_check.message(op, "dtype is not a float type", expected, got))
    return float_type


def _layer_by_layer(
    op: str, net: Sequential, x: np.ndarray, adjust: Callable[[str, str, Layer, np.ndarray], None]
) -> dict[str, np.ndarray]:
    """Adjust all weights of a copy of the net, each to what reaches it; return the parameters."""
    if not isinstance(net, Sequential):
        got = type(net).__name__
        raise TypeError(_check.message(op, "net is not a Sequential", "a Sequential", got))
    _check.floats(op, x=x)
    _check.not_empty(op, "x", x)
    net = copy.deepcopy(net)
    _pass_on(op, "", net, x, adjust)
    return dict(net.params)


def _pass_on(op: str, name: str, layer: Layer, x: np.ndarray, adjust: Callable) -> np.ndarray:
    """Return layer(x); each layer in it that has a weight is adjusted before x passes it."""
    if isinstance(layer, Sequential):
        for child, inner in layer.children.items():
            x = _pass_on(op, f"{name}{child}.", inner, x, adjust)
        return x
    if isinstance(layer, Residual):
        for child, inner in layer.children.items():
            _pass_on(op, f"{name}{child}.", inner, x, adjust)
    elif isinstance(layer, Container):
        wrong, got = f"layer {name[:-1]} is of an unknown kind", type(layer).__name__
        raise TypeError(_check.message(op, wrong, "Sequential or Residual to hold layers", got))
    elif np.ndim(layer.params.get("weight", 0)) in (2, 4):
        adjust(op, name, layer, x)
    return _evaluate(layer, x)


def _standardize_units(op: str, name: str, layer: Layer, x: np.ndarray) -> None:
    """Give each unit's output mean 0 and deviation 1."""
    out, w = _evaluate(layer, x), layer.params["weight"]
    axes = (0, *range(2, out.ndim))
    mean, std = out.mean(axis=axes), _deviation(op, name, out, axes)
    _set(layer, weight=w / (std if w.ndim == 2 else std.reshape(-1, 1, 1, 1)))
    if "bias" in layer.params:
        _set(layer, bias=(layer.params["bias"] - mean) / std)


def _evaluate(layer: Layer, x: np.ndarray) -> np.ndarray:
    """Pass x through the layer in evaluation: nothing is dropped."""
    return layer.forward(x, training=False, rng=None)


def _deviation(op: str, name: str, out: np.ndarray, axis: tuple[int, ...] | None) -> np.ndarray:
    """Return the standard deviation over these axes, or raise where it is but rounding."""
    std = np.asarray(out.std(axis=axis))
    if np.any(std <= 100 * np.finfo(out.dtype).eps * np.abs(out).max(axis=axis)):
        wrong, expected = f"{name}weight gives constant output", "outputs that vary with x"
        hint = "Try more samples, or other weights."
        raise ValueError(_check.message(op, wrong, expected, "one value for all of x", hint))
    return std


def _set(layer: Layer, **params: np.ndarray) -> None:
    """Replace some of the layer's parameters."""
    layer.params = {**layer.params, **params}
