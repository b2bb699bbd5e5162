"""What initial weights do to signals and gradients, and agreement with torch.nn.init."""

from functools import partial

import numpy as np
import pytest
import torch

from coursekit.data import moons
from coursekit.numpy_ref import (
    Container,
    Dropout,
    Layer,
    Linear,
    ReLU,
    Residual,
    Sequential,
    data_dependent,
    fans,
    he,
    lsuv,
    normal,
    orthogonal,
    random_walk,
    xavier,
    zeros,
)
from coursekit.training import Trainer

DRAWN = {  # every random one, as init(shape, rng=rng)
    "normal": partial(normal, std=0.3),
    "xavier": xavier,
    "xavier-uniform": partial(xavier, fan="in", distribution="uniform"),
    "he": he,
    "orthogonal": orthogonal,
    "random_walk": random_walk,
}
every_init = pytest.mark.parametrize("init", DRAWN.values(), ids=DRAWN)
TORCH = {
    "xavier-normal": (xavier, torch.nn.init.xavier_normal_),
    "xavier-uniform": (
        partial(xavier, distribution="uniform", gain=3.0),
        partial(torch.nn.init.xavier_uniform_, gain=3.0),
    ),
    "he-normal": (he, partial(torch.nn.init.kaiming_normal_, nonlinearity="relu")),
    "he-uniform-out": (
        partial(he, fan="out", distribution="uniform"),
        partial(torch.nn.init.kaiming_uniform_, mode="fan_out", nonlinearity="relu"),
    ),
    "he-leaky": (partial(he, negative_slope=0.7), partial(torch.nn.init.kaiming_normal_, a=0.7)),
    "orthogonal": (
        partial(orthogonal, gain=3.0),
        partial(torch.nn.init.orthogonal_, gain=3.0),
    ),
}


def signals(init, function, *, layers=10, width=500):
    """The hidden values of a deep net of square layers, for normal inputs."""
    rng = np.random.default_rng(0)
    h, found = rng.standard_normal((1000, width)), []
    for _ in range(layers):
        h = function(h @ init((width, width), rng=rng))
        found.append(h)
    return found


def relu(h):
    return np.maximum(h, 0)


# --- sizes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(400, 300), (60, 40, 5, 3)])
@pytest.mark.parametrize("name", TORCH)
def test_weights_are_spread_as_in_torch(name, shape):
    ours, theirs = TORCH[name]
    w = ours(shape, rng=np.random.default_rng(1))
    generator = torch.Generator().manual_seed(1)
    twin = theirs(torch.empty(shape[::-1] if len(shape) == 2 else shape), generator=generator)
    np.testing.assert_allclose(w.std(), twin.std(), rtol=0.02)
    np.testing.assert_allclose((w**4).mean(), (twin**4).mean(), rtol=0.05)
    assert abs(w.mean()) < 5 * w.std() / np.sqrt(w.size)
    if "uniform" in name:
        np.testing.assert_allclose(abs(w).max(), abs(twin).max(), rtol=0.001)


@pytest.mark.parametrize("shape", [(2, 7), (7, 2), (2, 3, 5, 7), (70, 3, 5, 1)])
def test_fans_are_those_of_torch(shape):
    size = torch.empty(shape[::-1] if len(shape) == 2 else shape)
    assert fans(shape) == torch.nn.init._calculate_fan_in_and_fan_out(size)


@every_init
def test_the_same_seed_gives_the_same_weights_and_the_next_draw_others(init):
    rng = np.random.default_rng(2)
    first, second = init((5, 4), rng=rng), init((5, 4), rng=rng)
    np.testing.assert_array_equal(init((5, 4), rng=np.random.default_rng(2)), first)
    assert not np.any(first == second)


@every_init
def test_float32_weights_are_the_float64_weights_rounded(init):
    double, single = (
        init((5, 4), rng=np.random.default_rng(3), **{} if t is None else {"dtype": t})
        for t in (None, np.float32)
    )
    assert (double.dtype, single.dtype) == (np.float64, np.float32)
    np.testing.assert_array_equal(single, double.astype(np.float32))


