"""Does each step of the recipe pass what is right, and say what is wrong with the rest?"""

import math
from functools import partial

import numpy as np
import pytest

from coursekit.data import Dataset, digits, polynomial
from coursekit.numpy_ref import (
    BatchNorm1d,
    Dropout,
    Linear,
    ReLU,
    Sequential,
    elastic_net_penalty,
    l1_penalty,
    l2_penalty,
    momentum,
    multiclass_svm,
    sgd,
    squared_error,
)
from coursekit.training import Trainer, as_model
from coursekit.training.model import copies
from coursekit.training.recipe import (
    Verdict,
    check_initial_loss,
    coarse_search,
    crank_regularizer,
    find_lr,
    fine_search,
    overfit_small_sample,
    try_lrs,
)
from coursekit.training.recipe.learning_rate import smoothed
from coursekit.training.search import Range, log_uniform

DIGITS = digits("train", n=300)


def net(seed=0, *, std=None, extra=()):
    rng = np.random.default_rng(seed)
    return Sequential(
        Linear(64, 30, rng=rng, std=std), ReLU(), *extra, Linear(30, 10, rng=rng, std=std)
    )


def torch_net(seed=0):
    torch = pytest.importorskip("torch")
    torch.manual_seed(seed)
    layers = (torch.nn.Flatten(), torch.nn.Linear(64, 30), torch.nn.ReLU(), torch.nn.Linear(30, 10))
    return torch.nn.Sequential(*layers)


STEPS = {
    "check_initial_loss": check_initial_loss,
    "crank_regularizer": crank_regularizer,
    "overfit_small_sample": overfit_small_sample,
    "find_lr": partial(find_lr, high=100.0),
    "try_lrs": partial(try_lrs, lrs=(10.0, 1.0, 0.1, 1e-2)),
}


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
@pytest.mark.parametrize("make", [net, torch_net])
def test_a_healthy_network_passes_every_step(step, make):
    for seed in range(3):
        verdict = step(make(seed), DIGITS)
        assert verdict.ok, verdict


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
@pytest.mark.parametrize("make", [torch_net, lambda: net(extra=[BatchNorm1d(30), Dropout(0.2)])])
def test_no_step_changes_the_network(step, make):
    network = make()
    before = copies(as_model(network))
    step(network, DIGITS)
    after = copies(as_model(network))
    for kind, arrays in before.items():
        for name, array in arrays.items():
            np.testing.assert_array_equal(after[kind][name], array)


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_a_step_gives_the_same_twice(step):
    assert step(net(), DIGITS) == step(net(), DIGITS)


def test_a_network_is_given_back_even_if_the_step_fails():
    def broken(scores, y):
        raise RuntimeError("broken")

    network = net()
    before = copies(network)
    with pytest.raises(RuntimeError, match="broken"):
        overfit_small_sample(network, DIGITS, loss=broken)
    np.testing.assert_array_equal(network.params["0.weight"], before["params"]["0.weight"])


def test_verdict_prints_and_counts_as_what_it_says():
    good, bad = Verdict(True, "2 < 3."), Verdict(False, "3 > 2.")
    assert good and not bad
    assert str(bad) == "Not yet: 3 > 2."
    assert good._repr_html_() == "<p><strong>Good.</strong> 2 &lt; 3.</p>"


# Step 1


def test_initial_loss_of_tiny_weights_is_ln_k():
    verdict = check_initial_loss(net(std=1e-4), DIGITS)
    assert verdict.values["expected"] == pytest.approx(math.log(10))
    assert verdict.values["loss"] == pytest.approx(math.log(10), abs=1e-4)


def test_initial_loss_of_the_svm_is_that_of_equal_scores_too():
    verdict = check_initial_loss(net(std=1e-4), DIGITS, loss=multiclass_svm)
    assert verdict.ok
    assert verdict.values["expected"] == pytest.approx(9)  # K − 1 wrong classes, margin 1


def test_initial_loss_passes_random_weights_and_few_others():
    """He's weights on unit variance are the largest that anybody should start from."""
    x = np.random.default_rng(0).standard_normal((300, 64)).astype(np.float32)
    data = Dataset(x, DIGITS.y, DIGITS.class_names, "train")
    assert sum(check_initial_loss(net(seed), data).ok for seed in range(20)) >= 19
    assert not any(check_initial_loss(net(seed), data.with_x(5 * x)).ok for seed in range(20))


@pytest.mark.parametrize(
    ("make", "data", "hint"),
    [
        (lambda: net(), DIGITS.with_x(DIGITS.x * 255), "not normalised"),
        (lambda: net(std=1.0), DIGITS, "weights are too large"),
        (lambda: net(), DIGITS.with_x(DIGITS.x * np.float32("nan")), "no number"),
    ],
)
def test_initial_loss_says_why_it_is_too_high(make, data, hint):
    verdict = check_initial_loss(make(), data)
    assert not verdict.ok
    assert hint in verdict.reason


