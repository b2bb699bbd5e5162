"""What activations promise, beyond the common tests: tails, limits, and what is said of slopes."""

import math

import numpy as np
import pytest
import torch

from coursekit import numpy_ref
from coursekit.numpy_ref import (
    ELU,
    GELU,
    LeakyReLU,
    PReLU,
    ReLU,
    Sigmoid,
    SiLU,
    Tanh,
    elu_backward,
    elu_forward,
    leaky_relu_backward,
    leaky_relu_forward,
    prelu_backward,
    prelu_forward,
    relu_backward,
    relu_forward,
    sigmoid_backward,
    sigmoid_forward,
    tanh_backward,
    tanh_forward,
)

FLOATS = pytest.mark.parametrize("dtype", [np.float32, np.float64])
# op, options, out at −∞ and at ∞, slope at −∞ and at ∞
LIMITS = pytest.mark.parametrize(
    ("op", "options", "outs", "slopes"),
    [
        ("sigmoid", {}, (0, 1), (0, 0)),
        ("tanh", {}, (-1, 1), (0, 0)),
        ("relu", {}, (0, np.inf), (0, 1)),
        ("leaky_relu", {"negative_slope": 0.5}, (-np.inf, np.inf), (0.5, 1)),
        ("prelu", {"alpha": np.array([0.5])}, (-np.inf, np.inf), (0.5, 1)),
        ("elu", {"alpha": 2.0}, (-2, np.inf), (0, 1)),
        ("silu", {}, (0, np.inf), (0, 1)),
        ("gelu", {}, (0, np.inf), (0, 1)),
        ("gelu", {"approximate": "tanh"}, (0, np.inf), (0, 1)),
    ],
)


def slope(op: str, x: np.ndarray, **options) -> np.ndarray:
    """The derivative of an activation at each x."""
    _, cache = getattr(numpy_ref, f"{op}_forward")(x, **options)
    grads = getattr(numpy_ref, f"{op}_backward")(np.ones_like(x), cache)
    return grads[0] if isinstance(grads, tuple) else grads


def out_of(op: str, x: np.ndarray, **options) -> np.ndarray:
    """The value of an activation at each x."""
    return getattr(numpy_ref, f"{op}_forward")(x, **options)[0]


@FLOATS
@LIMITS
def test_activation_reaches_its_limits_without_a_warning(op, options, outs, slopes, dtype):
    largest = np.finfo(dtype).max
    for sign, limit, flat in zip((-1, 1), outs, slopes, strict=True):
        far = np.array([1e4, 1e6, 1e15, largest, np.inf], dtype) * dtype(sign)
        expected = np.full(5, limit, dtype) if np.isfinite(limit) else far * dtype(flat)
        np.testing.assert_array_equal(out_of(op, far, **cast(options, dtype)), expected)
        np.testing.assert_array_equal(slope(op, far, **cast(options, dtype)), np.full(5, flat))


def cast(options: dict, dtype) -> dict:
    """Options with arrays of this type."""
    return {k: v.astype(dtype) if isinstance(v, np.ndarray) else v for k, v in options.items()}


@LIMITS
def test_activation_keeps_nan_and_touches_nothing_else(op, options, outs, slopes):
    x = np.array([-2.0, np.nan, 0.5])
    out = out_of(op, x, **options)
    assert np.isnan(out).tolist() == [False, True, False]
    np.testing.assert_array_equal(out[[0, 2]], out_of(op, x[[0, 2]], **options))


@pytest.mark.parametrize("op", ["sigmoid", "tanh", "elu", "silu", "gelu"])
def test_slope_of_a_smooth_activation_keeps_nan(op):
    assert np.isnan(slope(op, np.array([-2.0, np.nan, 0.5]))).tolist() == [False, True, False]


@LIMITS
def test_activation_of_both_zeros_is_the_same(op, options, outs, slopes):
    zeros = np.array([-0.0, 0.0])
    assert len(set(out_of(op, zeros, **options))) == len(set(slope(op, zeros, **options))) == 1


