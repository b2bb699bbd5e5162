"""Do the layer objects do what torch.nn does, and keep parameters safe?"""

import re

import numpy as np
import pytest
import torch

from coursekit.numpy_ref import (
    Container,
    Dropout,
    Flatten,
    Layer,
    Linear,
    ReLU,
    Residual,
    Sequential,
)


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


REFUSED_LOADS = [
    (
        ValueError,
        lambda good: {"0.weight": good["0.weight"]},
        "Sequential: these are not the names of its parameters. "
        "Expected ['0.bias', '0.weight', '3.bias', '3.weight'], got ['0.weight'].",
    ),
    (
        ValueError,
        lambda good: {**good, "3.weight": good["3.weight"].T},
        "Sequential: 3.weight has the wrong shape. Expected 3.weight of shape (5, 3), got (3, 5).",
    ),
    (
        TypeError,
        lambda good: {**good, "3.bias": [0.0]},
        "Sequential: 3.bias is not an array of floats. Expected a NumPy array of floats, got list.",
    ),
]


@pytest.mark.parametrize(("error", "change", "words"), REFUSED_LOADS)
def test_load_of_other_names_or_shapes_changes_nothing(error, change, words):
    net = small_net()
    before = dict(net.params)
    with pytest.raises(error, match=f"^{re.escape(words)}$"):
        net.load(change({name: np.ones_like(w) for name, w in before.items()}))
    assert all(net.params[name] is w for name, w in before.items())


class Counter(Layer):
    """A layer that learns a factor and counts its passes in a buffer."""

    def __init__(self):
        super().__init__()
        self.params, self.buffers = {"factor": np.ones(1)}, {"passes": np.zeros(1)}

    def forward(self, x, *, training, rng):
        self.buffers = {"passes": self.buffers["passes"] + 1}
        self.cache = x
        return x * self.params["factor"]

    def backward(self, dout):
        self.grads = {"factor": np.array([np.sum(dout * self._cached())])}
        return dout * self.params["factor"]


def test_buffers_are_gathered_and_loaded_beside_params():
    net = Sequential(Counter(), Residual(Counter()))
    net.forward(np.ones((1, 1)), training=True, rng=None)
    assert dict(net.buffers) == {"0.passes": np.ones(1), "1.body.passes": np.ones(1)}
    params = {name: np.full(1, 3.0) for name in net.params}
    buffers = {"0.passes": np.full(1, 5.0), "1.body.passes": np.full(1, 6.0)}
    net.load(params, buffers)
    buffers["0.passes"][:] = 0
    assert dict(net.buffers) == {"0.passes": np.full(1, 5.0), "1.body.passes": np.full(1, 6.0)}
    assert dict(net.params) == {"0.factor": np.full(1, 3.0), "1.body.factor": np.full(1, 3.0)}
    net.load(params)
    assert net.buffers["1.body.passes"] == 6.0


@pytest.mark.parametrize("net", [Counter(), Sequential(Counter())], ids=["layer", "container"])
@pytest.mark.parametrize("wrong", ["names", "shape"])
def test_load_of_wrong_buffers_changes_nothing(net, wrong):
    (name,), before = net.buffers, dict(net.params)
    buffers = {"mean": np.zeros(1)} if wrong == "names" else {name: np.zeros(2)}
    words = {
        "names": f"these are not the names of its buffers. Expected ['{name}'], got ['mean'].",
        "shape": f"{name} has the wrong shape. Expected {name} of shape (1,), got (2,).",
    }[wrong]
    with pytest.raises(ValueError, match=f"^{type(net).__name__}: {re.escape(words)}$"):
        net.load({key: w + 1 for key, w in before.items()}, buffers)
    assert all(net.params[key] is w for key, w in before.items())
    assert net.buffers[name] == 0.0