def test_zeros_are_float64_unless_asked_otherwise():
    assert zeros((2,)).dtype == np.float64
    assert zeros((2,), dtype="float32").dtype == np.float32


def test_xavier_with_fan_in_ignores_the_fan_out():
    seed = np.random.default_rng
    narrow, wide = (xavier((4, m), fan="in", rng=seed(31)).ravel() for m in (2, 20))
    np.testing.assert_array_equal(narrow, wide[:8])
    np.testing.assert_allclose(narrow, seed(31).standard_normal(8) / 2)


# --- signals --------------------------------------------------------------------------------------


def test_zeros_never_move():
    """Equal units get equal gradients; from zero, only the last bias learns: how many of each."""
    net = Sequential(*(Linear(2, 2, rng=np.random.default_rng(4)) for _ in range(3)))
    net = Sequential(net.layers[0], ReLU(), net.layers[1], ReLU(), net.layers[2])
    net.load({name: zeros(w.shape) for name, w in net.params.items()})
    Trainer(net, lr=0.5, epochs=3, batch_size=7).fit(moons("train"), moons("validation"))
    moved = [name for name, w in net.params.items() if np.any(w != 0)]
    assert moved == ["4.bias"]


def test_equal_units_stay_equal():
    rng = np.random.default_rng(5)
    net = Sequential(Linear(2, 3, rng=rng), ReLU(), Linear(3, 2, rng=rng))
    rows = {"2.weight": np.repeat(normal((1, 2), std=1.0, rng=rng), 3, axis=0)}
    columns = {"0.weight": np.repeat(normal((2, 1), std=1.0, rng=rng), 3, axis=1)}
    net.load({**net.params, **columns, **rows})
    Trainer(net, lr=0.5, epochs=3, batch_size=7).fit(moons("train"), moons("validation"))
    w = net.params["0.weight"]
    assert not np.allclose(w, columns["0.weight"])
    np.testing.assert_allclose(w, w[:, :1].repeat(3, axis=1), rtol=1e-10)


def test_normal_of_one_hundredth_makes_tanh_vanish():
    """The table of the lecture: 10 layers of 500 units."""
    table = [0.213081, 0.047551, 0.010630, 0.002378, 0.000532, 0.000119, 0.000026, 0.000006, 1e-6]
    stds = [h.std() for h in signals(partial(normal, std=0.01), np.tanh)]
    np.testing.assert_allclose(stds[:9], table, rtol=0.02, atol=5e-7)
    assert round(stds[9], 6) == 0


def test_normal_of_one_saturates_tanh():
    assert all((abs(h) > 0.9).mean() > 0.9 for h in signals(partial(normal, std=1.0), np.tanh))


def test_xavier_keeps_the_signal_of_tanh():
    stds = [h.std() for h in signals(partial(xavier, fan="in"), np.tanh)]
    assert 0.6 < stds[0] < 0.65 and 0.2 < stds[-1] < 0.3


def test_xavier_halves_the_power_at_each_relu_and_he_keeps_it():
    power = {
        name: [np.square(h).mean() for h in signals(init, relu)]
        for name, init in {"xavier": xavier, "he": he}.items()
    }
    np.testing.assert_allclose(power["xavier"], 0.5 ** np.arange(1, 11), rtol=0.4)
    np.testing.assert_allclose(power["he"], np.ones(10), rtol=0.4)


def test_he_with_a_slope_keeps_the_power_through_a_leaky_relu():
    found = signals(partial(he, negative_slope=0.5), lambda h: np.where(h > 0, h, 0.5 * h))
    np.testing.assert_allclose([np.square(h).mean() for h in found], np.ones(10), rtol=0.25)


def test_he_fan_out_keeps_the_size_of_the_gradient():
    """All of it, when the layers get wider and wider: then fan in would shrink it."""
    rng, dout = np.random.default_rng(6), np.random.default_rng(7).standard_normal((50, 800))
    for width in (400, 200, 100):
        dout = dout @ he((width, 2 * width), fan="out", rng=rng).T * (rng.random(width) > 0.5)
    assert 0.7 < np.square(dout).mean() < 1.4


