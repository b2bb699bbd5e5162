"""The layer of the affine map, beyond what test_layers.py says of all layers."""

import numpy as np
import pytest

from coursekit.numpy_ref import Linear, linear


def test_linear_backward_params_gives_the_same_grads_without_dx(monkeypatch):
    rng = np.random.default_rng(0)
    layer, dout = Linear(4, 3, rng=rng), rng.standard_normal((5, 3))
    layer.forward(rng.standard_normal((5, 2, 2)), training=True, rng=None)
    layer.backward(dout)
    expected = layer.grads
    monkeypatch.setattr(linear, "affine_backward", None)
    layer.backward_params(dout)
    assert layer.grads is not expected
    assert set(layer.grads) == set(expected) == {"weight", "bias"}
    for name, grad in expected.items():
        np.testing.assert_array_equal(layer.grads[name], grad)


def test_linear_backward_params_refuses_to_go_back_from_nothing_or_from_elsewhere():
    layer = Linear(4, 3, rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match=r"Linear: .* Expected a forward pass first, got none"):
        layer.backward_params(np.ones((5, 3)))
    layer.forward(np.ones((5, 4)), training=True, rng=None)
    with pytest.raises(ValueError, match="affine_backward: dout has the wrong shape"):
        layer.backward_params(np.ones((5, 4)))