def test_load_of_wrong_params_names_the_layer():
    words = (
        "Linear: these are not the names of its parameters. Expected ['bias', 'weight'], got []."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(words)}$"):
        Linear(1, 1, rng=np.random.default_rng(0)).load({})


def test_residual_agrees_with_torch():
    rng = np.random.default_rng(7)
    body, shortcut = Linear(4, 3, rng=rng), Linear(4, 3, rng=rng)
    net, x, dout = Residual(body, shortcut), rng.standard_normal((5, 4)), np.ones((5, 3))
    twins = [torch.nn.Linear(4, 3).double() for _ in range(2)]
    for layer, twin in zip((body, shortcut), twins, strict=True):
        weight, bias = layer.params["weight"].T.copy(), layer.params["bias"]
        twin.load_state_dict({"weight": torch.from_numpy(weight), "bias": torch.from_numpy(bias)})
    tensor = torch.from_numpy(x).requires_grad_()
    expected = twins[0](tensor) + twins[1](tensor)
    expected.backward(torch.from_numpy(dout))
    out = net.forward(x, training=True, rng=None)
    np.testing.assert_allclose(out, expected.detach(), rtol=1e-12)
    np.testing.assert_allclose(net.backward(dout), tensor.grad, rtol=1e-12)  # pyright: ignore
    assert list(net.grads) == ["body.weight", "body.bias", "shortcut.weight", "shortcut.bias"]
    for name, twin in zip(("body", "shortcut"), twins, strict=True):
        np.testing.assert_allclose(net.grads[f"{name}.weight"], twin.weight.grad.T, rtol=1e-12)  # pyright: ignore


def test_residual_without_a_shortcut_adds_x_itself():
    net, x = Residual(ReLU()), np.array([[-1.0, 2.0]])
    np.testing.assert_array_equal(net.forward(x, training=True, rng=None), [[-1.0, 4.0]])
    np.testing.assert_array_equal(net.backward(np.array([[1.0, 10.0]])), [[1.0, 20.0]])
    assert list(net.children) == ["body"]


def test_residual_passes_training_and_rng_on():
    net = Residual(Dropout(0.5), Dropout(0.5))
    x = np.ones((1, 100))
    out = net.forward(x, training=True, rng=np.random.default_rng(8))
    assert set(np.unique(out)) == {0.0, 2.0, 4.0}
    np.testing.assert_array_equal(net.forward(x, training=False, rng=None), 2 * x)


def test_residual_refuses_shapes_that_cannot_be_added():
    net = Residual(Linear(4, 1, rng=np.random.default_rng(0)))
    words = "shortcut(x) has the wrong shape. Expected shortcut(x) of shape (2, 1), got (2, 4)."
    with pytest.raises(ValueError, match=f"^Residual: {re.escape(words)}$"):
        net.forward(np.ones((2, 4)), training=True, rng=None)


def test_flatten_lays_each_sample_in_a_row_and_back():
    x = np.arange(24.0).reshape(2, 3, 2, 2)
    layer = Flatten()
    flat = layer.forward(x, training=True, rng=None)
    np.testing.assert_array_equal(flat, [np.arange(12.0), np.arange(12.0, 24.0)])
    np.testing.assert_array_equal(layer.backward(flat), x)
    assert layer.forward(x[:0], training=True, rng=None).shape == (0, 12)
    for wrong, error, words in [
        (
            np.ones((2, 3)),
            ValueError,
            "Flatten: dout has the wrong shape. Expected dout of shape (0, 12)",
        ),
        (np.ones((0, 12), int), TypeError, "Flatten: dout is not an array of floats"),
    ]:
        with pytest.raises(error, match=f"^{re.escape(words)}"):
            layer.backward(wrong)
    with pytest.raises(TypeError, match=r"^Flatten: x is not an array of floats"):
        layer.forward([[1.0]], training=True, rng=None)  # pyright: ignore
    with pytest.raises(ValueError, match=r"^Flatten: x has no batch axis"):
        layer.forward(np.ones(3), training=True, rng=None)