# --- orthogonal -----------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(5, 5), (3, 7), (7, 3), (4, 2, 3, 3), (20, 2, 3, 3)])
def test_orthogonal_rows_or_columns_are_orthonormal(shape):
    w = orthogonal(shape, rng=np.random.default_rng(8)).reshape(shape[0], -1)
    product = w @ w.T if w.shape[0] < w.shape[1] else w.T @ w
    np.testing.assert_allclose(product, np.eye(len(product)), atol=1e-14)
    tripled = orthogonal(shape, gain=3.0, rng=np.random.default_rng(8))
    np.testing.assert_allclose(tripled.reshape(w.shape), 3 * w)


def test_orthogonal_keeps_every_length_and_angle():
    x = np.random.default_rng(9).standard_normal((4, 50))
    out = x.copy()
    for seed in range(100):
        out = out @ orthogonal((50, 50), rng=np.random.default_rng(seed))
    np.testing.assert_allclose(out @ out.T, x @ x.T, rtol=1e-10)


@pytest.mark.parametrize("shape", [(4, 4), (4, 6), (6, 4)])
def test_orthogonal_takes_the_signs_that_make_all_directions_equally_likely(shape):
    """R of the QR decomposition has a positive diagonal: only then is Q uniform."""
    w = orthogonal(shape, rng=np.random.default_rng(10))
    draws = np.random.default_rng(10).standard_normal(shape)
    r = w @ draws.T if shape[0] < shape[1] else w.T @ draws
    np.testing.assert_allclose(np.tril(r, -1), 0, atol=1e-12)
    assert np.all(np.diag(r) > 0)


# --- random walk ----------------------------------------------------------------------------------


def positive(a):
    return a > 0


def drift(init, function, slope, *, width=20, layers=50, nets=100):
    """The mean log of how much longer a gradient gets on its way back through deep nets."""
    rng, logs = np.random.default_rng(11), []
    for _ in range(nets):
        h, passed = rng.standard_normal(width), []
        for _ in range(layers):
            w = init((width, width), rng=rng)
            passed.append((w, slope(h @ w)))
            h = function(h @ w)
        dout = rng.standard_normal(width)
        dx = dout
        for w, kept in reversed(passed):
            dx = (dx * kept) @ w.T
        logs.append(np.log(np.linalg.norm(dx) / np.linalg.norm(dout)))
    return np.mean(logs)


def test_random_walk_keeps_the_log_of_the_gradients_length_through_relu():
    assert abs(drift(random_walk, relu, positive)) < 0.7
    assert drift(he, relu, positive) < -2


def test_random_walk_keeps_the_log_of_the_gradients_length_through_linear_layers():
    walk = partial(random_walk, nonlinearity="linear")
    assert abs(drift(walk, np.positive, np.ones_like)) < 0.4
    assert drift(partial(xavier, fan="in"), np.positive, np.ones_like) < -0.9


def test_random_walk_of_wide_layers_is_he():
    walk, plain = (f((10_000, 1), rng=np.random.default_rng(12)) for f in (random_walk, he))
    np.testing.assert_allclose(walk, plain, rtol=2e-4)


def test_random_walk_counts_what_enters_a_unit():
    w = random_walk((8, 2, 2, 1), rng=np.random.default_rng(13))  # N = 4 counts as 6 in g only
    draws = np.random.default_rng(13).standard_normal((8, 2, 2, 1))
    np.testing.assert_allclose(w / draws, np.exp(1.2 / 3.6) * np.sqrt(2 / 4))
    w = random_walk((7, 1), rng=np.random.default_rng(13))
    draws = np.random.default_rng(13).standard_normal((7, 1))
    np.testing.assert_allclose(w / draws, np.exp(1.2 / 4.6) * np.sqrt(2 / 7))


# --- what looks at data ---------------------------------------------------------------------------


class Pointwise(Layer):
    """A 1×1 convolution without a bias."""

    def __init__(self, c: int, f: int):
        super().__init__()
        self.params = {"weight": normal((f, c, 1, 1), std=0.1, rng=np.random.default_rng(c))}

    def forward(self, x, *, training, rng):
        return np.einsum("nchw,fc->nfhw", x, self.params["weight"][:, :, 0, 0])


