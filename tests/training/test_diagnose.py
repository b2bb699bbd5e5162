"""Does `diagnose` name what is wrong with a run when that is known?"""

import functools

import numpy as np
import pytest

from coursekit.data import moons, polynomial
from coursekit.numpy_ref import Linear, ReLU, Sequential, squared_error
from coursekit.training import History, Trainer
from coursekit.training.recipe import diagnose
from coursekit.training.recipe.curves import Curves
from coursekit.training.recipe.diagnose import ADVICE
from experiments import diagnose_runs
from experiments.diagnose_runs import HELD_OUT, KINDS, TUNED, tasks

SEED = 40  # none of the experiment's


@functools.cache
def train(task, kind, seed=SEED):
    truth, change = KINDS[kind]
    return truth, change(tasks()[task], seed).run(seed)


def history(**columns):
    """A history by hand: for what real runs do not show."""
    made = History()
    rows = zip(*columns.values(), strict=True)
    made.records = [dict(zip(columns, row, strict=True)) for row in rows]
    return made


def falling(n=12, *, start=2.3, rate=0.5):
    return start * np.exp(-rate * np.arange(n))


def test_nine_of_ten_held_out_runs_are_diagnosed_rightly():
    """The rules have not seen these tasks; each is a real training run, done here and now."""
    runs = [train(task, kind) for task, kinds in HELD_OUT.items() for kind in kinds]
    wrong = [(truth, diagnose(run).label) for truth, run in runs if diagnose(run).label != truth]
    assert len(runs) >= 40
    assert len(wrong) <= 0.1 * len(runs), wrong


def test_nine_of_ten_recorded_runs_are_diagnosed_rightly():
    from experiments._run import load

    shares = load("diagnose_runs")["summary"]
    assert shares["held out"]["runs"] >= 100
    assert shares["held out"]["share"] >= 0.9
    assert shares["tuned"]["share"] >= 0.9


def test_a_recorded_run_comes_out_again():
    for part in ("digits, nesterov: lr x 0.01, seed 30", "digits, sgd: few examples, seed 0"):
        assert diagnose_runs.EXPERIMENT.redo(part) == diagnose_runs.EXPERIMENT.recorded(part)


def test_every_label_is_some_runs_truth():
    truths = {KINDS[kind][0] for kinds in (*TUNED.values(), *HELD_OUT.values()) for kind in kinds}
    assert truths == set(ADVICE) - {"too short"}


@pytest.mark.parametrize(
    ("task", "kind", "words"),
    [
        ("digits, nesterov", "lr x 0.01", "does not level out"),
        ("digits, nesterov", "lr x 100", "diverges"),
        ("digits, nesterov", "lr x 1", "accuracy: train 0.99"),
        ("digits, nesterov", "few examples", "Train accuracy is 1.000, validation accuracy 0."),
        ("digits, nesterov", "strong decay", "even the train accuracy is 0."),
        ("moons, rmsprop", "lr x 1e200", "not finite"),
    ],
)
def test_a_diagnosis_says_why_and_what_to_try(task, kind, words):
    truth, run = train(task, kind)
    text = str(diagnose(run))
    assert text.startswith(truth[0].upper() + truth[1:] + ": ")
    assert words in text
    assert ADVICE[truth] in text


def test_only_a_good_run_is_ok():
    for kind in ("lr x 1", "lr x 0.01", "lr x 100", "few examples"):
        truth, run = train("digits, nesterov", kind)
        assert diagnose(run).ok == (truth == "good")


def test_a_torch_network_is_diagnosed_the_same_way():
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    parts = (torch.nn.Linear(2, 16), torch.nn.ReLU(), torch.nn.Linear(16, 2))
    points = moons("train", noise=0.1), moons("validation", noise=0.1)
    net = torch.nn.Sequential(*parts)
    slow = Trainer(net, update=torch.optim.Adam, lr=1e-5, epochs=15, batch_size=25).fit(*points)
    assert diagnose(slow).label == "lr too low"
    fast = Trainer(net, update=torch.optim.Adam, lr=0.03, epochs=30, batch_size=25).fit(*points)
    assert diagnose(fast).label == "good"


@pytest.mark.parametrize("epochs", [1, 2, 5])
def test_short_runs_need_more_epochs(epochs):
    found = diagnose(history(loss=falling(epochs), train_loss=falling(epochs)))
    assert found.label == "too short"
    assert f"{epochs} epoch" in found.reason
    assert "longer" in found.advice


def test_a_run_without_epochs_is_too_short_or_diverged():
    assert diagnose(History()).label == "too short"
    stopped = History()
    stopped.stopped = "The loss went from 2.3 to 81 by step 2: the run diverges, so try less."
    assert diagnose(stopped).label == "lr too high"
    stopped.stopped = "The loss went from 2.3 to nan by step 2: the run diverges, so try less."
    assert diagnose(stopped).label == "NaN"


