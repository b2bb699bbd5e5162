"""Do the callbacks that keep or change weights do so, and nothing else?"""

from functools import partial

import numpy as np
import pytest
import torch
from torch import nn

from coursekit.data import moons
from coursekit.numpy_ref import (
    BatchNorm1d,
    Linear,
    ReLU,
    Sequential,
    adam,
    ema,
    global_magnitude_masks,
    layer_magnitude_masks,
    momentum,
    polyak,
    sparsity,
    swa,
)
from coursekit.training import Callback, Checkpoint, Trainer, as_model, evaluate, load_state
from coursekit.training.callbacks import PruningMasks, Snapshots, WeightAveraging
from coursekit.training.model import copies

TRAIN, VALIDATION = moons("train", n=60), moons("validation", n=40)


class Watch(Callback):
    """Keeps the whole network after each step."""

    def __init__(self):
        self.seen = []

    def on_start(self, run):
        self.model = run.model

    def on_step(self, record):
        self.seen.append(copies(self.model))


def net():
    rng = np.random.default_rng(0)
    return Sequential(Linear(2, 8, rng=rng), BatchNorm1d(8), ReLU(), Linear(8, 2, rng=rng))


def module():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(2, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 2))


MAKERS = pytest.mark.parametrize("make", [net, module])


def train(model, *callbacks, data=(TRAIN, VALIDATION), **settings):
    settings = {"epochs": 4, "batch_size": 15, **settings}
    return Trainer(model, **settings, callbacks=callbacks).fit(*data)


def equal(a, b) -> bool:
    return all(
        np.array_equal(w, b[kind][name])
        for kind in ("params", "buffers")
        for name, w in a[kind].items()
    )


def expected_average(rule, iterates):
    state = {}
    for w in iterates:
        average, state = rule(w, state)
    return average


@MAKERS
@pytest.mark.parametrize(
    "rule", [ema, partial(ema, decay=0.5), polyak, partial(swa, start=4, every=4)]
)
def test_average_is_that_of_the_rule_over_all_steps(make, rule):
    watch, averaging = Watch(), WeightAveraging(rule)
    train(make(), watch, averaging)
    assert len(watch.seen) == 16
    for name, average in averaging.params.items():
        iterates = [step["params"][name] for step in watch.seen]
        np.testing.assert_array_equal(average, expected_average(rule, iterates))
    if rule is polyak:
        mean = np.mean([step["params"]["0.weight"] for step in watch.seen], axis=0)
        np.testing.assert_allclose(averaging.params["0.weight"], mean, rtol=1e-5)


@MAKERS
def test_averaging_and_validating_leave_the_run_as_it_was(make):
    plain, averaged = make(), make()
    expected = train(plain)
    history = train(averaged, WeightAveraging(validate=True))
    assert equal(copies(as_model(averaged)), copies(as_model(plain)))
    for record, more in zip(expected.records, history.records, strict=True):
        assert record.items() <= more.items()
        assert set(more) - set(record) == {
            "average_validation_loss",
            "average_validation_accuracy",
        }


@MAKERS
def test_column_is_what_the_applied_average_gives(make):
    model, averaging = make(), WeightAveraging(partial(ema, decay=0.8), validate=True)
    history = train(model, averaging)
    live = evaluate(model, VALIDATION)
    averaging.apply(model, TRAIN)
    loss, accuracy = evaluate(model, VALIDATION)
    assert history.records[-1]["average_validation_loss"] == loss != live[0]
    assert history.records[-1]["average_validation_accuracy"] == accuracy
    for name, w in as_model(model).params.items():
        np.testing.assert_array_equal(w, averaging.params[name])


@MAKERS
def test_apply_measures_batchnorm_again(make):
    model, averaging = make(), WeightAveraging(polyak)
    train(model, averaging, lr=0.5)
    before = as_model(model).buffers["1.running_mean"].copy()
    averaging.apply(model, TRAIN)
    w, b = averaging.params["0.weight"], averaging.params["0.bias"]
    seen = TRAIN.x @ (w if make is net else w.T) + b
    after = as_model(model).buffers["1.running_mean"]
    np.testing.assert_allclose(after, seen.mean(axis=0), rtol=1e-4, atol=1e-6)
    assert np.abs(before - after).max() > 1e-3