class Scale(Layer):
    """A weight with one axis, as in normalization: not to be adjusted."""

    def __init__(self, d: int):
        super().__init__()
        self.params = {"weight": np.arange(1.0, 1 + d)}

    def forward(self, x, *, training, rng):
        return x * self.params["weight"]


def deep_net(dtype: type = np.float64) -> Sequential:
    rng = np.random.default_rng(14)
    linear = partial(Linear, rng=rng, std=0.1, dtype=dtype)
    block = Residual(Sequential(linear(20, 20), ReLU()), shortcut=linear(20, 20))
    return Sequential(linear(8, 20), ReLU(), Dropout(0.5), block, Residual(linear(20, 20)), ReLU())


def data(dtype: type = np.float64):
    return (3 + 2 * np.random.default_rng(15).standard_normal((200, 8))).astype(dtype)


def outputs_of_linear_layers(net: Sequential, x) -> list[np.ndarray]:
    """What each of deep_net's linear layers gives."""
    net.forward(x, training=False, rng=None)
    layers = [net.layers[0], net.layers[3].body.layers[0], net.layers[3].shortcut]  # pyright: ignore
    layers.append(net.layers[4].body)  # pyright: ignore
    return [layer.cache[0] @ layer.params["weight"] + layer.params["bias"] for layer in layers]


def test_data_dependent_gives_every_unit_mean_0_and_deviation_1():
    net, x = deep_net(), data()
    net.load(data_dependent(net, x))
    for out in outputs_of_linear_layers(net, x):
        np.testing.assert_allclose(out.mean(axis=0), 0, atol=1e-12)
        np.testing.assert_allclose(out.std(axis=0), 1)


def test_data_dependent_keeps_the_directions_of_weights():
    net, x = deep_net(), data()
    before, after = net.params["0.weight"], data_dependent(net, x)["0.weight"]
    ratio = after / before
    np.testing.assert_allclose(ratio, ratio[:1].repeat(8, axis=0))


def test_data_dependent_scales_a_convolution_by_channel():
    x = np.random.default_rng(16).standard_normal((6, 3, 4, 5)) + 1
    net = Sequential(Pointwise(3, 4), ReLU(), Pointwise(4, 2))
    net.load(data_dependent(net, x))
    first = net.layers[0].forward(x, training=False, rng=None)
    for out in (first, net.forward(x, training=False, rng=None)):
        np.testing.assert_allclose(out.std(axis=(0, 2, 3)), 1)
    assert abs(first.mean()) > 0.1, "without a bias the mean stays"


def test_lsuv_gives_every_layer_variance_1():
    net, x = deep_net(), data()
    net.load(lsuv(net, x, rng=np.random.default_rng(17)))
    for out in outputs_of_linear_layers(net, x):
        np.testing.assert_allclose(out.var(), 1)


def test_lsuv_scales_a_convolution_as_a_whole():
    x = np.random.default_rng(18).standard_normal((6, 3, 4, 5)) + 1
    net = Sequential(Pointwise(3, 2))
    params = lsuv(net, x, rng=np.random.default_rng(19))
    net.load(params)
    np.testing.assert_allclose(net.forward(x, training=False, rng=None).var(), 1)
    start = orthogonal((2, 3, 1, 1), rng=np.random.default_rng(19))
    ratio = params["0.weight"] / start
    np.testing.assert_allclose(ratio, np.full((2, 3, 1, 1), ratio.flat[0]))


def test_lsuv_draws_orthogonal_weights_in_the_order_of_layers():
    net, x = deep_net(), data()
    params, rng = lsuv(net, x, rng=np.random.default_rng(20)), np.random.default_rng(20)
    weights = [w for name, w in params.items() if name.endswith("weight")]
    for w in weights:
        ratio = w / orthogonal(w.shape, rng=rng)
        np.testing.assert_allclose(ratio, np.full(w.shape, ratio.flat[0]))
    assert len(weights) == 4


def biased_net() -> Sequential:
    net = Sequential(Linear(8, 20, rng=np.random.default_rng(21)))
    net.load({**net.params, "0.bias": np.linspace(-0.8, 0.8, 20)})
    return net