@LIMITS
@pytest.mark.parametrize("shape", [(), (3,), (2, 3, 4), (2, 1, 2, 3)])
def test_activation_takes_any_shape(op, options, outs, slopes, shape):
    x = np.asarray(np.random.default_rng(0).standard_normal(shape))
    each = [float(out_of(op, np.array([value]), **options)[0]) for value in x.flat]
    out = out_of(op, x, **options)
    assert out.shape == slope(op, x, **options).shape == shape
    np.testing.assert_allclose(out.ravel(), each, rtol=1e-14)


# --- sigmoid and tanh ---------------------------------------------------------------------------


@FLOATS
def test_sigmoid_keeps_its_digits_in_both_tails(dtype):
    size = np.arange(1, 80, dtype=dtype)
    tail = np.array([1 / (1 + math.exp(s)) for s in size])
    exact = np.array([math.exp(-s) / (1 + math.exp(-s)) ** 2 for s in size])
    tolerance = 8 * np.finfo(dtype).eps
    np.testing.assert_allclose(sigmoid_forward(-size)[0], tail, rtol=tolerance)
    np.testing.assert_allclose(sigmoid_forward(size)[0], 1 - tail, rtol=tolerance)
    np.testing.assert_allclose(slope("sigmoid", size), exact, rtol=tolerance)
    np.testing.assert_array_equal(slope("sigmoid", -size), slope("sigmoid", size))


@FLOATS
def test_tanh_slope_keeps_its_digits_in_both_tails(dtype):
    size = np.arange(1, 40, dtype=dtype)
    exact = np.array([1 / math.cosh(s) ** 2 for s in size])
    np.testing.assert_allclose(slope("tanh", size), exact, rtol=12 * np.finfo(dtype).eps)
    np.testing.assert_array_equal(slope("tanh", -size), slope("tanh", size))


def test_sigmoid_slope_is_sigma_times_one_minus_sigma_and_at_most_a_quarter():
    x = np.linspace(-8, 8, 1601)
    sigma = sigmoid_forward(x)[0]
    np.testing.assert_allclose(slope("sigmoid", x), sigma * (1 - sigma), rtol=1e-12)
    assert slope("sigmoid", x).max() == slope("sigmoid", np.zeros(1))[0] == 0.25


def test_tanh_slope_is_one_minus_the_square_and_one_only_at_zero():
    x = np.linspace(-4, 4, 801)
    np.testing.assert_allclose(slope("tanh", x), 1 - tanh_forward(x)[0] ** 2, rtol=1e-11)
    assert slope("tanh", np.zeros(1))[0] == 1
    assert np.all(slope("tanh", x[np.abs(x) > 1e-3]) < 1)


def test_tanh_is_the_sigmoid_stretched_and_shifted():
    x = np.linspace(-5, 5, 101)
    np.testing.assert_allclose(
        tanh_forward(x)[0], 2 * sigmoid_forward(2 * x)[0] - 1, rtol=1e-12, atol=1e-15
    )


def test_sigmoid_behind_ten_layers_passes_on_less_than_a_millionth():
    x = np.random.default_rng(1).standard_normal(1000)
    grad = np.ones_like(x)
    for _ in range(10):
        x, cache = sigmoid_forward(x)
        grad = sigmoid_backward(grad, cache)
    assert 0 < np.max(grad) <= 0.25**10 < 1e-6


def test_huge_upstream_gradient_does_not_overflow_in_tanh():
    _, cache = tanh_forward(np.array([20.0]))
    assert np.isfinite(tanh_backward(np.array([1e308]), cache))


# --- ReLU and its relatives ---------------------------------------------------------------------


def test_relu_that_is_negative_for_every_sample_is_dead():
    x = -np.abs(np.random.default_rng(2).standard_normal((50, 1))) - 1e-300
    _, cache = relu_forward(x)
    np.testing.assert_array_equal(relu_backward(np.full_like(x, 7.0), cache), np.zeros_like(x))
    _, cache = leaky_relu_forward(x)
    np.testing.assert_array_equal(leaky_relu_backward(np.full_like(x, 7.0), cache), 0.07)


def test_leaky_relu_leaks_a_hundredth_by_default():
    out, cache = leaky_relu_forward(np.array([-3.0, 3.0]))
    np.testing.assert_array_equal(out, [-0.03, 3.0])
    np.testing.assert_array_equal(leaky_relu_backward(np.array([5.0, 5.0]), cache), [0.05, 5.0])


