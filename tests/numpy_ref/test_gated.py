"""What gated activations promise, beyond the common tests (their limits: test_activations.py)."""

import math

import numpy as np
import pytest
import torch

from coursekit.numpy_ref import (
    gelu_backward,
    gelu_forward,
    relu_forward,
    sigmoid_forward,
    silu_backward,
    silu_forward,
)
from coursekit.numpy_ref.activations._special import normal_cdf


def exact_cdf(x: np.ndarray) -> np.ndarray:
    """Φ(x) by the standard library's erfc."""
    return np.array([0.5 * math.erfc(-float(value) / math.sqrt(2)) for value in x])


def density(x: np.ndarray) -> np.ndarray:
    """φ(x), the standard normal density."""
    return np.array([math.exp(-(float(value) ** 2) / 2) / math.sqrt(2 * math.pi) for value in x])


def test_normal_cdf_is_exact_to_the_last_digits():
    x = np.linspace(-2, 9, 20_001)
    np.testing.assert_allclose(normal_cdf(x), exact_cdf(x), rtol=1.5e-15)
    erf = np.array([math.erf(value / math.sqrt(2)) for value in x])
    np.testing.assert_allclose(2 * normal_cdf(x) - 1, erf, rtol=0, atol=1e-15)


def test_normal_cdf_keeps_its_digits_in_the_left_tail():
    """The condition number of Φ is x² there: more digits cannot be asked for."""
    x = np.linspace(-37, -2, 5_001)
    error = np.abs(normal_cdf(x) / exact_cdf(x) - 1)
    assert np.max(error / x**2) < 1e-15


def test_normal_cdf_in_float32_is_right_to_its_last_digits():
    x = np.linspace(-9, 9, 20_001).astype(np.float32)
    assert normal_cdf(x).dtype == np.float32
    np.testing.assert_allclose(normal_cdf(x), exact_cdf(x), rtol=0, atol=2e-7)
    error = np.abs(normal_cdf(x) / exact_cdf(x) - 1)
    assert np.max(error / (1 + x**2)) < 5e-7


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_gelu_is_right_far_out_on_the_left(dtype):
    x = -np.arange(1, 13, dtype=dtype)
    out, cache = gelu_forward(x)
    tolerance = 200 * np.finfo(dtype).eps
    np.testing.assert_allclose(out, x * exact_cdf(x), rtol=tolerance)
    expected = exact_cdf(x) + x * density(x)
    np.testing.assert_allclose(gelu_backward(np.ones_like(x), cache), expected, rtol=tolerance)


def test_gelu_on_the_left_goes_on_until_float64_ends():
    x = np.arange(-37.0, -12.0)
    out, cache = gelu_forward(x)
    np.testing.assert_allclose(out, x * exact_cdf(x), rtol=1e-12)
    expected = exact_cdf(x) + x * density(x)
    np.testing.assert_allclose(gelu_backward(np.ones_like(x), cache), expected, rtol=1e-11)


@pytest.mark.parametrize("approximate", [False, "tanh"])
def test_gelu_agrees_with_torch_in_the_tails(approximate):
    x = np.concatenate([np.linspace(-40, 40, 801), [-1e4, 1e4, -1e100, 1e100]])
    tensor = torch.from_numpy(x).requires_grad_()
    theirs = torch.nn.functional.gelu(tensor, approximate=approximate or "none")
    out, cache = gelu_forward(x, approximate=approximate)
    np.testing.assert_allclose(out, theirs.detach(), rtol=1e-14, atol=1e-14)
    (slope,) = torch.autograd.grad(theirs.sum(), tensor)
    np.testing.assert_allclose(gelu_backward(np.ones_like(x), cache), slope, rtol=0, atol=1e-13)


def test_approximate_gelu_is_half_x_times_one_plus_tanh():
    x = np.linspace(-5, 5, 1001)
    u = np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)
    expected = 0.5 * x * (1 + np.tanh(u))
    np.testing.assert_allclose(
        gelu_forward(x, approximate="tanh")[0], expected, rtol=1e-14, atol=1e-15
    )


def test_approximate_gelu_is_close_but_not_the_same():
    x = np.linspace(-6, 6, 12_001)
    error = np.abs(gelu_forward(x, approximate="tanh")[0] - gelu_forward(x)[0]).max()
    assert 4e-4 < error < 5e-4


def test_gelu_is_exact_by_default():
    np.testing.assert_array_equal(gelu_forward(np.ones(1))[0], normal_cdf(np.ones(1)))


def test_gelu_is_what_dropout_gives_on_average():
    rng, x = np.random.default_rng(0), np.array([-1.0, 0.3, 2.0])
    kept = rng.standard_normal((200_000, 3)) < x
    assert np.all(np.abs((kept * x).mean(axis=0) - gelu_forward(x)[0]) < 0.005)


def test_silu_is_x_times_the_sigmoid_also_far_out_on_the_left():
    x = np.linspace(-700, 50, 1001)
    out, cache = silu_forward(x)
    np.testing.assert_array_equal(out, x * sigmoid_forward(x)[0])
    left = x[x < -50]
    slope = silu_backward(np.ones_like(x), cache)[x < -50]
    np.testing.assert_allclose(slope, (1 + left) * np.exp(left), rtol=1e-12)


@pytest.mark.parametrize(
    ("forward", "backward", "where", "least"),
    [
        (silu_forward, silu_backward, -1.278, -0.278),
        (gelu_forward, gelu_backward, -0.752, -0.170),
    ],
)
def test_gated_activation_falls_to_its_minimum_and_rises_after_it(forward, backward, where, least):
    x = np.linspace(-20, 5, 25_001)
    out, cache = forward(x)
    slope = backward(np.ones_like(x), cache)
    assert abs(x[out.argmin()] - where) < 1e-3
    assert abs(out.min() - least) < 5e-4
    assert np.all(slope[x < where - 1e-3] < 0)
    assert np.all(slope[x > where + 1e-3] > 0)


@pytest.mark.parametrize("forward", [silu_forward, gelu_forward])
def test_gated_activation_is_relu_for_steep_gates(forward):
    x = np.array([-3.0, -0.5, 0.5, 3.0])
    np.testing.assert_allclose(forward(100 * x)[0] / 100, relu_forward(x)[0], atol=1e-12)


@pytest.mark.parametrize("approximate", [False, "tanh"])
def test_gelu_of_float16_neither_overflows_nor_turns_into_nan(approximate):
    x = np.array([-6e4, -12.0, -1.0, 0.0, 5.0, 12.0, 6e4], np.float16)
    out, cache = gelu_forward(x, approximate=approximate)
    dx = gelu_backward(np.ones_like(x), cache)
    wide, cache = gelu_forward(x.astype(float), approximate=approximate)
    assert out.dtype == dx.dtype == np.float16
    np.testing.assert_allclose(out, wide, rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(dx, gelu_backward(np.ones(7), cache), rtol=2e-3, atol=1e-3)
