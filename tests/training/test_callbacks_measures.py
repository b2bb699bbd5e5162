"""Do the callbacks that measure say what is so, and leave the run alone?"""

from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from coursekit.data import digits, moons
from coursekit.numpy_ref import (
    Conv2d,
    Dropout,
    Flatten,
    Linear,
    ReLU,
    Sequential,
    Sigmoid,
    Tanh,
    adam,
    l2_penalty,
    momentum,
    sgd,
)
from coursekit.training import Callback, Checkpoint, ProgressBar, Trainer, as_model
from coursekit.training.callbacks import (
    ActivationStats,
    DeadUnits,
    GradientStats,
    LivePlot,
    UpdateRatio,
)
from coursekit.training.model import activations, copies

TRAIN, VALIDATION = moons("train", n=60), moons("validation", n=40)


class Watch(Callback):
    """Keeps parameters before and after each step, and the gradients."""

    def __init__(self):
        self.params, self.grads = [], []

    def on_start(self, run):
        self.model = run.model
        self.params.append(copies(self.model)["params"])

    def on_step(self, record):
        self.params.append(copies(self.model)["params"])
        self.grads.append({name: dw.copy() for name, dw in self.model.grads.items()})


def net(*, p=0.0) -> Any:
    rng = np.random.default_rng(0)
    return Sequential(Linear(2, 8, rng=rng), ReLU(), Dropout(p), Linear(8, 2, rng=rng))


def module(*, p=0.0) -> Any:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Dropout(p), nn.Linear(8, 2))


def train(model, *callbacks, **settings):
    settings = {"epochs": 3, "batch_size": 15, **settings}
    return Trainer(model, **settings, callbacks=callbacks).fit(TRAIN, VALIDATION)


def ratio(before, after):
    return np.sqrt(((after - before) ** 2).sum() / (after**2).sum())


@pytest.mark.parametrize("make", [net, module])
@pytest.mark.parametrize("every", [1, 2, 3])
def test_update_ratio_is_the_mean_over_the_measured_steps(make, every):
    watch = Watch()
    history = train(make(), UpdateRatio(every=every), watch, update=momentum)
    steps = list(zip(watch.params, watch.params[1:], strict=False))
    for name in ("0.weight", "3.weight"):
        ratios = [ratio(before[name], after[name]) for before, after in steps]
        for epoch, value in enumerate(history.column(f"update_ratio/{name}")):
            measured = [k for k in range(4 * epoch, 4 * epoch + 4) if k % every == 0]
            np.testing.assert_allclose(value, np.mean([ratios[k] for k in measured]), rtol=1e-5)
    names = [name for name in history.names() if name.startswith("update_ratio")]
    assert names == ["update_ratio", "update_ratio/0.weight", "update_ratio/3.weight"]
    middle = (history.column(names[1]) + history.column(names[2])) / 2
    np.testing.assert_allclose(history.column("update_ratio"), middle)


def test_update_ratio_grows_with_the_learning_rate():
    rates = [train(net(), UpdateRatio(), lr=lr).column("update_ratio")[0] for lr in (0.01, 0.02)]
    np.testing.assert_allclose(rates[1] / rates[0], 2, rtol=0.05)


@pytest.mark.parametrize(("update", "lr"), [(momentum, 0.1), (adam, 0.001), (adam, 0.01)])
def test_update_ratio_of_a_good_run_comes_down_to_a_thousandth(update, lr):
    rng = np.random.default_rng(0)
    model = Sequential(Linear(64, 100, rng=rng), ReLU(), Linear(100, 10, rng=rng))
    settings = {"update": update, "lr": lr, "epochs": 10, "batch_size": 50}
    trainer = Trainer(model, **settings, callbacks=[UpdateRatio(every=5)])
    history = trainer.fit(digits("train"), digits("validation"))
    assert history.best("validation_accuracy") > 0.94
    ratios = history.column("update_ratio")
    assert ratios[0] > 4e-3 > ratios[-1] > 1e-3 / 5


def test_update_ratio_leaves_frozen_weights_out_of_the_median():
    history = train(net(), UpdateRatio(), lr_scale=lambda name: float(name.startswith("3")))
    assert history.column("update_ratio/0.weight").max() == 0
    np.testing.assert_array_equal(
        history.column("update_ratio"), history.column("update_ratio/3.weight")
    )