def test_nan_is_found_in_short_runs_with_its_epoch():
    found = diagnose(history(loss=[2.3, np.nan], train_loss=[2.0, np.nan]))
    assert found.label == "NaN"
    assert "epoch 2" in found.reason


def test_a_loss_alone_is_enough_and_validation_is_missed():
    found = diagnose(history(loss=falling()))
    assert found.label == "good"
    assert any("validation" in remark for remark in found.remarks)
    slow = diagnose(history(train_loss=np.linspace(2.3, 2.0, 12)))
    assert slow.label == "lr too low"


def test_a_validation_loss_alone_shows_overfitting():
    u_shape = np.r_[falling(6), np.linspace(0.4, 1.5, 6)]
    found = diagnose(history(loss=falling(), train_loss=falling(), validation_loss=u_shape))
    assert found.label == "overfitting"
    assert "times its minimum" in found.reason


def test_constant_columns_have_not_moved():
    flat = np.full(10, 2.3)
    found = diagnose(history(loss=flat, train_loss=flat, train_accuracy=np.full(10, 0.1)))
    assert found.label == "lr too low"
    assert "frozen" in found.reason
    assert diagnose(history(loss=np.zeros(10))).label == "lr too low"


def test_a_regression_is_judged_without_accuracy():
    def loss(scores, y):
        return squared_error(scores, y[:, None].astype(scores.dtype))

    rng = np.random.default_rng(0)
    net = Sequential(Linear(1, 30, rng=rng), ReLU(), Linear(30, 1, rng=rng))
    data = polynomial("train", n=100), polynomial("validation", n=100)
    run = Trainer(net, loss=loss, lr=0.1, epochs=30, batch_size=10).fit(*data)
    assert np.isnan(run.column("train_accuracy")).all()
    found = diagnose(run)
    assert found.values["accuracy"] is None
    assert found.label in ("good", "plateaued")
    slow = Trainer(net, loss=loss, lr=1e-7, epochs=10, batch_size=10).fit(*data)
    assert diagnose(slow).label == "lr too low"


def test_a_run_of_steps_ends_within_an_epoch_and_is_read_all_the_same():
    rng = np.random.default_rng(0)
    net = Sequential(Linear(2, 16, rng=rng), ReLU(), Linear(16, 2, rng=rng))
    run = Trainer(net, lr=1e-4, steps=75, batch_size=20).fit(moons("train"), moons("validation"))
    assert len(run.records) == 8
    assert diagnose(run).label == "lr too low"


def test_the_target_says_which_accuracy_is_enough():
    _, run = train("moons, rmsprop", "no hidden layer")
    assert diagnose(run, target=0.9).label == "underfitting"
    assert diagnose(run, target=0.7).label != "underfitting"


def test_remarks_name_what_else_is_seen():
    noise = 0.3 * (-1.0) ** np.arange(18)
    loss = np.r_[2.3, 1.0 + noise[1:]]
    gap = {"train_accuracy": np.full(18, 0.8), "validation_accuracy": np.full(18, 0.5)}
    found = diagnose(history(loss=loss, train_loss=loss, validation_loss=loss, **gap))
    assert found.label == "too noisy"
    assert any(remark.startswith("Also overfitting: ") for remark in found.remarks)


def test_pace_tells_a_line_from_an_exponential():
    line, curve = np.linspace(1, 0, 300), np.exp(-np.linspace(0, 12, 300))
    assert Curves(line, line).pace == pytest.approx(0.4, abs=0.01)
    assert Curves(curve, curve).pace < 0.01


def test_wobble_measures_noise_and_ignores_slopes():
    noise = np.random.default_rng(0).standard_normal(3000)
    line = np.linspace(9000, 0, 3000)
    assert Curves(line, line).wobble == pytest.approx(0, abs=1e-9)
    assert Curves(line + noise, line + noise).wobble == pytest.approx(1, abs=0.25)


def test_start_leaves_out_a_penalty_that_stays():
    train, penalty = falling(), 5.0
    above = np.r_[2.9, train[1:]]
    assert Curves(above, train).start == pytest.approx(2.9)
    assert Curves(above + penalty, train).start == pytest.approx(2.9)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: diagnose([2.3, 1.0]),  # pyright: ignore[reportArgumentType]
            TypeError,
            "this is no history",
        ),
        (lambda: diagnose(history(loss=falling()), target=2), ValueError, "target is out of range"),
        (lambda: diagnose(history(epoch=[1, 2])), ValueError, "no loss"),
    ],
)
def test_what_is_no_history_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()