def test_initial_loss_of_a_trained_network_is_suspicious():
    network = net()
    Trainer(network, update=momentum, lr=0.1, epochs=20, batch_size=30).fit(DIGITS)
    verdict = check_initial_loss(network, DIGITS)
    assert not verdict.ok
    assert "cannot know" in verdict.reason


# Step 2


@pytest.mark.parametrize(
    "penalty",
    [
        partial(l2_penalty, weight_decay=1e3),
        partial(l1_penalty, strength=10.0),
        partial(elastic_net_penalty, l1=1.0, l2=10.0),
    ],
)
@pytest.mark.parametrize("make", [net, torch_net])
def test_regularizer_adds_the_penalty_of_the_weights(penalty, make):
    network = make()
    verdict = crank_regularizer(network, DIGITS, penalty=penalty)
    weights = [w for w in as_model(network).params.values() if w.ndim == 2]
    expected = sum(penalty(w.astype(float))[0] for w in weights)
    assert verdict.ok
    assert verdict.values["with"] - verdict.values["without"] == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(
    ("penalty", "hint"),
    [
        (lambda w: (float((w * w).sum()), w), "factor of 2"),
        (lambda w: (0.0, 0 * w), "Nothing is penalised"),
        (lambda w: (float("nan"), w), "goes up by nan"),
    ],
)
def test_regularizer_says_what_is_wrong_with_a_penalty(penalty, hint):
    verdict = crank_regularizer(net(), DIGITS, penalty=penalty)
    assert not verdict.ok
    assert hint in verdict.reason


def test_regularizer_notices_a_penalty_that_differs_from_call_to_call():
    noise = np.random.default_rng(0)

    def penalty(w):
        loss, dw = l2_penalty(w, weight_decay=1e3)
        return loss + 1e4 * noise.random(), dw

    verdict = crank_regularizer(net(), DIGITS, penalty=penalty)
    assert not verdict.ok
    assert "should go up by the penalty" in verdict.reason


# Step 3


def test_overfitting_a_sample_reaches_accuracy_one_and_no_loss():
    verdict = overfit_small_sample(net(), DIGITS)
    assert verdict.values["accuracy"] == 1
    assert verdict.values["loss"] < 0.01
    assert len(verdict.values["losses"]) == 200


def test_overfitting_works_with_batchnorm_and_without_classes():
    assert overfit_small_sample(net(extra=[BatchNorm1d(30)]), DIGITS)
    rng = np.random.default_rng(0)
    line = Sequential(Linear(1, 50, rng=rng), ReLU(), Linear(50, 1, rng=rng))

    def loss(scores, y):
        return squared_error(scores, y[:, None].astype(scores.dtype))

    smooth = polynomial("train", n=20, noise=0.0)
    verdict = overfit_small_sample(line, smooth, loss=loss, steps=500)
    assert verdict.ok, verdict
    assert "accuracy" not in verdict.reason


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_what_is_no_data_set_is_refused(step):
    with pytest.raises(TypeError, match="is not a data set"):
        step(net(), (DIGITS.x, DIGITS.y))
    with pytest.raises(ValueError, match="is empty"):
        step(net(), DIGITS.subset(np.arange(0)))


def test_a_regression_has_no_guess_to_start_from():
    with pytest.raises(ValueError, match="check_initial_loss: the data set has no classes"):
        check_initial_loss(Linear(1, 1, rng=np.random.default_rng(0)), polynomial("train"))


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        ({"lr": 1e-5}, "stuck"),
        ({"lr": 0.1, "update": sgd, "steps": 30}, "still falls"),
        ({"lr": 1e3}, "diverges"),
    ],
)
def test_overfitting_says_what_is_wrong_with_the_settings(change, hint):
    verdict = overfit_small_sample(net(), DIGITS, **change)
    assert not verdict.ok
    assert hint in verdict.reason


def test_overfitting_finds_equal_examples_with_different_labels():
    few = DIGITS.first(10)
    twice = Dataset(
        np.concatenate([few.x, few.x]), np.r_[few.y, (few.y + 1) % 10], few.class_names, "train"
    )
    verdict = overfit_small_sample(net(), twice)
    assert not verdict.ok
    assert "equal but for their labels" in verdict.reason


def test_overfitting_cannot_work_through_a_layer_without_gradient():
    class Blocked(ReLU):
        def backward(self, dout):
            return 0 * super().backward(dout)

    rng = np.random.default_rng(0)
    network = Sequential(Linear(64, 3, rng=rng), Blocked(), Linear(3, 10, rng=rng))
    verdict = overfit_small_sample(network, DIGITS, steps=1000)
    assert not verdict.ok
    assert "gradients that are zero" in verdict.reason


# Step 4


def test_range_test_visits_learning_rates_geometrically():
    curve = find_lr(net(), DIGITS, low=1e-4, high=1e-2, iterations=21)
    np.testing.assert_allclose(curve.lrs, 1e-4 * 100 ** (np.arange(21) / 20))