def test_update_ratio_of_weights_that_start_end_or_stay_at_zero_is_finite():
    model = net()
    model.layers[3].params["weight"][:] = 0
    history = train(model, UpdateRatio(), steps=1)
    assert history.column("update_ratio/3.weight")[0] == 1
    history = train(model, UpdateRatio(), steps=1, constraint=lambda w: 0 * w)
    assert history.column("update_ratio/0.weight")[0] == 1
    model.load({name: 0 * w for name, w in model.params.items()})
    history = train(model, UpdateRatio(), steps=1)
    assert history.column("update_ratio/3.weight")[0] == 0
    assert history.column("update_ratio")[0] == 0


def test_update_ratio_repeats_itself_where_no_step_is_measured():
    history = train(net(), UpdateRatio(every=9), epochs=4)
    column = history.column("update_ratio/0.weight")
    assert column[0] == column[1] != column[2] == column[3]


@pytest.mark.parametrize("make", [net, module])
def test_gradient_stats_are_those_of_the_gradients(make):
    watch = Watch()
    history = train(make(), GradientStats(), watch)
    for epoch in range(3):
        steps = watch.grads[4 * epoch : 4 * epoch + 4]
        for name in ("0.weight", "3.weight"):
            norm = np.mean([np.sqrt((dw[name] ** 2).sum()) for dw in steps])
            std = np.mean([dw[name].std() for dw in steps])
            np.testing.assert_allclose(history.records[epoch][f"gradient_norm/{name}"], norm, 1e-5)
            np.testing.assert_allclose(history.records[epoch][f"gradient_std/{name}"], std, 1e-5)
        every = np.mean([np.sqrt(sum((w**2).sum() for w in dw.values())) for dw in steps])
        np.testing.assert_allclose(history.records[epoch]["gradient_norm"], every, 1e-5)
    assert not [name for name in history.names() if "bias" in name]


def test_gradient_stats_are_those_of_the_loss_without_its_penalty():
    penalty = partial(l2_penalty, weight_decay=10.0)
    plain, penalised = (
        train(net(), GradientStats(), penalty=p, steps=1).records[0] for p in (None, penalty)
    )
    assert plain["gradient_norm"] == penalised["gradient_norm"]
    assert plain["loss"] < penalised["loss"]


@pytest.mark.parametrize("kind", [UpdateRatio, GradientStats])
@pytest.mark.parametrize(("every", "error"), [(0, ValueError), (1.5, TypeError)])
def test_every_is_a_whole_number(kind, every, error):
    with pytest.raises(error, match=f"{kind.__name__}: every"):
        kind(every=every)


def test_activation_stats_by_hand():
    model = Sequential(Linear(2, 2, rng=np.random.default_rng(0)), Tanh())
    model.load({"0.weight": np.array([[1.0, 0.0], [0.0, 100.0]]), "0.bias": np.zeros(2)})
    stats = ActivationStats(np.array([[0.5, 1.0], [-0.5, 1.0]]))
    record = train(model, stats, lr=1e-12, steps=1).records[0]
    assert record["activation_mean/0"] == pytest.approx(50)
    assert record["activation_std/0"] == pytest.approx(np.std([0.5, -0.5, 100, 100]))
    assert record["activation_mean/1"] == pytest.approx(0.5)
    assert record["saturated/1"] == 0.5
    assert "saturated/0" not in record


@pytest.mark.parametrize(
    ("layer", "twin", "edge"),
    [(Tanh, nn.Tanh, 2.178), (Sigmoid, nn.Sigmoid, 4.357), (ReLU, nn.ReLU, 1e-9)],
)
def test_saturated_means_a_slope_below_a_twentieth(layer, twin, edge):
    x = np.linspace(-8, 8, 4001)[:, None]
    expected = np.mean(x < edge) if layer is ReLU else np.mean(np.abs(x) > edge)
    slope = layer()
    slope.forward(x, training=True, rng=None)
    by_gradient = slope.backward(np.ones_like(x))
    assert np.mean(by_gradient < 0.05 * by_gradient.max()) == pytest.approx(expected, abs=2e-3)
    line = Linear(1, 1, rng=np.random.default_rng(0))
    for probed in (
        Sequential(line, layer()),
        nn.Sequential(nn.Linear(1, 1).double(), twin()),
    ):
        as_model(probed).load({"0.weight": np.ones((1, 1)), "0.bias": np.zeros(1)})
        stats = ActivationStats(x)
        run: Any = SimpleNamespace(model=as_model(probed))
        stats.on_start(run)
        assert stats.measured()["saturated/1"] == pytest.approx(expected, abs=2e-3)


