"""Does an ensemble say what its members say on average, and a mean of weights what it should?"""

from functools import partial
from typing import Any

import numpy as np
import pytest
import torch

from coursekit.data import Dataset, digits
from coursekit.numpy_ref import (
    BatchNorm1d,
    Dropout,
    Flatten,
    Linear,
    ReLU,
    Residual,
    Sequential,
    checkpoint_average,
    cosine_restarts,
    swa,
)
from coursekit.training import Trainer, evaluate, predict
from coursekit.training.callbacks import Snapshots, WeightAveraging
from coursekit.training.ensembles import Ensemble, load_average, remeasure_batchnorm
from coursekit.training.model import as_model, copies

TRAIN, TEST = digits("train", n=102), digits("test", n=40)
EVERYWHERE: dict[str, Any] = {"batch_size": 20, "epochs": 3}
PREDICTING: dict[str, Any] = {"training": False, "rng": None}


def net(seed=0, *, classes=10):
    rng = np.random.default_rng(seed)
    return Sequential(Flatten(), Linear(64, 12, rng=rng), ReLU(), Linear(12, classes, rng=rng))


def module(seed=0) -> Any:
    torch.manual_seed(seed)
    layers = torch.nn.Linear(64, 12), torch.nn.BatchNorm1d(12), torch.nn.Linear(12, 10)
    return torch.nn.Sequential(torch.nn.Flatten(), *layers)


def numpy_normed() -> Any:
    """The network of `module`, in NumPy; one BatchNorm is in a block within a block."""
    rng = np.random.default_rng(0)
    inner = Sequential(Linear(12, 12, rng=rng), BatchNorm1d(12, momentum=0.3))
    return Sequential(Flatten(), Linear(64, 12, rng=rng), BatchNorm1d(12), Residual(inner))


def probabilities(scores):
    q = np.exp(scores)
    return q / q.sum(axis=1, keepdims=True)


def test_ensemble_gives_the_mean_of_the_probabilities():
    members = [net(seed) for seed in range(3)]
    expected = np.mean([probabilities(predict(member, TEST.x)) for member in members], axis=0)
    scores = predict(Ensemble(members), TEST.x)
    np.testing.assert_allclose(np.exp(scores), expected)
    np.testing.assert_allclose(probabilities(scores), expected)


def test_ensemble_of_scores_multiplies_the_probabilities():
    members = [net(seed) for seed in range(3)]
    together = Ensemble(members, average="scores")
    product = np.prod([probabilities(predict(m, TEST.x)) for m in members], axis=0) ** (1 / 3)
    expected = product / product.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(probabilities(predict(together, TEST.x)), expected)


def test_loss_of_an_ensemble_is_the_cross_entropy_of_the_mean_and_at_most_the_mean_loss():
    members = [net(seed) for seed in range(3)]
    q = np.mean([probabilities(predict(member, TEST.x)) for member in members], axis=0)
    loss, accuracy = evaluate(Ensemble(members), TEST)
    assert loss == pytest.approx(-np.mean(np.log(q[np.arange(len(TEST)), TEST.y])))
    assert accuracy == np.mean(q.argmax(axis=1) == TEST.y)
    assert loss < np.mean([evaluate(member, TEST)[0] for member in members])


def test_ensemble_survives_scores_whose_exponential_overflows():
    sure = net()
    sure.load({name: 1e4 * w for name, w in sure.params.items()})
    scores = predict(Ensemble([sure, net(1)]), TEST.x)
    assert np.isfinite(scores).all()
    np.testing.assert_allclose(np.exp(scores).sum(axis=1), 1)


def test_ensemble_mixes_numpy_and_pytorch_and_counts_its_members():
    members = [net(), module()]
    expected = np.mean([probabilities(predict(member, TEST.x)) for member in members], axis=0)
    np.testing.assert_allclose(np.exp(predict(Ensemble(members), TEST.x)), expected, rtol=1e-5)
    assert len(Ensemble(members)) == 2