class NoDx(Linear):
    """A layer that counts how often its dx is asked for."""

    asked = 0

    def backward(self, dout):
        self.asked += 1
        return super().backward(dout)

    def backward_params(self, dout):
        super().backward(dout)


def test_backward_params_gives_the_same_grads_without_the_first_dx():
    rng = np.random.default_rng(9)
    first, last = NoDx(4, 3, rng=rng), NoDx(3, 2, rng=rng)
    net = Sequential(first, ReLU(), last)
    x, dout = rng.standard_normal((5, 4)), rng.standard_normal((5, 2))
    net.forward(x, training=True, rng=None)
    net.backward_params(dout)
    fast = dict(net.grads)
    assert [first.asked, last.asked] == [0, 1]
    net.backward(dout)
    for name, grad in net.grads.items():
        np.testing.assert_array_equal(fast[name], grad)
    Sequential().backward_params(dout)


def test_backward_params_of_any_layer_fills_its_grads():
    layer = Counter()
    layer.forward(np.full((1, 1), 2.0), training=True, rng=None)
    layer.backward_params(np.full((1, 1), 3.0))
    assert layer.grads["factor"] == 6.0


def test_a_container_of_nothing_has_nothing():
    assert dict(Container().params) == dict(Container().grads) == dict(Container().buffers) == {}


def test_dropout_layer_drops_in_training_only():
    layer, x = Dropout(0.5), np.ones((1, 100))
    trained = layer.forward(x, training=True, rng=np.random.default_rng(4))
    np.testing.assert_array_equal(layer.backward(x), trained)
    assert set(np.unique(trained)) == {0.0, 2.0}
    np.testing.assert_array_equal(layer.forward(x, training=False, rng=None), x)


@pytest.mark.parametrize(
    "layer",
    [small_net(), ReLU(), Dropout(), Flatten(), Linear(1, 1, rng=np.random.default_rng(0))],
)
def test_backward_before_forward_says_so(layer):
    words = "backward has nothing to go back from. Expected a forward pass first, got none."
    with pytest.raises(ValueError, match=rf"^(Linear|ReLU|Dropout|Flatten): {re.escape(words)}$"):
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
        (
            TypeError,
            r"^Sequential: argument 1 is not a layer. Expected a Layer, got str.$",
            lambda: Sequential(ReLU(), "relu"),  # pyright: ignore
        ),
        (TypeError, "Residual: argument body is not a layer", lambda: Residual(None)),  # pyright: ignore
    ]:
        with pytest.raises(error, match=words):
            build()


def test_a_layer_used_twice_is_refused_because_its_cache_would_be_overwritten():
    relu = ReLU()
    words = (
        "a layer is used twice. Expected a new layer at each place, got the same ReLU again. "
        "A layer remembers one forward pass only."
    )
    for build in (
        lambda: Sequential(relu, Flatten(), relu),
        lambda: Sequential(Sequential(relu), Residual(relu)),
        lambda: Residual(relu, relu),
    ):
        with pytest.raises(ValueError, match=rf"^(Sequential|Residual): {re.escape(words)}$"):
            build()


@pytest.mark.parametrize("net", [Counter(), Sequential(Counter())], ids=["layer", "container"])
def test_load_of_what_is_no_dict_says_so(net):
    words = "these are not its {} by name. Expected a dict of arrays, got {}."
    with pytest.raises(TypeError, match=re.escape(words.format("parameters", "list"))):
        net.load([np.ones(1)])
    with pytest.raises(TypeError, match=re.escape(words.format("buffers", "tuple"))):
        net.load(dict(net.params), (np.ones(1),))
    (name,) = net.params
    with pytest.raises(ValueError, match=re.escape(f"Expected ['{name}'], got ['1', 'a'].")):
        net.load({1: np.ones(1), "a": np.ones(1)})