def test_dead_units_are_counted_by_unit_and_by_channel():
    rng = np.random.default_rng(0)
    conv, linear = Conv2d(1, 4, 3, rng=rng), Linear(4 * 36, 20, rng=rng)
    conv.params["bias"][:] = [-99, 9, -99, 9]
    linear.params["bias"][:] = [-999] * 5 + [999] * 15
    model = Sequential(conv, ReLU(), Flatten(), linear, ReLU(), Linear(20, 10, rng=rng))
    data = digits("train", n=30)
    dead = DeadUnits(data.x)
    history = Trainer(model, lr=1e-9, epochs=1, callbacks=[dead]).fit(data)
    record = history.records[0]
    assert (record["dead_units/1"], record["dead_units/4"], record["dead_units"]) == (2, 5, 7)
    assert dead.table() == "     dead_units\n1             2\n4             5\nall           7"


def test_dead_units_of_a_module_and_of_its_twin_agree():
    other, model = module(), net()
    other[0].bias.data[:3] = -9
    params = as_model(other).params
    model.load({name: w.T if w.ndim == 2 else w for name, w in params.items()})
    x = VALIDATION.x
    counts = [train(m, DeadUnits(x), steps=1).column("dead_units")[0] for m in (other, model)]
    assert counts[0] == counts[1] >= 3


def test_unit_that_one_example_wakes_is_not_dead():
    model = net()
    model.load({name: -np.abs(w) for name, w in model.params.items()})
    asleep = np.array([[1.0, 1.0], [2.0, 3.0]])
    for x, dead in ((asleep, 8), (np.concatenate([asleep, [[-9.0, -9.0]]]), 0)):
        assert train(model, DeadUnits(x), lr=1e-12, steps=1).column("dead_units")[0] == dead


def test_network_without_relu_is_refused_before_training():
    line = Linear(2, 2, rng=np.random.default_rng(0))
    before = line.params["weight"].copy()
    for model in (Sequential(line), nn.Sequential(nn.Linear(2, 2))):
        with pytest.raises(ValueError, match="DeadUnits: the network has no ReLU"):
            train(model, DeadUnits(TRAIN.x))
    with pytest.raises(TypeError, match="no layers to look into"):
        train(line, ActivationStats(TRAIN.x))
    np.testing.assert_array_equal(line.params["weight"], before)


@pytest.mark.parametrize("kind", [ActivationStats, DeadUnits])
@pytest.mark.parametrize(
    ("x", "error"),
    [([[1.0]], TypeError), (np.zeros((0, 2)), ValueError), (np.ones(3, int), TypeError)],
)
def test_probe_takes_one_example_or_more(kind, x, error):
    with pytest.raises(error, match=f"{kind.__name__}: x"):
        kind(x)


@pytest.mark.parametrize("make", [net, module])
def test_measuring_changes_nothing(make):
    x = VALIDATION.x[:10]
    measures = [UpdateRatio(every=2), GradientStats(), ActivationStats(x), DeadUnits(x)]
    plain, measured = make(p=0.4), make(p=0.4)
    expected, history = train(plain), train(measured, *measures)
    for record, more in zip(expected.records, history.records, strict=True):
        assert record == {name: more[name] for name in record}
    for name, w in as_model(plain).params.items():
        np.testing.assert_array_equal(as_model(measured).params[name], w)


@pytest.mark.parametrize("make", [net, module])
def test_measures_begin_anew_with_each_run(make):
    x = VALIDATION.x[:10]
    measures = [UpdateRatio(every=5), GradientStats(every=5), ActivationStats(x), DeadUnits(x)]
    first, second = (train(make(), *measures, update=sgd) for _ in range(2))
    assert first.records == second.records


def test_probe_looks_at_the_network_as_it_is_after_the_epoch():
    model, stats = net(), ActivationStats(VALIDATION.x)
    history = train(model, stats)
    for layer, out in activations(model, VALIDATION.x).items():
        assert history.records[-1][f"activation_std/{layer}"] == out.std()
    assert stats.columns.items() <= history.records[-1].items()


def test_callback_that_refuses_the_run_is_heard_above_those_that_never_began():
    late = [ProgressBar(), LivePlot(), GradientStats(), UpdateRatio()]
    with pytest.raises(ValueError, match="DeadUnits: the network has no ReLU"):
        train(Sequential(Linear(2, 2, rng=np.random.default_rng(0))), DeadUnits(TRAIN.x), *late)


def test_table_of_a_complete_run_is_there_after_it_was_resumed(tmp_path):
    def tables():
        measures = [GradientStats(), DeadUnits(VALIDATION.x)]
        train(net(), *measures, Checkpoint(tmp_path / "run.npz"))
        return [measure.table() for measure in measures]

    first, again = tables(), tables()
    assert first == again
    assert "0.weight" in first[0] and "dead_units" in first[1]