def test_apply_works_on_another_network_of_the_kind():
    averaging, other = WeightAveraging(), net()
    train(net(), averaging)
    averaging.apply(other, TRAIN)
    np.testing.assert_array_equal(other.params["3.bias"], averaging.params["3.bias"])
    with pytest.raises(ValueError, match="not the names of its parameters"):
        averaging.apply(Linear(2, 2, rng=np.random.default_rng(0)), TRAIN)


def test_averages_begin_anew_with_each_run():
    averaging = WeightAveraging(polyak)
    train(net(), averaging)
    first = averaging.params
    train(net(), averaging)
    for name, average in averaging.params.items():
        np.testing.assert_array_equal(average, first[name])


def test_averaging_says_what_is_missing():
    with pytest.raises(TypeError, match="WeightAveraging: rule"):
        WeightAveraging("ema")  # pyright: ignore[reportArgumentType]
    with pytest.raises(TypeError, match="WeightAveraging: validate is not a bool"):
        WeightAveraging(validate=VALIDATION)  # pyright: ignore[reportArgumentType]
    with pytest.raises(ValueError, match="nothing has been averaged yet"):
        WeightAveraging().apply(net(), TRAIN)
    with pytest.raises(ValueError, match=r"nothing to validate with.*fit\(train, validation\)"):
        train(net(), WeightAveraging(validate=True), data=(TRAIN,))


@MAKERS
@pytest.mark.parametrize(
    ("when", "steps"),
    [
        ({"epochs": 2}, [8, 16]),
        ({"epochs": [1, 4]}, [4, 16]),
        ({"epochs": (3, 99)}, [12]),
        ({"steps": 5}, [5, 10, 15]),
        ({"steps": range(2, 5)}, [2, 3, 4]),
        ({"steps": np.array([3, 7])}, [3, 7]),
    ],
)
def test_snapshots_are_the_network_at_the_moments(make, when, steps):
    watch, kept = Watch(), Snapshots(**when)
    train(make(), watch, kept)
    assert kept.steps == steps
    assert len(kept.snapshots) == len(steps)
    for step, snapshot in zip(steps, kept.snapshots, strict=True):
        assert equal(snapshot, watch.seen[step - 1])
        as_model(make()).load(**snapshot)


@MAKERS
def test_snapshots_in_a_folder_are_the_same(make, tmp_path):
    folder = tmp_path / "new" / "folder"
    kept, memory = Snapshots(epochs=2, folder=folder), Snapshots(epochs=2)
    train(make(), kept, memory)
    assert [file.name for file in sorted(folder.iterdir())] == [
        "snapshot_000008.npz",
        "snapshot_000016.npz",
    ]
    for file, snapshot in zip(sorted(folder.iterdir()), memory.snapshots, strict=True):
        assert equal(load_state(file), snapshot)


@pytest.mark.parametrize("on_disk", [True, False])
def test_snapshots_survive_in_checkpoint_or_folder(on_disk, tmp_path):
    path, kept_in = tmp_path / "run.npz", tmp_path / "kept"
    folder = kept_in if on_disk else None
    model, whole = net(), Snapshots(epochs=1)
    train(net(), whole)
    train(model, Snapshots(epochs=1, folder=folder), Checkpoint(path), epochs=2)
    kept = Snapshots(epochs=1, folder=folder)
    train(net(), kept, Checkpoint(path))
    assert kept.steps == whole.steps
    assert all(map(equal, kept.snapshots, whole.snapshots))
    size = path.stat().st_size
    if on_disk:
        (kept_in / "snapshot_000004.npz").unlink()
        with pytest.raises(
            ValueError, match=r"a snapshot of this run is gone.*snapshot_000004\.npz"
        ):
            train(net(), Snapshots(epochs=1, folder=folder), Checkpoint(path))
    else:
        assert size > 4 * sum(w.nbytes for w in model.params.values())


