"""What pooling promises, beyond the common tests: ties, frames, NaN, memory, and torch.nn."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from coursekit.numpy_ref import (
    AvgPool2d,
    GlobalAvgPool2d,
    MaxPool2d,
    avg_pool_backward,
    avg_pool_forward,
    max_pool_backward,
    max_pool_backward_naive,
    max_pool_forward,
    max_pool_forward_naive,
)

POOLINGS = [
    pytest.param(max_pool_forward, max_pool_backward, id="max"),
    pytest.param(avg_pool_forward, avg_pool_backward, id="avg"),
]
both = pytest.mark.parametrize(("forward", "backward"), POOLINGS)
WINDOWS = [(1, None, 0), (2, None, 0), (2, 2, 1), (3, 2, 1), (3, 1, 0), (2, 3, 0), (5, 2, 2)]


def assert_as_torch(layer, twin, x: np.ndarray) -> None:
    """Forward and backward of both give the same."""
    tensor = torch.from_numpy(x).requires_grad_()
    expected = twin(tensor)
    dout = np.random.default_rng(0).standard_normal(expected.shape)
    expected.backward(torch.from_numpy(dout))
    out = layer.forward(x, training=True, rng=None)
    np.testing.assert_allclose(out, expected.detach().numpy(), rtol=1e-12, atol=1e-12)
    assert tensor.grad is not None
    np.testing.assert_allclose(layer.backward(dout), tensor.grad, rtol=1e-12, atol=1e-12)


def test_dx_of_global_avg_pool_may_be_changed():
    layer = GlobalAvgPool2d()
    dx = layer.backward(layer.forward(np.ones((1, 1, 2, 2)), training=True, rng=None))
    dx[0, 0, 0, 0] = 7.0
    np.testing.assert_array_equal(dx, [[[[7.0, 0.25], [0.25, 0.25]]]])


@pytest.mark.parametrize("windows", WINDOWS)
@pytest.mark.parametrize("values", ["zeros behind a ReLU", "few values", "constant"])
def test_max_pool_gives_ties_to_the_first_as_torch(windows, values):
    rng = np.random.default_rng(1)
    x = {
        "zeros behind a ReLU": np.maximum(rng.standard_normal((3, 2, 9, 8)), 0),
        "few values": rng.integers(-2, 1, (3, 2, 9, 8)).astype(float),
        "constant": np.full((3, 2, 9, 8), -5.0),
    }[values]
    assert_as_torch(MaxPool2d(*windows), torch.nn.MaxPool2d(*windows), x)


@pytest.mark.parametrize(("size", "stride", "pad"), WINDOWS)
@pytest.mark.parametrize("values", [3, 1000])
def test_max_pool_is_its_definition_with_and_without_ties(size, stride, pad, values):
    rng, settings = np.random.default_rng(4), {"size": size, "stride": stride, "pad": pad}
    x = rng.integers(-values, values, (2, 3, 7, 6)).astype(float)
    out, cache = max_pool_forward(x, **settings)
    expected, naive_cache = max_pool_forward_naive(x, **settings)
    np.testing.assert_array_equal(out, expected)
    dout = rng.integers(-9, 9, out.shape).astype(float)
    dx, naive_dx = max_pool_backward(dout, cache), max_pool_backward_naive(dout, naive_cache)
    np.testing.assert_array_equal(dx, naive_dx)


@pytest.mark.parametrize("windows", WINDOWS)
def test_avg_pool_layer_agrees_with_torch(windows):
    x = np.random.default_rng(2).standard_normal((3, 2, 9, 8))
    assert_as_torch(AvgPool2d(*windows), torch.nn.AvgPool2d(*windows), x)


def test_global_avg_pool_layer_agrees_with_torch():
    x = np.random.default_rng(3).standard_normal((3, 2, 5, 4))
    twin = torch.nn.Sequential(torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten())
    assert_as_torch(GlobalAvgPool2d(), twin, x)


def test_a_window_beyond_255_finds_its_largest_value():
    x = np.zeros((1, 1, 300, 300))
    x[0, 0, 299, 260] = 1.0
    out, cache = max_pool_forward(x, size=300)
    dx = max_pool_backward(np.array([[[[7.0]]]]), cache)
    assert out.item() == 1.0
    np.testing.assert_array_equal(dx, 7 * x)


def test_max_pool_is_never_won_by_the_frame():
    x = np.full((1, 1, 3, 3), -1e300)
    out, _ = max_pool_forward(x, size=2, stride=1, pad=1)
    np.testing.assert_array_equal(out, np.full((1, 1, 4, 4), -1e300))


def test_avg_pool_counts_the_zeros_of_the_frame():
    out, _ = avg_pool_forward(np.ones((1, 1, 2, 2)), size=2, pad=1)
    np.testing.assert_array_equal(out, np.full((1, 1, 2, 2), 0.25))


@pytest.mark.parametrize("place", range(9))
def test_max_pool_of_nan_is_nan_exactly_where_torch_says(place):
    x = np.arange(25.0).reshape(1, 1, 5, 5)
    x.flat[place] = np.nan
    out, _ = max_pool_forward(x, size=3, stride=2)
    np.testing.assert_array_equal(out, F.max_pool2d(torch.from_numpy(x), 3, 2))


def test_max_pool_of_infinite_values_is_that_of_torch():
    x = np.array([[[[-np.inf, -np.inf, np.inf], [-np.inf, -np.inf, 1.0]]]])
    assert_as_torch(MaxPool2d(2, 1), torch.nn.MaxPool2d(2, 1), x)


@both
def test_pooling_leaves_no_gradient_where_no_window_was(forward, backward):
    x = np.random.default_rng(4).standard_normal((1, 1, 5, 5))
    out, cache = forward(x, size=2, stride=3)
    dx = backward(np.ones_like(out), cache)
    assert np.all(dx[:, :, 2] == 0) and np.all(dx[:, :, :, 2] == 0)
    np.testing.assert_allclose(dx.sum(), 4)


@both
@pytest.mark.parametrize("pad", [0, 1])
def test_pooling_keeps_the_order_of_memory(forward, backward, pad):
    assert forward(np.ones((2, 3, 6, 6)), size=2, pad=pad)[0].flags.c_contiguous
    channels_last = np.moveaxis(np.ones((2, 6, 6, 3)), -1, 1)
    out, cache = forward(channels_last, size=2, pad=pad)
    assert np.moveaxis(out, 1, -1).flags.c_contiguous
    dx = backward(out, cache)
    assert dx.strides[1] == dx.itemsize


@both
def test_backward_has_the_type_of_dout(forward, backward):
    _, cache = forward(np.ones((1, 1, 2, 2)), size=2)
    assert backward(np.ones((1, 1, 1, 1), np.float32), cache).dtype == np.float32


@pytest.mark.parametrize("layer", [MaxPool2d, AvgPool2d])
@pytest.mark.parametrize(
    ("error", "words", "settings"),
    [
        (ValueError, "kernel_size is too small", (0,)),
        (TypeError, "kernel_size is not a whole number", ((2, 2),)),
        (ValueError, "stride is too small", (2, 0)),
        (TypeError, "stride is not a whole number", (2, 2.0)),
        (ValueError, "padding is too small", (2, 2, -1)),
        (TypeError, "padding is not a whole number", (2, 2, "same")),
    ],
)
def test_settings_of_pooling_layers_are_checked_when_they_are_built(layer, error, words, settings):
    with pytest.raises(error, match=f"^{layer.__name__}: {words}"):
        layer(*settings)


@pytest.mark.parametrize("layer", [MaxPool2d(2), AvgPool2d(2), GlobalAvgPool2d()])
def test_pooling_backward_before_forward_says_so(layer):
    with pytest.raises(ValueError, match=f"^{type(layer).__name__}: .* Expected a forward pass"):
        layer.backward(np.ones((1, 1, 1, 1)))


def test_pooling_layers_touch_and_have_no_frame_unless_told():
    assert MaxPool2d(3).windows == {"size": 3, "stride": None, "pad": 0}
    assert AvgPool2d(3, 1, 1).windows == {"size": 3, "stride": 1, "pad": 1}