def test_lsuv_needs_more_iterations_where_there_are_biases():
    net, x = biased_net(), data()
    settings = {"rng": np.random.default_rng(22), "tolerance": 1e-4}
    with pytest.raises(ValueError, match=r"1 ± 0.0001 after 2 iter.*got 1\.03\. Try smaller bias"):
        lsuv(net, x, **settings, max_iterations=2)
    params = lsuv(net, x, **settings, max_iterations=40)
    np.testing.assert_array_equal(params["0.bias"], net.params["0.bias"])
    net.load(params)
    out = net.forward(x, training=False, rng=None)
    assert 1e-8 < abs(out.var() - 1) <= 1e-4


def test_lsuv_accepts_what_is_within_the_tolerance():
    net, x = biased_net(), data()
    once = partial(lsuv, net, x, max_iterations=1)
    net.load(once(rng=np.random.default_rng(23), tolerance=10.0))
    off = abs(net.forward(x, training=False, rng=None).var() - 1)
    once(rng=np.random.default_rng(23), tolerance=1.01 * off)
    with pytest.raises(ValueError, match=r"lsuv: 0.weight does not converge"):
        once(rng=np.random.default_rng(23), tolerance=0.99 * off)


def test_lsuv_with_large_biases_gives_up():
    net, x = biased_net(), data()
    net.load({**net.params, "0.bias": 10 * net.params["0.bias"]})
    with pytest.raises(ValueError, match=r"1 ± 0.05 after 10 iterations"):
        lsuv(net, x, rng=np.random.default_rng(24))


@pytest.mark.parametrize("init", [data_dependent, partial(lsuv, rng=np.random.default_rng(25))])
def test_what_looks_at_data_leaves_the_net_alone(init):
    net, x = deep_net(), data()
    before = {name: w.copy() for name, w in net.params.items()}
    params = init(net, x)
    for name, w in net.params.items():
        np.testing.assert_array_equal(w, before[name])
        assert not np.shares_memory(w, params[name])
    assert net.layers[0].cache is None
    assert list(params) == list(before)


@pytest.mark.parametrize("init", [data_dependent, partial(lsuv, rng=np.random.default_rng(26))])
def test_what_looks_at_data_keeps_float32(init):
    params = init(deep_net(np.float32), data(np.float32))
    assert {w.dtype for w in params.values()} == {np.dtype(np.float32)}


@pytest.mark.parametrize("init", [data_dependent, partial(lsuv, rng=np.random.default_rng(27))])
def test_what_looks_at_data_leaves_weights_of_one_axis_alone(init):
    net = Sequential(Scale(8))
    np.testing.assert_array_equal(init(net, data())["0.weight"], np.arange(1.0, 9))


@pytest.mark.parametrize("init", [data_dependent, partial(lsuv, rng=np.random.default_rng(28))])
def test_what_looks_at_data_refuses_containers_that_it_does_not_know(init):
    net = Sequential(
        Sequential(ReLU(), Container(inner=Linear(8, 2, rng=np.random.default_rng(0))))
    )
    with pytest.raises(
        TypeError, match=r"0\.1 is .* kind\. Expected Sequential or Residual to hold layers, got C"
    ):
        init(net, data())


def test_data_dependent_names_the_layer_in_a_residual_block():
    net = Sequential(Residual(Sequential(Linear(3, 3, rng=np.random.default_rng(32)))))
    with pytest.raises(ValueError, match=r": 0\.body\.0\.weight gives constant output\. Expected"):
        data_dependent(net, np.ones((4, 3)))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_data_dependent_takes_rounding_for_what_it_is(dtype):
    net = Sequential(Sequential(ReLU(), Linear(3, 2, rng=np.random.default_rng(29), dtype=dtype)))
    same = np.full((7, 3), 0.1, dtype)
    with pytest.raises(ValueError, match=r"0.1.weight gives constant .* Try more samples"):
        data_dependent(net, same)
    spread = same + np.random.default_rng(30).standard_normal((7, 3)).astype(dtype) / 1000
    net.load(data_dependent(net, spread))
    out = net.forward(spread, training=False, rng=None)
    np.testing.assert_allclose(out.std(axis=0), 1, rtol=1e-3)
