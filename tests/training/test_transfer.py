"""Can a network begin with what another has learned, and does what is frozen really stay?"""

import importlib
import pickle
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import NearestNeighbors
from torch import nn

from coursekit.data import Dataset, digits, moons, polynomial
from coursekit.numpy_ref import (
    BatchNorm1d,
    Conv2d,
    Flatten,
    Linear,
    ReLU,
    Residual,
    Sequential,
    adam,
    l2_penalty,
    softmax_cross_entropy,
    standardize,
    standardizer,
)
from coursekit.training import Trainer, evaluate, predict
from coursekit.training.models import small_resnet
from coursekit.training.transfer import (
    blocks,
    features,
    freeze,
    layer_lr,
    linear_probe,
    nearest_neighbours,
    replace_head,
    unfreeze,
)

X = np.random.default_rng(0).standard_normal((7, 1, 6, 6)).astype(np.float32)


def numpy_net() -> Sequential:
    rng = np.random.default_rng(0)
    return Sequential(
        *(Conv2d(1, 2, 3, rng=rng), ReLU(), Flatten(), Linear(32, 5, rng=rng)),
        *(BatchNorm1d(5), ReLU(), Linear(5, 4, rng=rng)),
    )


def torch_net() -> nn.Sequential:
    """Four blocks: conv + norm, a residual block of its own, and two linear layers."""
    torch.manual_seed(0)
    stem = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU())
    head = nn.Sequential(nn.Linear(32, 5), nn.ReLU(), nn.Dropout(0.5), nn.Linear(5, 4))
    return nn.Sequential(stem, Bump(), nn.Flatten(), head)


