"""Is the toy the decks' network, trained and reported as they do?"""

import re
from functools import partial
from typing import Any

import numpy as np
import pytest

from coursekit.data import Dataset, digits
from coursekit.numpy_ref import adam, momentum, numerical_gradient, relative_error
from coursekit.training.toy import init_two_layer_model, train_two_layer_net, two_layer_net

TRAIN, VALIDATION = digits("train", n=60), digits("validation", n=40)
LINE = re.compile(
    r"Finished epoch (\d+) / (\d+): cost (\d\.\d{6}), train: ([01]\.\d{6}), val ([01]\.\d{6}), "
    r"lr (\d\.\d{6}e[+-]\d\d)"
)


def model(*, seed=0, std=0.1):
    return init_two_layer_model(64, 7, 10, rng=np.random.default_rng(seed), std=std)


def test_initial_weights_are_small_and_biases_zero():
    model = init_two_layer_model(3072, 50, 10, rng=np.random.default_rng(0))
    assert model["W1"].std() == pytest.approx(1e-4, rel=0.01)
    assert model["W2"].std() == pytest.approx(1e-4, rel=0.1)
    assert not model["b1"].any() and not model["b2"].any()


@pytest.mark.parametrize("reg", [0.0, 0.5])
def test_gradients_are_those_of_the_loss(reg):
    toy, rng = model(), np.random.default_rng(1)
    toy = {name: w + 0.1 * rng.standard_normal(w.shape) for name, w in toy.items()}
    x, y = TRAIN.x[:5].astype(float), TRAIN.y[:5]
    _, grads = two_layer_net(x, toy, y, reg)
    assert set(grads) == set(toy)
    for name, w in toy.items():
        numeric = numerical_gradient(
            lambda w, name=name: two_layer_net(x, {**toy, name: w}, y, reg)[0], w
        )
        assert relative_error(grads[name], numeric) < 1e-6, name


def test_scores_are_those_of_the_formula():
    toy = model()
    toy["b1"] += 0.3
    toy["b2"] += np.arange(10)
    x = VALIDATION.x.reshape(40, 64)
    expected = np.maximum(x @ toy["W1"] + toy["b1"], 0) @ toy["W2"] + toy["b2"]
    np.testing.assert_allclose(two_layer_net(VALIDATION.x, toy), expected)


def test_the_penalty_has_its_half_and_no_biases():
    toy = model()
    plain, _ = two_layer_net(TRAIN.x, toy, TRAIN.y)
    toy["b1"], toy["b2"] = toy["b1"] + 0.0, toy["b2"] + 3.0  # moves no loss: all scores alike
    weights = np.sum(toy["W1"] ** 2) + np.sum(toy["W2"] ** 2)
    assert two_layer_net(TRAIN.x, toy, TRAIN.y, 2.0)[0] == pytest.approx(plain + weights)


@pytest.mark.parametrize("batch_size", [None, 25])
def test_training_takes_the_steps_that_the_loss_function_gives(batch_size):
    toy, by_hand = model(), model()
    settings = {"lr": 0.1, "lr_decay": 0.5, "reg": 0.01, "epochs": 2, "verbose": False}
    train = TRAIN if batch_size is None else TRAIN.subset(np.zeros(50, int))  # any order is alike
    history = train_two_layer_net(toy, train, VALIDATION, batch_size=batch_size, **settings)
    costs = []
    for lr in (0.1, 0.05):
        losses = []
        for _ in range(1 if batch_size is None else 2):
            batch = train.first(batch_size)
            loss, grads = two_layer_net(batch.x, by_hand, batch.y, 0.01)
            by_hand = {name: w - lr * grads[name] for name, w in by_hand.items()}
            losses.append(loss)
        costs.append(np.mean(losses))
    np.testing.assert_allclose(history.column("loss"), costs, rtol=1e-6)
    assert list(history.column("lr")) == [0.1, 0.05]
    for name, w in toy.items():
        np.testing.assert_allclose(w, by_hand[name], rtol=1e-5, atol=1e-9, err_msg=name)


def test_the_seed_decides_the_order_of_the_batches():
    def cost(seed):
        settings = {"lr": 0.1, "epochs": 1, "batch_size": 7, "verbose": False}
        return train_two_layer_net(model(), TRAIN, VALIDATION, seed=seed, **settings).column("loss")

    assert cost(1) == cost(1) != cost(2)