@pytest.mark.parametrize(
    ("when", "error", "wrong"),
    [
        ({}, ValueError, "no moment is given"),
        ({"epochs": []}, ValueError, "no moment is given"),
        ({"epochs": 1, "steps": 1}, ValueError, "two kinds of moments"),
        ({"epochs": 0}, ValueError, "epochs"),
        ({"steps": [0, 3]}, ValueError, "one of the steps"),
        ({"steps": [1.5]}, TypeError, "one of the steps"),
        ({"epochs": 1.5}, TypeError, "epochs"),
        ({"epochs": "12"}, TypeError, "one of the epochs"),
    ],
)
def test_snapshots_refuse_moments_that_make_no_sense(when, error, wrong):
    with pytest.raises(error, match=f"Snapshots: {wrong}"):
        Snapshots(**when)


def weights(model):
    return {name: w.copy() for name, w in as_model(model).params.items() if w.ndim == 2}


UPDATES = [momentum, adam, torch.optim.AdamW, partial(torch.optim.SGD, momentum=0.9)]


@pytest.mark.parametrize("update", UPDATES)
@pytest.mark.parametrize("rule", [layer_magnitude_masks, global_magnitude_masks])
def test_pruned_weights_are_zero_after_every_step_and_others_move(update, rule):
    model, watch = module(), Watch()
    before = weights(model)
    masks = rule(before, sparsity=0.6)
    train(model, PruningMasks(masks), watch, update=update, lr=0.05)
    assert len(watch.seen) == 16
    for step in watch.seen:
        for name, mask in masks.items():
            assert not step["params"][name][mask == 0].any()
    for name, mask in masks.items():
        moved = step["params"][name] != before[name]
        assert moved[mask == 1].any()
        assert sparsity(step["params"][name]) == pytest.approx(1 - mask.mean())


def test_pruning_equals_the_masked_rule():
    from coursekit.numpy_ref import masked, sgd

    model, reference = net(), net()
    masks = layer_magnitude_masks(weights(model), sparsity=0.5)
    train(model, PruningMasks(masks))
    rules = {name: masked(sgd, mask) for name, mask in masks.items()}
    reference.load({n: w * masks.get(n, 1) for n, w in reference.params.items()})
    order = iter([*reference.params] * 16)
    train(
        reference,
        update=lambda w, dw, state, *, lr: rules.get(next(order), sgd)(w, dw, state, lr=lr),
    )
    assert equal(copies(model), copies(reference))


def test_pruning_begins_before_the_first_step():
    model, line = net(), []

    class First(Callback):
        def on_start(self, run):
            line.append(sparsity(run.model.params["0.weight"]))

    masks = layer_magnitude_masks({"0.weight": model.params["0.weight"]}, sparsity=0.5)
    train(model, PruningMasks(masks), First(), epochs=1)
    assert line == [0.5]


def test_pruning_makes_even_infinity_zero():
    model = Linear(2, 2, rng=np.random.default_rng(0))
    model.params["weight"][0, 0] = np.inf
    masks = PruningMasks({"weight": np.array([[0.0, 1.0], [1.0, 1.0]])})
    train(model, masks, steps=1)
    assert model.params["weight"][0, 0] == 0
    assert np.isfinite(model.params["weight"]).all()


@pytest.mark.parametrize(
    ("masks", "error", "wrong"),
    [
        ([1], TypeError, "masks is not a dict"),
        ({"0.weight": [[1]]}, TypeError, "masks"),
        ({"0.weight": np.full((2, 8), 0.5)}, ValueError, "has other values"),
        ({"0.weight": np.ones((8, 2))}, ValueError, r"masks\['0.weight'\]"),
        ({"weight": np.ones((2, 8))}, ValueError, "no such parameter. Expected one of 0.weight"),
    ],
)
def test_masks_that_do_not_fit_are_refused(masks, error, wrong):
    with pytest.raises(error, match=f"PruningMasks: .*{wrong}"):
        train(net(), PruningMasks(masks))


def test_averages_are_those_of_the_last_network():
    averaging, line = WeightAveraging(), Linear(2, 2, rng=np.random.default_rng(0))
    train(net(), averaging)
    train(line, averaging)
    assert list(averaging.params) == ["weight", "bias"]
    averaging.apply(line, TRAIN)