def test_ensemble_of_a_net_in_evaluation_mode_drops_nothing():
    rng = np.random.default_rng(0)
    dropping = Sequential(Flatten(), Dropout(0.9), Linear(64, 10, rng=rng))
    first, second = (Ensemble([dropping]).forward(TEST.x, rng=rng) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_scores_of_an_ensemble_have_the_type_of_its_members():
    assert predict(Ensemble([module(), module(1)]), TEST.x).dtype == np.float32


def test_ensemble_refuses_what_makes_no_sense():
    with pytest.raises(ValueError, match=r"Ensemble: it is empty\. Expected one network or more"):
        Ensemble([])
    for wrong in (torch.nn.Sequential(torch.nn.Linear(2, 2)), net(), 3):
        with pytest.raises(TypeError, match=r"nets is no list"):
            Ensemble(wrong)  # pyright: ignore[reportArgumentType]
    with pytest.raises(ValueError, match=r"average"):
        Ensemble([net()], average="votes")
    with pytest.raises(TypeError, match=r"this is no network"):
        Ensemble([net(), "net"])
    with pytest.raises(ValueError, match=r"only predicts\. Expected training=False, got True"):
        Ensemble([net()]).forward(TEST.x, training=True)
    with pytest.raises(ValueError, match=r"different scores.*got \[\(40, 3\), \(40, 10\)\]"):
        Ensemble([net(), net(classes=3)]).forward(TEST.x)


@pytest.mark.parametrize("make", [net, module])
def test_snapshots_of_a_run_become_members_with_the_weights_of_their_moments(make):
    live, kept, period = make(), Snapshots(steps=6), partial(cosine_restarts, period=6, lr_max=0.2)
    Trainer(live, lr=period, callbacks=[kept], **EVERYWHERE).fit(TRAIN)
    last = predict(live, TEST.x)
    together = Ensemble.from_snapshots(live, kept.snapshots)
    each = [predict(member, TEST.x) for member in together.members]
    np.testing.assert_array_equal(each[2], last)
    assert not np.allclose(each[0], each[2])
    expected = np.mean([probabilities(scores) for scores in each], axis=0)
    np.testing.assert_allclose(np.exp(predict(together, TEST.x)), expected, rtol=1e-5)
    np.testing.assert_array_equal(predict(live, TEST.x), last)


def test_members_from_snapshots_do_not_change_when_the_net_trains_on():
    live = module()
    together = Ensemble.from_snapshots(live, [copies(as_model(live))])
    before = predict(together, TEST.x)
    Trainer(live, **EVERYWHERE).fit(TRAIN)
    np.testing.assert_array_equal(predict(together, TEST.x), before)


@pytest.mark.parametrize("use", [Ensemble.from_snapshots, load_average])
def test_snapshots_that_are_none_are_refused_in_words(use):
    good = copies(net())
    with pytest.raises(TypeError, match=r"snapshots\[1\] is none.*copies\(model\)"):
        use(net(), [good, good["params"]])
    with pytest.raises(TypeError, match=r"snapshots\[0\] is none.*got list"):
        use(net(), [[good]])
    with pytest.raises(ValueError, match=r"empty"):
        use(net(), [])


def test_load_average_gives_the_mean_of_the_weights_which_swa_gives_too():
    live, kept = net(), Snapshots(epochs=1)
    average = WeightAveraging(partial(swa, start=5, every=6))  # the last step of each epoch
    Trainer(live, callbacks=[kept, average], **EVERYWHERE).fit(TRAIN)
    load_average(live, kept.snapshots)
    expected = checkpoint_average([snapshot["params"] for snapshot in kept.snapshots])
    for name, w in live.params.items():
        np.testing.assert_array_equal(w, expected[name])
        np.testing.assert_allclose(w, average.params[name], atol=1e-12)


def test_load_average_measures_batchnorm_again_and_insists_on_it():
    live, kept = module(), Snapshots(epochs=1)
    Trainer(live, callbacks=[kept], **EVERYWHERE).fit(TRAIN)
    with pytest.raises(ValueError, match=r"BatchNorm.*Expected train=<the training set>"):
        load_average(live, kept.snapshots)
    load_average(live, kept.snapshots, train=TRAIN, batch_size=len(TRAIN))
    inside = live[1](live[0](torch.from_numpy(TRAIN.x.copy()))).detach().numpy()
    np.testing.assert_allclose(live[2].running_mean, inside.mean(axis=0), rtol=1e-4, atol=1e-6)


def test_remeasured_averages_are_those_of_the_whole_training_set():
    live = numpy_normed()
    remeasure_batchnorm(live, TRAIN, batch_size=len(TRAIN))
    inside = live.layers[1].forward(live.layers[0].forward(TRAIN.x, **PREDICTING), **PREDICTING)
    np.testing.assert_allclose(live.buffers["2.running_mean"], inside.mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(live.buffers["2.running_var"], inside.var(axis=0, ddof=1))
    behind = live.layers[2].forward(inside, training=True, rng=None)
    deeper = live.layers[3].body.layers[0].forward(behind, **PREDICTING)
    np.testing.assert_allclose(
        live.buffers["3.body.1.running_var"], deeper.var(axis=0, ddof=1), rtol=1e-6
    )


@pytest.mark.parametrize("batch_size", [7, 40, 100, 1000])
def test_remeasured_means_do_not_depend_on_the_batches_and_forget_what_was_before(batch_size):
    live = numpy_normed()
    live.load(live.params, {name: buffer + 50 for name, buffer in live.buffers.items()})
    remeasure_batchnorm(live, TRAIN, batch_size=batch_size)
    inside = live.layers[1].forward(live.layers[0].forward(TRAIN.x, **PREDICTING), **PREDICTING)
    np.testing.assert_allclose(live.buffers["2.running_mean"], inside.mean(axis=0), atol=1e-6)


def test_remeasuring_changes_nothing_but_the_averages():
    live, twin = numpy_normed(), module()
    momenta = [live.layers[2].momentum, live.layers[3].body.layers[1].momentum, twin[2].momentum]
    before = copies(live)["params"], copies(as_model(twin))["params"]
    for model in (live, twin):
        remeasure_batchnorm(model, TRAIN, batch_size=25)
    after = [live.layers[2].momentum, live.layers[3].body.layers[1].momentum, twin[2].momentum]
    assert after == momenta == [0.1, 0.3, 0.1]
    for model, params in zip((live, twin), before, strict=True):
        for name, w in as_model(model).params.items():
            np.testing.assert_array_equal(w, params[name])


def test_remeasuring_a_sorted_data_set_shuffles_it():
    x = np.arange(100, dtype=np.float32)[:, None]
    numbers, layer = (
        Dataset(x, np.zeros(100, int), ("number",), "train"),
        BatchNorm1d(1, dtype="f4"),
    )
    remeasure_batchnorm(layer, numbers, batch_size=10)
    # Batches of ten neighbours would have a variance of 9.
    assert layer.buffers["running_var"] == pytest.approx(x.var(ddof=1), rel=0.1)


def test_remeasuring_gives_the_momentum_back_after_an_error():
    live, names = numpy_normed(), ("a", "b", "c", "d")
    narrow = Dataset(np.ones((4, 3), np.float32), np.arange(4), names, "train")
    with pytest.raises(ValueError, match="affine_forward"):
        remeasure_batchnorm(live, narrow, batch_size=2)
    assert live.layers[2].momentum == 0.1


def test_remeasuring_refuses_batches_and_data_that_are_none():
    with pytest.raises(ValueError, match=r"batch_size"):
        remeasure_batchnorm(numpy_normed(), TRAIN, batch_size=0)
    with pytest.raises(ValueError, match=r"train is empty\. Expected N >= 1, got N = 0"):
        remeasure_batchnorm(numpy_normed(), TRAIN.subset(np.arange(0)))
    arrays: Any = TRAIN.x
    with pytest.raises(TypeError, match=r"remeasure_batchnorm: train is not a data set"):
        remeasure_batchnorm(numpy_normed(), arrays)
    live, before = net(), copies(net())
    with pytest.raises(TypeError, match=r"load_average: train is not a data set"):
        load_average(live, [before], train=arrays)