def test_range_test_suggests_a_rate_that_works():
    """Within a factor of 10 below, or 4 above, the rate with the lowest loss after 5 epochs."""
    grid = 10.0 ** np.arange(-3, 1.1, 0.5)
    for seed in range(3):
        finals = []
        for lr in grid:
            history = Trainer(net(seed), lr=float(lr), epochs=5, batch_size=20).fit(DIGITS)
            finals.append(np.inf if history.stopped else history.column("train_loss")[-1])
        best = grid[int(np.argmin(finals))]
        curve = find_lr(net(seed), DIGITS, high=100.0, batch_size=20)
        assert curve.ok
        assert best / 20 < curve.lr < 4 * best


def test_range_test_says_where_to_look_next():
    too_low = find_lr(net(), DIGITS, low=1e-9, high=1e-6)
    assert not too_low.ok
    assert math.isnan(too_low.lr)
    assert "larger high" in too_low.reason
    still_falling = find_lr(net(), DIGITS, high=0.1)
    assert not still_falling.ok
    assert still_falling.lr > 0.01
    assert "larger high" in still_falling.reason
    too_high = find_lr(net(), DIGITS, low=100.0, high=1e6)
    assert not too_high.ok
    assert "smaller low" in too_high.reason


def test_range_test_is_drawn_on_a_logarithmic_axis():
    axes = find_lr(net(), DIGITS, high=100.0).plot().axes[0]
    assert axes.get_xscale() == "log"
    assert len(axes.lines) == 2
    assert len(find_lr(net(), DIGITS, low=1e-9, high=1e-6).plot().axes[0].lines) == 1


def test_trying_rates_prefers_the_lowest_loss_and_warns_at_an_edge():
    curve = try_lrs(net(), DIGITS, lrs=(1e-3, 1.0, 100.0))
    assert curve.ok
    assert curve.lr == 1.0
    assert curve.lrs.tolist() == [1e-3, 1.0, 100.0]
    assert curve.losses[2] == np.inf
    edge = try_lrs(net(), DIGITS, lrs=(1e-4, 1e-3))
    assert not edge.ok
    assert "larger rates" in edge.reason
    assert "diverge" in try_lrs(net(), DIGITS, lrs=(1e3, 1e4)).reason


def test_smoothing_keeps_a_line_and_averages_neighbours():
    np.testing.assert_allclose(smoothed(np.arange(9.0), 2)[2:-2], np.arange(2.0, 7))
    assert smoothed(np.array([1.0, 2.0, 6.0]), 1).tolist() == [1.5, 3.0, 4.0]


# Steps 5 and 6

HOW = {"executor": "threads", "workers": 1, "progress": False}


def near(lr):
    return -abs(math.log10(lr) + 3)  # best at 1e-3


def test_coarse_then_fine_comes_closer():
    coarse = coarse_search(near, {"lr": log_uniform(1e-6, 1.0)}, n=8, **HOW)
    fine = fine_search(near, coarse, **HOW)
    assert coarse.ok and fine.ok
    assert fine.results.best.score > coarse.results.best.score
    assert fine.results.space == coarse.next_space
    assert fine.values["score"] == fine.results.best.score
    lr = fine.results.space["lr"]
    assert isinstance(lr, Range)
    assert 1e-6 < lr.low < 1e-3 < lr.high < 1


def test_a_best_value_at_the_edge_is_not_enough():
    edge = coarse_search(near, {"lr": log_uniform(1e-6, 1.2e-4)}, **HOW)
    assert not edge.ok
    assert "beyond the range of lr" in edge.reason
    lr = edge.next_space["lr"]
    assert isinstance(lr, Range)
    assert lr.high > 1.2e-4


def test_a_fine_search_that_finds_nothing_better_says_so():
    coarse = coarse_search(near, {"lr": log_uniform(1e-6, 1.0)}, **HOW)
    worse = fine_search(lambda lr: near(lr) - 1, coarse, **HOW)
    assert not worse.ok
    assert "keep its best" in worse.reason


# Refusals


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: check_initial_loss(net(), DIGITS, spread=0), ValueError, "spread is out of range"),
        (lambda: check_initial_loss("net", DIGITS), TypeError, "this is no network"),
        (lambda: check_initial_loss(net(), DIGITS, n=0), ValueError, "n is too small"),
        (
            lambda: crank_regularizer(net(), DIGITS, penalty=3),  # pyright: ignore[reportArgumentType]
            TypeError,
            "not a function",
        ),
        (lambda: overfit_small_sample(net(), DIGITS, n=0), ValueError, "n is too small"),
        (lambda: overfit_small_sample(net(), DIGITS, steps=1), ValueError, "steps is too small"),
        (lambda: find_lr(net(), DIGITS, low=1.0, high=0.1), ValueError, "low is out of range"),
        (lambda: find_lr(net(), DIGITS, iterations=5), ValueError, "iterations is too small"),
        (lambda: try_lrs(net(), DIGITS, lrs=(0.1,)), ValueError, "number of lrs is too small"),
        (lambda: try_lrs(net(), DIGITS, lrs=(0.1, -1)), ValueError, "lrs is out of range"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_an_empty_data_set_is_refused(step):
    empty = DIGITS.subset(np.array([], dtype=int))
    with pytest.raises(ValueError, match="empty"):
        step(net(), empty)