def test_leaky_relu_is_relu_identity_and_absolute_value_for_slopes_0_1_and_minus_1():
    x = np.random.default_rng(3).standard_normal(20)
    for a, function in [(0, lambda x: np.maximum(x, 0)), (1, lambda x: x), (-1, np.abs)]:
        np.testing.assert_array_equal(leaky_relu_forward(x, negative_slope=a)[0], function(x))


@pytest.mark.parametrize("shape", [(6,), (6, 1), (6, 3), (4, 3, 2), (2, 3, 4, 5)])
def test_prelu_with_one_slope_is_the_leaky_relu(shape):
    rng = np.random.default_rng(4)
    x, dout = rng.standard_normal(shape), rng.standard_normal(shape)
    out, cache = prelu_forward(x, np.array([0.2]))
    leaky, leaky_cache = leaky_relu_forward(x, negative_slope=0.2)
    dx, dalpha = prelu_backward(dout, cache)
    np.testing.assert_array_equal(out, leaky)
    np.testing.assert_array_equal(dx, leaky_relu_backward(dout, leaky_cache))
    np.testing.assert_allclose(dalpha, [(dout * x)[x < 0].sum()], rtol=1e-12)


def test_prelu_treats_each_channel_as_a_leaky_relu_of_its_own():
    rng = np.random.default_rng(5)
    x, dout = rng.standard_normal((4, 3, 2, 5)), rng.standard_normal((4, 3, 2, 5))
    alpha = np.array([0.1, -0.5, 2.0])
    out, cache = prelu_forward(x, alpha)
    dx, dalpha = prelu_backward(dout, cache)
    for c, a in enumerate(alpha):
        one, one_cache = prelu_forward(x[:, c], np.array([a]))
        one_dx, one_dalpha = prelu_backward(dout[:, c], one_cache)
        np.testing.assert_array_equal(out[:, c], one)
        np.testing.assert_array_equal(dx[:, c], one_dx)
        np.testing.assert_allclose(dalpha[c], one_dalpha[0], rtol=1e-12)


def test_prelu_takes_the_slope_alpha_at_zero():
    _, cache = prelu_forward(np.zeros((1, 2)), np.array([0.5, 3.0]))
    dx, dalpha = prelu_backward(np.array([[2.0, 2.0]]), cache)
    np.testing.assert_array_equal(dx, [[1.0, 6.0]])
    np.testing.assert_array_equal(dalpha, [0.0, 0.0])


def test_elu_slope_below_zero_is_out_plus_alpha():
    x = np.linspace(-5, -0.01, 100)
    for alpha in (0.5, 1.0, 3.0):
        out, cache = elu_forward(x, alpha=alpha)
        np.testing.assert_allclose(elu_backward(np.ones_like(x), cache), out + alpha, rtol=1e-12)


def test_elu_keeps_its_digits_close_to_zero_and_its_slope_far_from_it():
    np.testing.assert_allclose(elu_forward(np.array([-1e-20, -1e-9]))[0], [-1e-20, -1e-9])
    np.testing.assert_allclose(slope("elu", np.array([-50.0])), math.exp(-50), rtol=1e-14)


def test_elu_with_alpha_zero_is_relu():
    x = np.array([-np.inf, -3.0, 0.0, 2.0, np.inf])
    np.testing.assert_array_equal(elu_forward(x, alpha=0)[0], relu_forward(x)[0])


def test_elu_brings_the_mean_closer_to_zero_than_relu():
    x = np.random.default_rng(6).standard_normal(10_000)
    assert 0 < elu_forward(x)[0].mean() < 0.5 * relu_forward(x)[0].mean()


