"""What is special to local response normalization: the worked example, AlexNet, torch.nn."""

import numpy as np
import pytest
import torch

from coursekit.numpy_ref import (
    LocalResponseNorm,
    local_response_norm_backward,
    local_response_norm_forward,
)

ALEXNET = {"n": 5, "k": 2, "alpha": 1e-4, "beta": 0.75}


def _pictures(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 30, (2, 7, 4, 5))


@pytest.mark.parametrize(("across", "shape"), [("channels", (1, 3, 1, 1)), ("space", (1, 1, 1, 3))])
def test_local_response_norm_gives_the_ninth_of_the_lecture(across, shape):
    x = np.array([2.0, 1.0, 2.0]).reshape(shape)
    out, _ = local_response_norm_forward(x, n=3, k=0, alpha=1, beta=1, across=across)
    assert out.ravel()[1] == 1 / (0 + 4 + 1 + 4)


@pytest.mark.parametrize("across", ["channels", "space"])
@pytest.mark.parametrize("beta", [0.75, 0.6])
def test_local_response_norm_agrees_with_the_formula_in_loops(across, beta):
    x, n, k, alpha = _pictures(0), 5, 2.0, 0.01
    expected = np.empty_like(x)
    for i, c, row, col in np.ndindex(x.shape):
        if across == "channels":
            window = x[i, max(c - 2, 0) : c + 3, row, col]
        else:
            window = x[i, c, max(row - 2, 0) : row + 3, max(col - 2, 0) : col + 3]
        expected[i, c, row, col] = x[i, c, row, col] / (k + alpha * (window**2).sum()) ** beta
    out, _ = local_response_norm_forward(x, n=n, k=k, alpha=alpha, beta=beta, across=across)
    np.testing.assert_allclose(out, expected, rtol=1e-12)


def test_a_strong_response_quietens_its_neighbours_only():
    x = np.ones((1, 9, 1, 1))
    before, _ = local_response_norm_forward(x, **ALEXNET)
    x[0, 4] = 100.0
    after, _ = local_response_norm_forward(x, **ALEXNET)
    quieter = (after < before).ravel()
    np.testing.assert_array_equal(quieter, [0, 0, 1, 1, 0, 1, 1, 0, 0])
    np.testing.assert_array_equal(after.ravel()[[0, 1, 7, 8]], before.ravel()[[0, 1, 7, 8]])


def test_beta_zero_or_a_base_of_one_changes_nothing():
    x = _pictures(1)
    for k, alpha, beta in [(2, 1, 0), (1, 0, 0.75)]:
        out, cache = local_response_norm_forward(x, n=3, k=k, alpha=alpha, beta=beta)
        np.testing.assert_array_equal(out, x)
        np.testing.assert_array_equal(local_response_norm_backward(x, cache), x)


@pytest.mark.parametrize("across", ["channels", "space"])
def test_results_lie_in_memory_as_x_does(across):
    planes = _pictures(2)
    pixels = np.ascontiguousarray(planes.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)
    for x in (planes, pixels):
        out, cache = local_response_norm_forward(x, **ALEXNET, across=across)
        assert out.strides == x.strides
        assert local_response_norm_backward(x, cache).strides == x.strides


def test_zeros_are_fine_with_a_bias_and_refused_without():
    zeros = np.zeros((1, 3, 1, 1), np.float32)
    out, _ = local_response_norm_forward(zeros, **ALEXNET)
    np.testing.assert_array_equal(out, zeros)
    with pytest.raises(ValueError, match="is 0 somewhere"):
        local_response_norm_forward(zeros, n=3, k=0, alpha=1, beta=0.75)
    with pytest.raises(ValueError, match="overflows float32"):
        local_response_norm_forward(zeros + np.float32(1e20), **ALEXNET)


def test_huge_and_tiny_values_are_normalized_by_the_formula():
    x = np.array([1e20, 1e-20]).reshape(1, 2, 1, 1)
    out, _ = local_response_norm_forward(x, **ALEXNET)
    np.testing.assert_allclose(out.ravel(), x.ravel() / 1e36**0.75, rtol=1e-12)


@pytest.mark.parametrize("arguments", [(5,), (3, 0.5, 0.6, 2.0)])
def test_local_response_norm_layer_agrees_with_torch(arguments):
    layer, twin = LocalResponseNorm(*arguments), torch.nn.LocalResponseNorm(*arguments)
    x, dout = _pictures(3), _pictures(4)
    tensor = torch.from_numpy(x).requires_grad_()
    expected = twin(tensor)
    (dx,) = torch.autograd.grad(expected, tensor, torch.from_numpy(dout))
    out = layer.forward(x, training=True, rng=None)
    np.testing.assert_allclose(out, expected.detach(), rtol=1e-12)
    np.testing.assert_allclose(layer.backward(dout), dx, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    ("words", "arguments"),
    [
        ("LocalResponseNorm: size is even", {"size": 4}),
        ("LocalResponseNorm: size is too small", {"size": 0}),
        ("LocalResponseNorm: alpha is out of range", {"size": 5, "alpha": -1.0}),
        ("LocalResponseNorm: beta is out of range", {"size": 5, "beta": -1.0}),
        ("LocalResponseNorm: k is out of range", {"size": 5, "k": -1.0}),
    ],
)
def test_local_response_norm_layer_refuses_wrong_arguments(words, arguments):
    with pytest.raises(ValueError, match=words):
        LocalResponseNorm(**arguments)


def test_backward_before_forward_says_so():
    with pytest.raises(ValueError, match="Expected a forward pass first, got none"):
        LocalResponseNorm(5).backward(np.ones((1, 3, 1, 1)))