class Bump(nn.Module):
    """A module of one's own: x + norm(conv(x))."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm = nn.Conv2d(2, 2, 3, padding=1), nn.BatchNorm2d(2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.norm(self.conv(x))


def state(net: nn.Module) -> dict[str, np.ndarray]:
    return {name: tensor.numpy().copy() for name, tensor in net.state_dict().items()}


def toy(n: int = 20) -> Dataset:
    rng = np.random.default_rng(1)
    x = rng.standard_normal((n, 1, 6, 6)).astype(np.float32)
    return Dataset(x, rng.integers(0, 4, n), tuple("abcd"), "train")


# Features


@pytest.mark.parametrize("make", [numpy_net, torch_net])
def test_features_are_what_the_head_is_given(make):
    net = make()
    rows = features(net, X)
    assert rows.shape == (7, 5)
    if make is torch_net:
        w, b = net[3][3].weight.detach().numpy().T, net[3][3].bias.detach().numpy()
    else:
        w, b = net.params["6.weight"], net.params["6.bias"]
    np.testing.assert_allclose(rows @ w + b, predict(net, X), rtol=1e-5, atol=1e-6)


def test_features_of_another_layer_are_its_output_in_rows():
    ours = numpy_net()
    expected = ours.layers[0].forward(X, training=False, rng=None).reshape(7, -1)
    np.testing.assert_allclose(features(ours, X, layer="0"), expected)
    net = torch_net().eval()
    with torch.no_grad():
        expected = net.get_submodule("0.0")(torch.from_numpy(X)).reshape(7, -1).numpy()
    np.testing.assert_allclose(features(net, X, layer="0.0"), expected, rtol=1e-5)
    np.testing.assert_allclose(features(net, X, layer="3.3"), predict(net, X), rtol=1e-5)


@pytest.mark.parametrize("make", [numpy_net, torch_net])
def test_features_change_nothing_and_depend_on_nothing_but_the_example(make):
    net = make()
    if make is torch_net:
        net.train()
        before = state(net)
    else:
        before = {**net.params, **net.buffers}
    rows = features(net, X)
    np.testing.assert_allclose(features(net, X[3:4]), rows[3:4], rtol=1e-5, atol=1e-6)
    after = state(net) if make is torch_net else {**net.params, **net.buffers}
    for name, array in before.items():
        np.testing.assert_array_equal(after[name], array)
    if make is torch_net:
        assert all(p.grad is None for p in net.parameters())
        assert not any(
            module._forward_hooks or module._forward_pre_hooks for module in net.modules()
        )


def test_features_of_many_examples_come_in_their_order(monkeypatch):
    net, one_by_one = torch_net(), []
    rows = features(net, X)
    module = importlib.import_module("coursekit.training.evaluate")
    monkeypatch.setattr(module, "VALUES_AT_ONCE", 2 * 36)  # two at a time
    net.register_forward_pre_hook(lambda module, inputs: one_by_one.append(len(inputs[0])))
    np.testing.assert_allclose(features(net, X), rows, rtol=1e-5, atol=1e-6)
    assert one_by_one == [2, 2, 2, 1]


def test_features_of_a_data_set_keep_its_labels():
    data = toy()
    described = features(numpy_net(), data)
    np.testing.assert_allclose(described.x, features(numpy_net(), data.x), rtol=1e-5)
    np.testing.assert_array_equal(described.y, data.y)
    assert (described.class_names, described.x.dtype) == (data.class_names, np.float32)


def test_features_are_not_overwritten_by_a_layer_that_works_in_place():
    net = nn.Sequential(nn.Flatten(), nn.Linear(36, 8), nn.ReLU(inplace=True), nn.Linear(8, 2))
    assert features(net, X, layer="1").min() < 0


def test_features_of_a_network_that_is_its_own_head_are_its_input():
    line = nn.Linear(2, 3)
    np.testing.assert_array_equal(features(line, X.reshape(-1, 2)), X.reshape(-1, 2))
    ours = Sequential(Linear(2, 3, rng=np.random.default_rng(0)))
    np.testing.assert_array_equal(features(ours, X.reshape(-1, 2)), X.reshape(-1, 2))


def nested_net() -> Sequential:
    rng = np.random.default_rng(0)
    head = Sequential(ReLU(), Linear(5, 6, rng=rng), Sequential(ReLU(), Linear(6, 4, rng=rng)))
    return Sequential(Flatten(), Linear(36, 5, rng=rng), head)


def test_the_head_is_found_in_a_sequential_in_a_sequential():
    net = nested_net()
    rows = features(net, X)
    w, b = net.params["2.2.1.weight"], net.params["2.2.1.bias"]
    np.testing.assert_allclose(rows @ w + b, predict(net, X), rtol=1e-6)
    np.testing.assert_array_equal(features(net, X, layer="2.2.0"), rows)
    np.testing.assert_array_equal(features(net, X, layer="2"), predict(net, X))
    new = replace_head(net, 3, rng=np.random.default_rng(0))
    assert predict(new, X).shape == (7, 3)
    assert list(new.params) == list(net.params)
    kept = [name for name in net.params if np.array_equal(new.params[name], net.params[name])]
    assert kept == [name for name in net.params if not name.startswith("2.2.1")]


def test_features_of_a_layer_that_gives_several_tensors_are_refused():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.both = nn.LSTM(6, 4, batch_first=True)

        def forward(self, x):
            return self.both(x)[0]

    with pytest.raises(TypeError, match=r"features: layer both gives no tensor.*got tuple"):
        features(Net(), X[:, 0], layer="both")


def test_errors_about_names_stay_short_for_large_networks():
    net = nn.Sequential(*(nn.Linear(2, 2) for _ in range(100)))
    for refused in (lambda: features(net, X, layer="a"), lambda: freeze(net, names=["a"])):
        with pytest.raises(ValueError, match=r"one of 0, 1, .*, 9, \.\.\., got 'a'"):
            refused()


def test_features_refuse_what_has_none():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.line = nn.Linear(6, 6)

        def forward(self, x):
            return self.line(self.line(x))

    with pytest.raises(
        ValueError, match=r"features: the layer is not used once.*14 for 7 examples"
    ):
        features(Twice(), X[:, 0, 0])
    with pytest.raises(
        ValueError, match=r"features: no such layer. Expected one of 0, .*, got '9'"
    ):
        features(torch_net(), X, layer="9")
    with pytest.raises(
        ValueError, match=r"features: no such layer. Expected one of 0, .*, got '9'"
    ):
        features(numpy_net(), X, layer="9")
    with pytest.raises(ValueError, match=r"features: there is no head. .* got Sequential of 0"):
        features(Sequential(ReLU()), X)
    with pytest.raises(TypeError, match="features: this network is of another kind"):
        features("net", X)
    with pytest.raises(TypeError, match="features: x is not an array of floats"):
        features(torch_net(), X.astype(int))
    with pytest.raises(ValueError, match="features: x is empty"):
        features(torch_net(), X[:0])


# A new head


@pytest.mark.parametrize("make", [numpy_net, torch_net])
def test_replace_head_keeps_all_but_the_head(make):
    net = make()
    new = replace_head(net, 2, rng=np.random.default_rng(0))
    assert predict(new, X).shape == (7, 2)
    assert predict(net, X).shape == (7, 4)  # the old one is as it was
    np.testing.assert_array_equal(features(new, X), features(net, X))
    assert predict(new, X).dtype == predict(net, X).dtype


@pytest.mark.parametrize("make", [numpy_net, torch_net])
def test_replace_head_shares_no_memory_with_the_old_network(make):
    net = make()
    before = predict(net, X)
    new = replace_head(net, 4, rng=np.random.default_rng(0))
    Trainer(new, lr=0.1, epochs=2).fit(toy())
    np.testing.assert_array_equal(predict(net, X), before)


@pytest.mark.parametrize("make", [numpy_net, torch_net])
def test_replace_head_draws_small_weights_from_rng(make):
    head = replace_head(make(), 1000, rng=np.random.default_rng(3))
    again = replace_head(make(), 1000, rng=np.random.default_rng(3))
    np.testing.assert_array_equal(predict(head, X), predict(again, X))
    scores, rows = predict(head, X), features(make(), X)
    expected = 0.01 * np.linalg.norm(rows, axis=1)  # of x·w, with w drawn from N(0, 0.01²)
    np.testing.assert_allclose(scores.std(axis=1), expected, rtol=0.1)
    loss, _ = softmax_cross_entropy(scores, np.arange(7))
    np.testing.assert_allclose(loss, np.log(1000), atol=0.1)


def test_replace_head_of_a_lone_layer_and_of_none():
    assert replace_head(nn.Linear(3, 9), 2, rng=np.random.default_rng(0)).weight.shape == (2, 3)
    for net in (nn.Sequential(nn.ReLU()), Sequential(ReLU())):
        with pytest.raises(ValueError, match="replace_head: there is no head"):
            replace_head(net, 2, rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match="replace_head: num_classes is too small"):
        replace_head(torch_net(), 0, rng=np.random.default_rng(0))
    with pytest.raises(TypeError, match="replace_head: rng is not a generator"):
        replace_head(torch_net(), 2, rng=0)  # pyright: ignore[reportArgumentType]


def test_replace_head_keeps_the_mode_and_what_is_frozen():
    net = torch_net().double().eval()
    freeze(net, first=1)
    new = replace_head(net, 2, rng=np.random.default_rng(0))
    assert not any(module.training for module in new.modules())
    assert new[3][3].weight.dtype == torch.float64
    assert not new[0][0].weight.requires_grad
    assert new[3][3].weight.requires_grad


# Blocks, and their learning rates


def test_blocks_go_from_the_input_to_the_head():
    assert blocks(torch_net()) == [("0.0", "0.1"), ("1",), ("3.0",), ("3.3",)]
    assert blocks(numpy_net()) == [("0",), ("3", "4"), ("6",)]
    rng = np.random.default_rng(0)
    inner = Sequential(Linear(3, 3, rng=rng), ReLU(), Linear(3, 3, rng=rng))
    net = Sequential(Residual(inner), Sequential(ReLU(), Linear(3, 2, rng=rng)))
    assert blocks(net) == [("0",), ("1.1",)]


def test_blocks_open_lists_and_begin_even_with_a_norm():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm = nn.BatchNorm2d(1)
            self.stages = nn.ModuleList([nn.Conv2d(1, 1, 3), Bump(), nn.ReLU()])
            self.norm_of_all = nn.LayerNorm(3)

    assert blocks(Net()) == [("norm",), ("stages.0",), ("stages.1", "norm_of_all")]
    for nothing in (nn.Sequential(nn.ReLU()), Sequential()):
        with pytest.raises(ValueError, match="blocks: the network has no blocks"):
            blocks(nothing)
    with pytest.raises(TypeError, match="blocks: this is no network"):
        blocks([nn.Linear(1, 1)])


@pytest.mark.parametrize("make", [numpy_net, torch_net])
def test_layer_lr_is_smaller_for_older_layers(make):
    net = make()
    factor = layer_lr(net, decay=0.1)
    names = list(net.params) if make is numpy_net else [n for n, _ in net.named_parameters()]
    found = [factor(name) for name in names]
    assert found == sorted(found)
    assert sorted(set(found)) == pytest.approx(sorted(0.1**i for i in range(len(blocks(net)))))
    assert layer_lr(net, decay=1.0)(names[0]) == 1
    assert layer_lr(net, decay=0.0)(names[0]) == 0
    assert layer_lr(net, decay=0.0)(names[-1]) == 1
    assert pickle.loads(pickle.dumps(factor))(names[0]) == factor(names[0])


def test_layer_lr_scales_the_steps_of_the_trainer():
    data, decay = toy(), 0.25
    plain, scaled = torch_net(), torch_net()
    start = state(plain)
    Trainer(plain, lr=0.1, epochs=1).fit(data)
    Trainer(scaled, lr=0.1, epochs=1, lr_scale=layer_lr(scaled, decay=decay)).fit(data)
    for name, behind in {"0.0.weight": 3, "1.conv.bias": 2, "3.0.weight": 1, "3.3.bias": 0}.items():
        full, small = state(plain)[name] - start[name], state(scaled)[name] - start[name]
        np.testing.assert_allclose(small, decay**behind * full, rtol=1e-3, atol=1e-7)


def test_layer_lr_refuses_other_names_and_rates():
    with pytest.raises(ValueError, match=r"layer_lr: no such parameter. .* got '30.weight'"):
        layer_lr(torch_net(), decay=0.5)("30.weight")
    with pytest.raises(
        ValueError, match=r"layer_lr: decay is out of range. Expected decay in \[0, 1\]"
    ):
        layer_lr(torch_net(), decay=1.5)


# Freezing


def test_freeze_and_unfreeze_by_depth_and_by_name():
    net = torch_net()
    everything = [name for name, _ in net.named_parameters()]
    assert freeze(net) == []
    assert unfreeze(net, last=1) == ["3.3.weight", "3.3.bias"]
    assert unfreeze(net, last=3) == [n for n in everything if not n.startswith("0")]
    assert unfreeze(net, last=0) == [n for n in everything if not n.startswith("0")]
    assert freeze(net, first=2) == [n for n in everything if n.startswith("3")]
    assert unfreeze(net, names=["1.norm"])[:2] == ["1.norm.weight", "1.norm.bias"]
    assert unfreeze(net) == everything
    assert freeze(net, first=4) == []


def test_what_is_frozen_does_not_change_by_a_bit():
    net, data = torch_net(), toy()
    freeze(net)
    trained = unfreeze(net, last=2)
    before = state(net)
    Trainer(net, update=adam, lr=0.01, epochs=3, batch_size=5).fit(data, data)
    moved = [name for name, array in state(net).items() if not np.array_equal(array, before[name])]
    assert moved == trained
    # Running averages are no parameters, but every batch moves them, unless the block is frozen.
    unfreeze(net, names=["1"])
    Trainer(net, update=adam, lr=0.01, epochs=1, batch_size=5).fit(data, data)
    after = state(net)
    assert not np.array_equal(after["1.norm.running_mean"], before["1.norm.running_mean"])
    np.testing.assert_array_equal(after["0.1.running_mean"], before["0.1.running_mean"])
    assert after["0.1.num_batches_tracked"] == before["0.1.num_batches_tracked"]


def test_freeze_refuses_what_does_not_exist():
    net = torch_net()
    for count in (5, 100):
        with pytest.raises(
            ValueError, match=r"freeze: first is too large. Expected first of at most 4"
        ):
            freeze(net, first=count)
        with pytest.raises(ValueError, match="unfreeze: last is too large"):
            unfreeze(net, last=count)
    with pytest.raises(
        ValueError, match=r"freeze: no such module. Expected one of 0, .*got 'conv9'"
    ):
        freeze(net, names=["conv9"])
    with pytest.raises(ValueError, match="freeze: two choices at once"):
        freeze(net, first=1, names=["0"])
    with pytest.raises(TypeError, match=r"freeze: no PyTorch network. .* linear_probe"):
        freeze(numpy_net())
    wrong: Any
    for wrong in ("0.0", 5):
        with pytest.raises(TypeError, match=f"names is not a list.*Try \\[{wrong!r}\\]"):
            freeze(net, names=wrong)
    assert all(p.requires_grad for p in net.parameters())  # and nothing was changed


# What it is good for


def digits_of(classes: range, *splits: str) -> Dataset:
    """The digits of these classes, renumbered from 0."""
    sets = [digits(split) for split in splits]
    x, y = np.concatenate([d.x for d in sets]), np.concatenate([d.y for d in sets])
    kept = np.isin(y, classes)
    return Dataset(x[kept], y[kept] - classes[0], tuple(map(str, classes)), splits[-1])


def some_of_each(data: Dataset, n: int, rng: np.random.Generator) -> Dataset:
    classes = range(len(data.class_names))
    chosen = [rng.choice(np.flatnonzero(data.y == k), n, replace=False) for k in classes]
    return data.subset(np.concatenate(chosen))


def small_net(seed: int) -> nn.Module:
    size = {"widths": (8, 16, 32, 32), "mean": (0.3,), "std": (0.38,), "num_classes": 5}
    return small_resnet(rng=np.random.default_rng(seed), **size)


def train_shortly(net: nn.Module, data: Dataset, *, epochs: int, batch_size: int | None) -> None:
    Trainer(net, update=adam, lr=0.02, epochs=epochs, batch_size=batch_size).fit(data)


def test_transfer_beats_a_new_network_when_examples_and_updates_are_few():
    source = small_net(0)
    train_shortly(source, digits_of(range(5), "train"), epochs=3, batch_size=32)
    train = digits_of(range(5, 10), "train")
    test = digits_of(range(5, 10), "validation", "test")
    accuracies = []
    for seed in range(5):
        rng = np.random.default_rng(seed)
        few = some_of_each(train, 5, rng)
        nets = (replace_head(source, 5, rng=rng), small_net(1 + seed))
        for net in nets:  # the same ten updates
            train_shortly(net, few, epochs=10, batch_size=None)
        accuracies.append([evaluate(net, test)[1] for net in nets])
    transferred, new = np.mean(accuracies, axis=0)
    assert transferred > new + 0.05
    assert transferred > 0.75


def test_neighbours_in_feature_space_show_the_same_digit():
    net = small_net(0)
    train_shortly(net, digits_of(range(5), "train"), epochs=3, batch_size=32)
    known, new = digits_of(range(5), "train"), digits_of(range(5), "test")
    indices, _ = nearest_neighbours(features(net, known.x), features(net, new.x), k=5)
    assert np.mean(known.y[indices] == new.y[:, None]) > 0.95


# The linear probe


@pytest.mark.parametrize("n", [100, 1197])
def test_linear_probe_finds_the_minimum_that_scikit_learn_finds(n):
    data, weight_decay = digits("train", n=n), 0.01
    probe, history = linear_probe(data, digits("validation"), weight_decay=weight_decay)
    mean, std = standardizer(data.x.reshape(n, -1))
    rows = standardize(data.x.reshape(n, -1), mean, std).astype(np.float64)

    def loss(w, b):
        return (
            softmax_cross_entropy(rows @ w + b, data.y)[0]
            + l2_penalty(w, weight_decay=weight_decay)[0]
        )

    theirs = LogisticRegression(C=1 / (weight_decay * n), max_iter=2000, tol=1e-7).fit(rows, data.y)
    w, b = probe.params["weight"] * std[:, None], probe.params["bias"]
    ours = loss(w, b + mean / std @ w)
    best = loss(theirs.coef_.T, theirs.intercept_)
    assert abs(ours - best) < 1e-5
    scores = probe.forward(data.x.reshape(n, -1), training=False, rng=None)
    assert np.mean(scores.argmax(axis=1) == theirs.predict(rows)) > 0.995
    assert history.stopped is None


def test_linear_probe_takes_features_as_they_are():
    train, test = (digits(split).with_x(5 * digits(split).x + 3) for split in ("train", "test"))
    probe, history = linear_probe(train, test, epochs=50)
    rows = test.with_x(test.x.reshape(len(test), -1))
    np.testing.assert_allclose(
        evaluate(probe, rows),
        [history.column(f"validation_{what}")[-1] for what in ("loss", "accuracy")],
        rtol=1e-4,
    )


def test_linear_probe_survives_features_that_never_change():
    data = moons("train")
    dead = np.full((len(data), 1), 7, np.float32)
    probe, _ = linear_probe(data.with_x(np.hstack([data.x, dead])), epochs=50)
    np.testing.assert_array_equal(probe.params["weight"][2], 0)  # so a change later does no harm
    alone, _ = linear_probe(data, epochs=50)
    np.testing.assert_allclose(probe.params["weight"][:2], alone.params["weight"], rtol=1e-6)


def test_linear_probe_of_many_correlated_features_does_not_diverge():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 60)
    x = np.outer(y + 0.1 * rng.standard_normal(60), np.ones(1000)) + rng.standard_normal((60, 1000))
    data = Dataset(x.astype(np.float32), y, tuple("abc"), "train")
    _, history = linear_probe(data)
    assert history.stopped is None
    assert history.column("train_accuracy")[-1] == 1


def test_linear_probe_refuses_what_it_cannot_learn():
    points, arrays = moons("train"), np.ones((2, 2))
    for wrong in ((arrays,), (points, arrays)):
        with pytest.raises(TypeError, match=r"linear_probe: .* is not a data set.*got ndarray"):
            linear_probe(*wrong)  # pyright: ignore[reportArgumentType]
    with pytest.raises(ValueError, match="linear_probe: train is not finite"):
        linear_probe(points.with_x(np.full_like(points.x, np.nan)))
    with pytest.raises(ValueError, match="linear_probe: there are no classes"):
        linear_probe(polynomial("train"))
    with pytest.raises(ValueError, match="linear_probe: weight_decay is out of range"):
        linear_probe(moons("train"), weight_decay=-1.0)
    with pytest.raises(ValueError, match="validation is empty"):
        linear_probe(moons("train"), moons("test").subset(np.arange(0)))


# Nearest neighbours


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
@pytest.mark.parametrize("at_once", [2**22, 100])
def test_nearest_neighbours_are_scikit_learns(metric, at_once, monkeypatch):
    module = "coursekit.training.transfer.neighbours.VALUES_AT_ONCE"
    monkeypatch.setattr(module, at_once)  # 100: one query at a time
    rng = np.random.default_rng(0)
    rows, queries = rng.standard_normal((80, 6)) + 1, rng.standard_normal((9, 6))
    theirs = NearestNeighbors(n_neighbors=4, metric=metric).fit(rows)
    distances, indices = theirs.kneighbors(queries)
    ours = nearest_neighbours(rows, queries, k=4, metric=metric)
    np.testing.assert_array_equal(ours[0], indices)
    np.testing.assert_allclose(ours[1], distances, atol=1e-12)
    distances, indices = theirs.kneighbors()  # each row among the others
    ours = nearest_neighbours(rows, k=4, metric=metric)
    np.testing.assert_array_equal(ours[0], indices)
    np.testing.assert_allclose(ours[1], distances, atol=1e-12)


def test_nearest_neighbours_metrics_disagree_about_strong_responses():
    rows = np.array([[9.0, 9.0], [1.0, 0.5], [0.0, 0.0]])
    query = np.array([[1.0, 1.0]])
    assert nearest_neighbours(rows, query, k=3)[0].tolist() == [[0, 1, 2]]
    assert nearest_neighbours(rows, query, k=3, metric="euclidean")[0].tolist() == [[1, 2, 0]]
    assert nearest_neighbours(rows, query, k=3)[1][0, 2] == 1  # of zeros: a right angle


def test_nearest_neighbours_of_equal_rows_are_the_first_of_them():
    rows = np.tile(np.arange(1.0, 4.0)[:, None] * [[1.0, -1.0]], (3, 1)).astype(np.float32)
    indices, distances = nearest_neighbours(rows, rows[:1], k=9, metric="euclidean")
    assert indices[0].tolist() == [0, 3, 6, 1, 4, 7, 2, 5, 8]
    assert distances[0, :3].tolist() == [0, 0, 0]


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_nearest_neighbours_are_the_first_of_many_equally_near(metric):
    rows = np.ones((3000, 2))
    assert nearest_neighbours(rows, rows[:1], k=3, metric=metric)[0].tolist() == [[0, 1, 2]]
    assert nearest_neighbours(rows, k=2, metric=metric)[0][[0, 1, 9]].tolist() == [
        *([1, 2], [0, 2], [0, 1])
    ]


def test_nearest_neighbours_far_from_zero_are_as_exact_as_near_it():
    rows = np.array([[0.0], [1.0], [3.0]]) + 1e8
    indices, distances = nearest_neighbours(rows, rows[:1] + 2.5, k=3, metric="euclidean")
    assert indices.tolist() == [[2, 1, 0]]
    np.testing.assert_allclose(distances, [[0.5, 1.5, 2.5]], rtol=1e-6)


@pytest.mark.parametrize(
    ("settings", "error", "wrong"),
    [
        ({"k": 0}, ValueError, "k is too small"),
        ({"k": 4}, ValueError, "k is too large. Expected k of at most 3, got 4"),
        ({"k": 3, "queries": None}, ValueError, "k is too large. Expected k of at most 2, got 3"),
        ({"metric": "manhattan"}, ValueError, "metric is unknown"),
        ({"queries": np.ones((2, 3))}, ValueError, "queries has the wrong shape"),
        ({"queries": np.ones((2, 2), int)}, TypeError, "queries is not an array of floats"),
        ({"queries": np.full((2, 2), np.nan)}, ValueError, "queries are not finite"),
        ({"features": np.full((3, 2), np.inf)}, ValueError, "features are not finite"),
        ({"features": np.ones((0, 2))}, ValueError, "features is empty"),
    ],
)
def test_nearest_neighbours_refuse_what_has_none(settings, error, wrong):
    arguments = {"features": np.eye(3)[:, :2], "queries": np.ones((2, 2)), "k": 1, **settings}
    with pytest.raises(error, match=f"^nearest_neighbours: {wrong}"):
        nearest_neighbours(**arguments)