def test_every_epoch_prints_its_line(capsys):
    toy = model()
    history = train_two_layer_net(toy, TRAIN, VALIDATION, lr=1e-3, lr_decay=0.5, epochs=3)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    for line, record in zip(lines, history.records, strict=True):
        match = LINE.fullmatch(line)
        assert match, line
        epoch, epochs, cost, train, val, lr = map(float, match.groups())
        assert (epoch, epochs) == (record["epoch"], 3)
        assert cost == pytest.approx(record["loss"], abs=1e-6)
        assert train == pytest.approx(record["train_accuracy"], abs=1e-6)
        assert val == pytest.approx(record["validation_accuracy"], abs=1e-6)
        assert lr == record["lr"]
    assert record["train_accuracy"] == np.mean(two_layer_net(TRAIN.x, toy).argmax(1) == TRAIN.y)


def test_silence_when_not_verbose(capsys):
    train_two_layer_net(model(), TRAIN, VALIDATION, epochs=1, verbose=False)
    assert capsys.readouterr().out == ""


def test_twenty_digits_are_learnt_by_heart():
    x = 255 * (TRAIN.x - digits("train").x.mean(axis=0))
    few = Dataset(x[:20], TRAIN.y[:20], TRAIN.class_names, "train")
    toy = init_two_layer_model(64, 50, 10, rng=np.random.default_rng(0))
    history = train_two_layer_net(toy, few, few, lr=5e-3, epochs=200, verbose=False)
    assert history.column("loss")[0] == pytest.approx(np.log(10), abs=1e-3)
    assert history.column("train_accuracy")[-1] == 1
    assert history.column("loss")[-1] < 0.01


@pytest.mark.parametrize("update", [partial(momentum, momentum=0.95), adam])
def test_other_rules_train_too(update):
    history = train_two_layer_net(
        model(), TRAIN, VALIDATION, update=update, lr=0.05, epochs=60, verbose=False
    )
    assert history.column("loss")[-1] < 0.9 * history.column("loss")[0]


def test_a_run_that_diverges_is_stopped_with_a_sentence_and_says_so(capsys):
    history = train_two_layer_net(model(), TRAIN, VALIDATION, lr=1e6, epochs=5)
    assert history.stopped and "try a smaller learning rate than 1e+06" in history.stopped
    assert history.stopped in capsys.readouterr().out


def test_train_metrics_come_from_the_sample():
    wrong = Dataset(TRAIN.x, np.r_[TRAIN.y[:10], TRAIN.y[10:] * 0], TRAIN.class_names, "train")
    toy = model()
    history = train_two_layer_net(
        toy, wrong, VALIDATION, epochs=1, lr=1e-9, train_sample=10, verbose=False
    )
    expected = np.mean(two_layer_net(TRAIN.x[:10], toy).argmax(1) == TRAIN.y[:10])
    assert history.column("train_accuracy")[0] == expected


@pytest.mark.parametrize("broken", [{}, {"W1": np.eye(2)}, [1], None])
def test_what_is_no_model_is_refused(broken):
    with pytest.raises(
        ValueError, match=r"two_layer_net: this is no model\. Expected a dict of W1"
    ):
        two_layer_net(np.ones((1, 2)), broken)
    with pytest.raises(ValueError, match="this is no model"):
        train_two_layer_net(broken, TRAIN, VALIDATION)


def test_arrays_that_do_not_fit_are_refused():
    for name, array in {"W1": np.ones(64), "W2": np.ones((6, 10)), "b1": np.ones(3)}.items():
        with pytest.raises(ValueError, match=r"affine_forward: .* Expected"):
            train_two_layer_net({**model(), name: array}, TRAIN, VALIDATION)


@pytest.mark.parametrize(
    "settings", [{"lr_decay": 0}, {"lr_decay": 1.5}, {"reg": -1}, {"lr": 0}, {"batch_size": 0}]
)
def test_settings_out_of_range_are_refused(settings):
    with pytest.raises(ValueError, match="Expected"):
        train_two_layer_net(model(), TRAIN, VALIDATION, **settings)


def test_toy_needs_two_data_sets():
    wrong: list[Any] = [(TRAIN, None), ((TRAIN.x, TRAIN.y), VALIDATION)]
    for data in wrong:
        with pytest.raises(TypeError, match=r"train_two_layer_net: .* is not a data set"):
            train_two_layer_net(model(), *data)
