"""What maxout promises, beyond the common tests."""

import numpy as np
import pytest
import torch

from coursekit import torch_ref
from coursekit.numpy_ref import Maxout, maxout_backward, maxout_forward, relu_forward


def draw(n=6, d=4, p=3, m=5):
    rng = np.random.default_rng(0)
    return [rng.standard_normal(s) for s in [(n, d), (p, d, m), (p, m), (n, m)]]


def test_maxout_is_the_largest_of_the_affine_pieces():
    x, w, b, _ = draw()
    pieces = [x @ w[p] + b[p] for p in range(len(w))]
    np.testing.assert_allclose(maxout_forward(x, w, b)[0], np.maximum.reduce(pieces), rtol=1e-12)


def test_maxout_can_be_relu_and_the_absolute_value():
    x = np.random.default_rng(1).standard_normal((9, 4))
    zeros, eye = np.zeros((2, 4)), np.eye(4)
    relu = maxout_forward(x, np.stack([eye, 0 * eye]), zeros)[0]
    np.testing.assert_allclose(relu, relu_forward(x)[0], rtol=1e-12)
    absolute = maxout_forward(x, np.stack([eye, -eye]), zeros)[0]
    np.testing.assert_allclose(absolute, np.abs(x), rtol=1e-12)


def test_maxout_gives_ties_to_the_first_piece_as_torch_max_does_and_amax_does_not():
    x, w, b = np.ones((1, 1)), np.ones((3, 1, 1)), np.zeros((3, 1))
    _, cache = maxout_forward(x, w, b)
    dx, dw, db = maxout_backward(np.array([[6.0]]), cache)
    np.testing.assert_array_equal(dx, [[6.0]])
    np.testing.assert_array_equal(dw.ravel(), [6.0, 0.0, 0.0])
    np.testing.assert_array_equal(db.ravel(), [6.0, 0.0, 0.0])
    tensors = [torch.from_numpy(a) for a in (x, w, b)]
    tensors[2].requires_grad_()
    (first,) = torch.autograd.grad(torch_ref.maxout_forward(*tensors).sum() * 6, tensors[2])
    np.testing.assert_array_equal(first, db)
    z = tensors[0] @ tensors[1] + tensors[2][:, None]
    (shared,) = torch.autograd.grad(z.amax(dim=0).sum() * 6, tensors[2])
    np.testing.assert_array_equal(shared.ravel(), [2.0, 2.0, 2.0])


def test_maxout_shows_nan_of_any_piece():
    x, w, b, _ = draw()
    for p in range(len(w)):
        broken = b.copy()
        broken[p, 2] = np.nan
        out, _ = maxout_forward(x, w, broken)
        assert np.all(np.isnan(out[:, 2])) and np.isnan(out).sum() == len(x)


def test_maxout_teaches_only_the_piece_that_won():
    x, w, b, dout = draw()
    b[1] += 100.0
    dx, dw, db = maxout_backward(dout, maxout_forward(x, w, b)[1])
    np.testing.assert_allclose(dx, dout @ w[1].T, rtol=1e-12)
    np.testing.assert_allclose(dw[1], x.T @ dout, rtol=1e-12)
    np.testing.assert_allclose(db[1], dout.sum(axis=0), rtol=1e-12)
    assert not dw[[0, 2]].any() and not db[[0, 2]].any()


def test_maxout_layer_agrees_with_autograd():
    rng = np.random.default_rng(2)
    layer = Maxout(4, 5, 3, rng=rng)
    layer.params = {"weight": layer.params["weight"], "bias": rng.standard_normal((3, 5))}
    x, dout = rng.standard_normal((6, 4)), rng.standard_normal((6, 5))
    inputs = [x, layer.params["weight"], layer.params["bias"]]
    tensors = [torch.from_numpy(a).requires_grad_() for a in inputs]
    expected = torch_ref.maxout_forward(*tensors)
    out = layer.forward(x, training=True, rng=None)
    np.testing.assert_allclose(out, expected.detach(), rtol=1e-10)
    grads = torch.autograd.grad(expected, tensors, torch.from_numpy(dout))
    ours = (layer.backward(dout), layer.grads["weight"], layer.grads["bias"])
    assert list(layer.grads) == list(layer.params) == ["weight", "bias"]
    for mine, theirs in zip(ours, grads, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-10, atol=1e-10)


def test_maxout_layer_of_two_pieces_keeps_the_mean_square_of_the_signal():
    rng = np.random.default_rng(3)
    x = rng.standard_normal((200, 500))
    out = Maxout(500, 400, 2, rng=rng).forward(x, training=True, rng=None)
    np.testing.assert_allclose((out**2).mean(), 1.0, rtol=0.03)


def test_maxout_layer_starts_as_it_is_told():
    layer = Maxout(300, 200, 3, rng=np.random.default_rng(4), std=0.5, dtype=np.float32)
    assert layer.params["weight"].dtype == layer.params["bias"].dtype == np.float32
    np.testing.assert_allclose(layer.params["weight"].std(), 0.5, rtol=0.02)
    np.testing.assert_array_equal(layer.params["bias"], np.zeros((3, 200)))
    assert not Maxout(2, 2, 2, rng=np.random.default_rng(4), std=0.0).params["weight"].any()
    default = Maxout(2, 2, 2, rng=np.random.default_rng(4)).params
    assert default["weight"].dtype == default["bias"].dtype == np.float64


def test_maxout_layer_must_go_forward_first():
    with pytest.raises(ValueError, match="Maxout: backward has nothing to go back from"):
        Maxout(1, 1, 2, rng=np.random.default_rng(0)).backward(np.ones((1, 1)))


@pytest.mark.parametrize(
    ("error", "words", "arguments"),
    [
        (ValueError, "Maxout: in_features is too small", {"in_features": 0}),
        (TypeError, "Maxout: out_features is not a whole number", {"out_features": 1.5}),
        (ValueError, "Maxout: pieces .* at least 2, got 1", {"pieces": 1}),
        (TypeError, "Maxout: rng is not a generator", {"rng": 0}),
        (ValueError, r"Maxout: std .* std in \[0, inf\), got -1.0", {"std": -1}),
        (ValueError, "Maxout: std is out of range", {"std": np.inf}),
        (TypeError, "Maxout: weight is not an array of floats", {"dtype": int}),
    ],
)
def test_wrong_arguments_of_the_maxout_layer_are_refused(error, words, arguments):
    good = {"in_features": 1, "out_features": 1, "pieces": 2, "rng": np.random.default_rng(0)}
    with pytest.raises(error, match=words):
        Maxout(**{**good, **arguments})