# --- layers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layer", "twin"),
    [
        (Sigmoid(), torch.nn.Sigmoid()),
        (Tanh(), torch.nn.Tanh()),
        (ReLU(), torch.nn.ReLU()),
        (LeakyReLU(), torch.nn.LeakyReLU()),
        (LeakyReLU(0.3), torch.nn.LeakyReLU(0.3)),
        (PReLU(), torch.nn.PReLU()),
        (PReLU(3), torch.nn.PReLU(3)),
        (PReLU(3, -0.5), torch.nn.PReLU(3, -0.5)),
        (ELU(), torch.nn.ELU()),
        (ELU(alpha=0.3), torch.nn.ELU(alpha=0.3)),
        (SiLU(), torch.nn.SiLU()),
        (GELU(), torch.nn.GELU()),
        (GELU("tanh"), torch.nn.GELU("tanh")),
    ],
    ids=lambda layer: type(layer).__module__.split(".")[0] + type(layer).__name__,
)
def test_layer_agrees_with_torch(layer, twin):
    rng = np.random.default_rng(7)
    x, dout = rng.standard_normal((4, 3, 2, 2)), rng.standard_normal((4, 3, 2, 2))
    tensor = torch.from_numpy(x).requires_grad_()
    expected = twin.double()(tensor)
    expected.backward(torch.from_numpy(dout))
    out = layer.forward(x, training=True, rng=None)
    np.testing.assert_allclose(out, expected.detach(), rtol=1e-10, atol=1e-10)
    assert tensor.grad is not None
    np.testing.assert_allclose(layer.backward(dout), tensor.grad, rtol=1e-10, atol=1e-10)
    theirs = {name: parameter.grad.numpy() for name, parameter in twin.named_parameters()}
    assert layer.grads.keys() == layer.params.keys() == theirs.keys()
    for name, grad in theirs.items():
        np.testing.assert_allclose(layer.grads[name], grad, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("layer", [Sigmoid(), PReLU(), LeakyReLU(), ELU(), SiLU(), GELU()])
def test_activation_layer_must_go_forward_first(layer):
    with pytest.raises(ValueError, match=f"{type(layer).__name__}: backward has nothing"):
        layer.backward(np.ones(3))


def test_prelu_layer_can_be_float32_and_learns():
    layer = PReLU(2, dtype=np.float32)
    assert layer.params["weight"].dtype == np.float32
    assert PReLU().params["weight"].dtype == np.float64
    layer.params = {"weight": np.array([0.5, 1.0])}
    out = layer.forward(np.array([[-2.0, -2.0]]), training=False, rng=None)
    np.testing.assert_array_equal(out, [[-1.0, -2.0]])


@pytest.mark.parametrize(
    ("error", "words", "build"),
    [
        (ValueError, "LeakyReLU: negative_slope is out of range", lambda: LeakyReLU(np.inf)),
        (ValueError, "LeakyReLU: negative_slope is out of range", lambda: LeakyReLU(-np.inf)),
        (TypeError, "LeakyReLU: negative_slope is not a number", lambda: LeakyReLU("0.1")),  # pyright: ignore
        (ValueError, r"ELU: alpha .* alpha in \[0, inf\), got -1.0", lambda: ELU(-1)),
        (ValueError, "ELU: alpha is out of range", lambda: ELU(np.inf)),
        (ValueError, "PReLU: num_parameters is too small", lambda: PReLU(0)),
        (TypeError, "PReLU: num_parameters is not a whole number", lambda: PReLU(1.0)),  # pyright: ignore
        (ValueError, "PReLU: init is out of range", lambda: PReLU(init=np.nan)),
        (ValueError, "PReLU: init is out of range", lambda: PReLU(init=-np.inf)),
        (ValueError, "PReLU: init is out of range", lambda: PReLU(init=np.inf)),
        (TypeError, "PReLU: weight is not an array of floats", lambda: PReLU(dtype=int)),
        (ValueError, "GELU: approximate .* False or 'tanh', got 'none'", lambda: GELU("none")),  # pyright: ignore
    ],
)
def test_wrong_arguments_of_activation_layers_are_refused(error, words, build):
    with pytest.raises(error, match=words):
        build()


def test_layers_have_the_defaults_of_torch():
    assert ELU().options == {"alpha": 1.0}
    assert LeakyReLU().options == {"negative_slope": 0.01}


def test_layers_with_a_slope_of_zero_are_allowed():
    assert ELU(0).options == {"alpha": 0.0}
    assert LeakyReLU(0).options == {"negative_slope": 0.0}
