"""Do the layer objects do what torch.nn does, and keep parameters safe?"""

import numpy as np
import pytest
import torch

from coursekit.numpy_ref import Dropout, Layer, Linear, ReLU, Sequential


def small_net() -> Sequential:
    rng = np.random.default_rng(0)
    return Sequential(Linear(4, 5, rng=rng), ReLU(), Dropout(0.0), Linear(5, 3, rng=rng))


def test_sequential_agrees_with_torch():
    rng, net = np.random.default_rng(1), small_net()
    x, dout = rng.standard_normal((6, 4)), rng.standard_normal((6, 3))
    twin = torch.nn.Sequential(
        torch.nn.Linear(4, 5), torch.nn.ReLU(), torch.nn.Dropout(0.0), torch.nn.Linear(5, 3)
    ).double()
    twin.load_state_dict({name: torch.from_numpy(w.T.copy()) for name, w in net.params.items()})
    tensor = torch.from_numpy(x).requires_grad_()
    expected = twin(tensor)
    expected.backward(torch.from_numpy(dout))
    out = net.forward(x, training=True, rng=rng)
    np.testing.assert_allclose(out, expected.detach(), rtol=1e-10, atol=1e-10)
    assert tensor.grad is not None
    np.testing.assert_allclose(net.backward(dout), tensor.grad, rtol=1e-10, atol=1e-10)
    grads = {name: p.grad for name, p in twin.named_parameters()}
    assert list(net.grads) == list(grads)
    for name, grad in grads.items():
        assert grad is not None
        np.testing.assert_allclose(net.grads[name], grad.numpy().T, rtol=1e-10, atol=1e-10)


def test_sequential_may_contain_a_sequential():
    inner = small_net()
    outer = Sequential(inner, ReLU())
    assert list(outer.params) == ["0.0.weight", "0.0.bias", "0.3.weight", "0.3.bias"]
    outer.load({name: np.ones_like(w) for name, w in outer.params.items()})
    assert all(np.all(w == 1) for w in inner.params.values())


def test_linear_starts_with_the_deviation_of_he():
    layer = Linear(400, 300, rng=np.random.default_rng(2))
    np.testing.assert_allclose(layer.params["weight"].std(), np.sqrt(2 / 400), rtol=0.02)
    np.testing.assert_array_equal(layer.params["bias"], np.zeros(300))
    chosen = Linear(400, 300, rng=np.random.default_rng(2), std=0.01)
    np.testing.assert_allclose(chosen.params["weight"].std(), 0.01, rtol=0.02)


def test_float32_layer_keeps_float32():
    layer = Linear(4, 3, rng=np.random.default_rng(3), dtype=np.float32)
    x = np.ones((2, 4), np.float32)
    assert layer.forward(x, training=True, rng=None).dtype == np.float32
    assert layer.backward(np.ones((2, 3), np.float32)).dtype == np.float32


def test_load_copies_so_that_later_changes_do_not_leak_in():
    net = small_net()
    mine = {name: np.ones_like(w) for name, w in net.params.items()}
    net.params = mine
    mine["0.weight"][:] = 7
    assert np.all(net.params["0.weight"] == 1)


def test_params_of_sequential_refuse_a_change_that_would_be_lost():
    with pytest.raises(TypeError, match="assignment"):
        small_net().params["0.weight"] = np.ones((4, 5))  # pyright: ignore[reportIndexIssue]


def test_load_of_other_names_or_shapes_changes_nothing():
    net = small_net()
    before = dict(net.params)
    good = {name: np.ones_like(w) for name, w in before.items()}
    for wrong, words in [
        ({"0.weight": good["0.weight"]}, "Sequential: these are not the parameters' names"),
        ({**good, "4.bias": np.ones(1)}, "Expected .*, got .*4.bias"),
        ({**good, "3.weight": good["3.weight"].T}, r"Expected 3.weight of shape \(5, 3\)"),
    ]:
        with pytest.raises(ValueError, match=words):
            net.load(wrong)
        assert all(net.params[name] is w for name, w in before.items())


def test_dropout_layer_drops_in_training_only():
    layer, x = Dropout(0.5), np.ones((1, 100))
    trained = layer.forward(x, training=True, rng=np.random.default_rng(4))
    np.testing.assert_array_equal(layer.backward(x), trained)
    assert set(np.unique(trained)) == {0.0, 2.0}
    np.testing.assert_array_equal(layer.forward(x, training=False, rng=None), x)


@pytest.mark.parametrize(
    "layer", [small_net(), ReLU(), Dropout(), Linear(1, 1, rng=np.random.default_rng(0))]
)
def test_backward_before_forward_says_so(layer):
    with pytest.raises(ValueError, match="Expected a forward pass first, got none"):
        layer.backward(np.ones((1, 3)))


def test_a_layer_without_methods_says_so():
    with pytest.raises(NotImplementedError, match="Layer defines no forward"):
        Layer().forward(np.ones((1, 1)), training=True, rng=None)
    with pytest.raises(NotImplementedError, match="Layer defines no backward"):
        Layer().backward(np.ones((1, 1)))


def test_wrong_arguments_of_layers_are_refused():
    rng = np.random.default_rng(5)
    for error, words, build in [
        (ValueError, "Linear: in_features is too small", lambda: Linear(0, 1, rng=rng)),
        (TypeError, "Linear: out_features is not a whole", lambda: Linear(1, 1.5, rng=rng)),  # pyright: ignore
        (ValueError, "Linear: std is out of range", lambda: Linear(1, 1, rng=rng, std=-1)),
        (TypeError, "Linear: rng is not a generator", lambda: Linear(1, 1, rng=0)),  # pyright: ignore
        (TypeError, "Linear: weight is not an array", lambda: Linear(1, 1, rng=rng, dtype=int)),
        (ValueError, r"Dropout: p is out of range", lambda: Dropout(1.0)),
        (TypeError, "Sequential: argument 1 is not a layer", lambda: Sequential(ReLU(), "relu")),  # pyright: ignore
    ]:
        with pytest.raises(error, match=words):
            build()
