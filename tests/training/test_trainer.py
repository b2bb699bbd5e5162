"""Does the Trainer do what a hand-written loop does, and tell what happened?"""

from functools import partial

import numpy as np
import pytest

from coursekit.data import Dataset, digits, moons, polynomial
from coursekit.numpy_ref import (
    Dropout,
    Linear,
    ReLU,
    Sequential,
    adam,
    l2_penalty,
    max_norm,
    momentum,
    softmax_cross_entropy,
    squared_error,
)
from coursekit.training import (
    Callback,
    DivergenceGuard,
    EarlyStopping,
    History,
    ProgressBar,
    Trainer,
    evaluate,
    save_state,
)
from coursekit.training.callbacks import Stop
from coursekit.training.evaluate import predict

TRAIN, VALIDATION = moons("train", n=60), moons("validation", n=40)


def net(*, p=0.0, seed=0):
    rng = np.random.default_rng(seed)
    return Sequential(Linear(2, 8, rng=rng), ReLU(), Dropout(p), Linear(8, 2, rng=rng))


def test_trainer_equals_a_loop_written_by_hand():
    model, lr, weight_decay = net(), 0.1, 0.01
    penalty = partial(l2_penalty, weight_decay=weight_decay)
    history = Trainer(model, lr=lr, epochs=5, penalty=penalty).fit(TRAIN, VALIDATION)
    # By hand: full batch, so that the order of the examples makes no difference.
    w1, b1, w2, b2 = net().params.values()
    losses, onehot = [], np.eye(2)[TRAIN.y]
    for _ in range(5):
        hidden = np.maximum(TRAIN.x @ w1 + b1, 0)
        q = np.exp(hidden @ w2 + b2)
        q /= q.sum(axis=1, keepdims=True)
        decay = weight_decay / 2 * (np.sum(w1**2) + np.sum(w2**2))
        losses.append(-np.mean(np.log(q[onehot == 1])) + decay)
        dscores = (q - onehot) / len(TRAIN)
        dhidden = dscores @ w2.T * (hidden > 0)
        w1, w2 = (
            w1 - lr * (TRAIN.x.T @ dhidden + weight_decay * w1),
            w2 - lr * (hidden.T @ dscores + weight_decay * w2),
        )
        b1, b2 = b1 - lr * dhidden.sum(axis=0), b2 - lr * dscores.sum(axis=0)
    np.testing.assert_allclose(history.column("loss"), losses, rtol=1e-6)
    for got, expected in zip(model.params.values(), (w1, b1, w2, b2), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-5)


def test_trainer_uses_every_example_once_an_epoch():
    seen = []

    class Spy(Sequential):
        def forward(self, x, *, training, rng):
            if training:
                seen.append(x)
            return super().forward(x, training=training, rng=rng)

    Trainer(Spy(*net().layers), epochs=2, batch_size=25).fit(TRAIN, VALIDATION)
    assert [len(x) for x in seen] == [25, 25, 10, 25, 25, 10]
    for epoch in (seen[:3], seen[3:]):
        points = np.concatenate(epoch)
        assert not np.array_equal(points, TRAIN.x)
        np.testing.assert_array_equal(np.sort(points, axis=0), np.sort(TRAIN.x, axis=0))
    assert not np.array_equal(seen[0], seen[3])


def test_penalty_and_constraint_leave_biases_alone():
    asked = []

    def penalty(w):
        asked.append(w.shape)
        return 0.0, np.zeros_like(w)

    def constraint(w):
        asked.append(w.shape)
        return w

    Trainer(net(), epochs=1, penalty=penalty, constraint=constraint).fit(TRAIN, VALIDATION)
    assert sorted(asked) == [(2, 8), (2, 8), (8, 2), (8, 2)]


def test_weight_decay_adds_to_the_gradient_of_weights_and_never_of_biases():
    def gradients(penalty):
        seen = []

        def rule(w, dw, state, *, lr):
            seen.append((w, dw))
            return w, state

        Trainer(net(), update=rule, epochs=1, penalty=penalty).fit(TRAIN, VALIDATION)
        return seen

    decayed, plain = gradients(partial(l2_penalty, weight_decay=2.0)), gradients(None)
    assert len(plain) == 4
    for (w, with_decay), (_, without) in zip(decayed, plain, strict=True):
        np.testing.assert_allclose(with_decay, without + (2 * w if w.ndim == 2 else 0))


def test_max_norm_holds_after_every_step():
    model = net()
    Trainer(model, lr=1.0, epochs=10, constraint=partial(max_norm, c=0.25)).fit(TRAIN, VALIDATION)
    norms = [np.linalg.norm(w, axis=0).max() for w in model.params.values() if w.ndim == 2]
    assert max(norms) <= 0.5 + 1e-9
    assert max(norms) > 0.49  # else the limit was never reached, and this test says nothing


@pytest.mark.parametrize("update", [momentum, adam])
def test_update_rules_keep_their_state_between_steps(update):
    model = net()
    Trainer(model, update=update, lr=0.01, epochs=3).fit(TRAIN, VALIDATION)
    expected, state = net(), {}
    for _ in range(3):
        scores = expected.forward(TRAIN.x, training=True, rng=np.random.default_rng(0))
        expected.backward(softmax_cross_entropy(scores, TRAIN.y)[1])
        new = {}
        for name, w in expected.params.items():
            new[name], state[name] = update(w, expected.grads[name], state.get(name, {}), lr=0.01)
        expected.params = new
    for name, w in expected.params.items():
        np.testing.assert_allclose(model.params[name], w, rtol=1e-6, atol=1e-9)


def test_schedule_is_asked_for_every_step():
    history = Trainer(net(), lr=lambda step: 0.1 / (1 + step), epochs=3, batch_size=30).fit(
        TRAIN, VALIDATION
    )
    assert history.column("step").tolist() == [2, 4, 6]
    np.testing.assert_allclose(history.column("lr"), [0.1 / 2, 0.1 / 4, 0.1 / 6])


def test_equal_seeds_give_equal_runs_and_others_do_not():
    def run(seed):
        trainer = Trainer(net(p=0.5), epochs=3, batch_size=20, seed=seed)
        return trainer.fit(TRAIN, VALIDATION).records

    assert run(1) == run(1)
    assert run(1) != run(2)


def test_dropout_is_on_in_training_and_off_in_evaluation():
    modes = []

    class Spy(Sequential):
        def forward(self, x, *, training, rng):
            modes.append((len(x), training, rng is not None))
            return super().forward(x, training=training, rng=rng)

    Trainer(Spy(*net(p=0.5).layers), epochs=1, batch_size=60).fit(TRAIN, VALIDATION)
    assert modes == [(60, True, True), (60, False, False), (40, False, False)]


def test_history_is_tidy_and_agrees_with_evaluate():
    model = net()
    history = Trainer(model, epochs=4).fit(TRAIN, VALIDATION)
    assert [record["epoch"] for record in history.records] == [1, 2, 3, 4]
    last = history.records[-1]
    assert (last["train_loss"], last["train_accuracy"]) == evaluate(model, TRAIN)
    assert (last["validation_loss"], last["validation_accuracy"]) == evaluate(model, VALIDATION)
    assert set(last) == {"epoch", "step", "loss", "lr"} | {
        f"{split}_{what}" for split in ("train", "validation") for what in ("loss", "accuracy")
    }
    with pytest.raises(KeyError, match="no column 'accuracy'"):
        history.column("accuracy")


def test_history_best_is_an_extreme_of_the_column():
    history = History()
    history.records = [{"loss": 2.0}, {"loss": 1.0}, {"loss": 3.0}]
    assert (history.best("loss"), history.best("loss", smallest=True)) == (3.0, 1.0)


def test_evaluate_by_hand():
    class Fixed:
        def forward(self, x, *, training, rng):
            return np.log(np.array([[0.5, 0.5, 0.0001], [0.25, 0.75, 0.0001]]))

    data = Dataset(np.zeros((2, 2), np.float32), np.array([2, 1]), ("a", "b", "c"), "test")
    loss, accuracy = evaluate(Fixed(), data)
    expected = -np.mean(np.log([0.0001 / 1.0001, 0.75 / 1.0001]))
    np.testing.assert_allclose(loss, expected)
    assert accuracy == 0.5


def test_scores_that_are_no_numbers_are_never_right():
    class Broken:
        def forward(self, x, *, training, rng):
            return np.where(np.arange(len(x))[:, None] < 10, np.nan, [[1.0, 0.0]])

    data = Dataset(TRAIN.x, np.zeros(60, np.int64), TRAIN.class_names, "test")
    assert evaluate(Broken(), data, loss=lambda scores, y: (0.0, scores))[1] == 50 / 60


def test_scores_without_classes_are_named():
    class Flat:
        def forward(self, x, *, training, rng):
            return np.zeros(len(x))

    with pytest.raises(ValueError, match="evaluate: scores has the wrong shape"):
        evaluate(Flat(), TRAIN, loss=lambda scores, y: (0.0, scores))


@pytest.mark.parametrize("lr", [1e3, 1e6, 1e30])
def test_guard_stops_a_diverging_run_and_says_what_to_try(lr):
    history = Trainer(net(), lr=lr, epochs=100).fit(TRAIN, VALIDATION)
    assert len(history.records) < 100
    assert history.stopped is not None
    assert history.stopped.endswith(f"so try a smaller learning rate than {lr:.3g}.")


@pytest.mark.parametrize("loss", [float("nan"), float("inf"), 3.01])
def test_guard_raises_beyond_its_limit(loss):
    guard = DivergenceGuard()
    guard.on_step({"step": 1, "loss": 1.0, "lr": 1})
    guard.on_step({"step": 2, "loss": 2.99, "lr": 1})
    with pytest.raises(Stop, match="by step 3"):
        guard.on_step({"step": 3, "loss": loss, "lr": 1})


def test_guard_forgets_the_run_before():
    guard = DivergenceGuard()
    for lr in (0.01, 0.02):
        history = Trainer(net(), lr=lr, epochs=1, callbacks=[guard]).fit(TRAIN, VALIDATION)
        assert guard.first == history.records[0]["loss"]


def test_guard_leaves_a_good_run_alone():
    history = Trainer(net(), lr=0.5, epochs=20).fit(TRAIN, VALIDATION)
    assert history.stopped is None
    assert len(history.records) == 20


def test_callbacks_hear_everything_and_the_end_even_after_an_error():
    heard = []

    class Ear(Callback):
        def on_start(self, run):
            heard.append(("start", run.total_steps))

        def on_step(self, record):
            heard.append(("step", record["step"]))

        def on_epoch(self, record):
            heard.append(("epoch", record["epoch"]))
            raise RuntimeError("broken callback")

        def on_end(self):
            heard.append(("end",))

    with pytest.raises(RuntimeError, match="broken callback"):
        Trainer(net(), epochs=3, batch_size=40, callbacks=[Ear()]).fit(TRAIN, VALIDATION)
    assert heard == [("start", 6), ("step", 1), ("step", 2), ("epoch", 1), ("end",)]


def test_progress_bar_counts_the_steps(capsys):
    bar = ProgressBar()
    Trainer(net(), epochs=2, batch_size=30, callbacks=[bar]).fit(TRAIN, VALIDATION)
    assert (bar.bar.n, bar.bar.total) == (4, 4)
    assert "validation_accuracy" in bar.bar.postfix
    capsys.readouterr()


def test_trainer_learns_digits():
    rng = np.random.default_rng(0)
    model = Sequential(Linear(64, 50, rng=rng), ReLU(), Linear(50, 10, rng=rng))
    history = Trainer(model, update=momentum, lr=0.1, epochs=8, batch_size=50).fit(
        digits("train"), digits("validation")
    )
    assert history.best("validation_accuracy") > 0.95


@pytest.mark.parametrize(
    ("settings", "error", "wrong"),
    [
        ({"epochs": 0}, ValueError, "epochs is too small"),
        ({"epochs": 1.5}, TypeError, "epochs is not a whole number"),
        ({"epochs": None}, TypeError, "epochs is not a whole number"),
        ({"steps": True}, TypeError, "steps is not a whole number"),
        ({"batch_size": 0}, ValueError, "batch_size is too small"),
        ({"train_sample": "all"}, TypeError, "train_sample is not a whole number"),
        ({"seed": -1}, ValueError, "seed is too small"),
        ({"seed": None}, TypeError, "seed is not a whole number"),
        ({"lr": 0.0}, ValueError, "lr is out of range"),
        ({"lr": float("nan")}, ValueError, "lr is out of range"),
        ({"lr": float("inf")}, ValueError, "lr is out of range"),
        ({"lr": "0.1"}, TypeError, "lr is not a number"),
        ({"loss": None}, TypeError, "loss is not a function"),
        ({"is_weight": None}, TypeError, "is_weight is not a function"),
        ({"penalty": 1e-4}, TypeError, "penalty is not a function"),
        ({"constraint": 0}, TypeError, "constraint is not a function"),
        ({"augment": np.ones(2)}, TypeError, "augment is not a function"),
        ({"lr_scale": {"0.weight": 0.1}}, TypeError, "lr_scale is not a function"),
        ({"callbacks": DivergenceGuard()}, TypeError, "callbacks is not a list"),
        ({"callbacks": None}, TypeError, "callbacks is not a list"),
        ({"callbacks": [DivergenceGuard]}, TypeError, "one of the callbacks is none"),
    ],
)
def test_trainer_refuses_settings_that_make_no_sense(settings, error, wrong):
    with pytest.raises(error, match=f"^Trainer: {wrong}. Expected .*, got "):
        Trainer(net(), **settings)


def test_whole_numbers_of_numpy_are_whole_numbers():
    settings = {"epochs": np.int64(2), "batch_size": np.int32(30), "train_sample": np.int64(9)}
    assert len(Trainer(net(), **settings).fit(TRAIN).records) == 2


@pytest.mark.parametrize(
    ("settings", "error", "wrong"),
    [
        ({"lr": lambda step: None}, TypeError, "Trainer: lr at step 0 is not a number"),
        ({"lr": lambda step: -1.0}, ValueError, "Trainer: lr at step 0 is out of range"),
        ({"lr": lambda step: float("nan")}, ValueError, "Trainer: lr at step 0 is out of range"),
        ({"loss": lambda scores, y: 0.5}, TypeError, "Trainer.loss: it gave no pair"),
        ({"loss": lambda scores, y: (None, scores)}, TypeError, "the loss is not one number"),
        ({"loss": lambda scores, y: (scores[:, 0], scores)}, TypeError, "is not one number"),
        ({"loss": lambda scores, y: (0.5, 1)}, TypeError, "dscores is not an array of floats"),
        (
            {"loss": lambda scores, y: (0.5, scores.astype(int))},
            TypeError,
            "dscores is not an array of floats",
        ),
        ({"loss": lambda scores, y: (0.5, scores[:1])}, ValueError, "dscores has the wrong shape"),
        ({"penalty": lambda w: 0.5}, TypeError, "Trainer.penalty: it gave no pair"),
        ({"penalty": lambda w: (0.5, w[0])}, ValueError, "Trainer.penalty: dw has the wrong shape"),
        ({"constraint": lambda w: None}, TypeError, "0.weight is not an array of floats"),
        ({"constraint": lambda w: w.T}, ValueError, "0.weight has the wrong shape"),
        ({"augment": lambda x, y, *, rng: x}, TypeError, "Trainer.augment: it gave no pair"),
        ({"augment": lambda x, y, *, rng: (x[:9], y)}, ValueError, "y has the wrong shape"),
        ({"update": lambda w, dw, state, *, lr: w}, TypeError, "Trainer.update: it gave no pair"),
    ],
)
def test_trainer_refuses_what_its_functions_give_if_it_makes_no_sense(settings, error, wrong):
    with pytest.raises(error, match=f"{wrong}. Expected .*, got "):
        Trainer(net(), **settings).fit(TRAIN)


def test_broadcasting_scores_against_targets_is_no_squared_error():
    line, data = Linear(1, 1, rng=np.random.default_rng(0)), polynomial("train")

    def wrong(scores, y):  # (N, 1) − (N,) is (N, N): the classic that trains and learns nothing
        return float(np.mean((scores - y) ** 2)), 2 * (scores - y) / len(y)

    with pytest.raises(ValueError, match="dscores has the wrong shape"):
        Trainer(line, loss=wrong).fit(data)
    right = Trainer(line, loss=lambda scores, y: squared_error(scores, y[:, None])).fit(data)
    assert right.column("loss")[-1] < right.column("loss")[0]


def test_trainer_refuses_what_is_no_data_set_and_an_empty_one():
    empty = TRAIN.subset(np.arange(0))
    for data, error in [(empty, ValueError), ((TRAIN.x, TRAIN.y), TypeError), (None, TypeError)]:
        with pytest.raises(error, match=r"Trainer.fit: train is .* Expected .*, got "):
            Trainer(net()).fit(data, VALIDATION)
    for data, error in [(empty, ValueError), (TRAIN.x, TypeError)]:
        with pytest.raises(error, match=r"Trainer.fit: validation is .* Expected .*, got "):
            Trainer(net()).fit(TRAIN, data)


def test_predict_refuses_what_is_no_network_and_what_are_no_examples():
    with pytest.raises(TypeError, match="predict: this is no network"):
        predict(None, TRAIN.x)
    with pytest.raises(TypeError, match="predict: x is not an array of floats"):
        predict(net(), TRAIN)  # pyright: ignore[reportArgumentType]
    with pytest.raises(ValueError, match="predict: x is empty"):
        predict(net(), TRAIN.x[:0])


def test_a_callback_hears_the_end_only_of_what_it_saw_begin_and_whatever_others_do():
    heard = []

    class Ear(Callback):
        def __init__(self, name, wrong=None):
            self.name, self.wrong = name, wrong

        def on_start(self, run):
            if self.wrong == "start":
                raise RuntimeError("refused")

        def on_end(self):
            heard.append(self.name)
            if self.wrong == "end":
                raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="refused"):
        Trainer(net(), callbacks=[Ear("a"), Ear("b", "start"), Ear("c")]).fit(TRAIN)
    assert heard == ["a"]
    heard.clear()
    with pytest.raises(RuntimeError, match="broken"):
        Trainer(net(), callbacks=[Ear("a"), Ear("b", "end"), Ear("c")]).fit(TRAIN)
    assert sorted(heard) == ["a", "b", "c"]


def test_guard_refuses_a_factor_of_one():
    with pytest.raises(ValueError, match="factor is out of range"):
        DivergenceGuard(factor=1.0)


def test_guard_does_not_take_one_easy_example_for_the_loss_of_all():
    guard = DivergenceGuard()
    history = Trainer(net(seed=1), lr=0.05, epochs=3, batch_size=1, callbacks=[guard]).fit(TRAIN)
    assert history.stopped is None
    assert len(guard.recent) == 10
    losses = []

    class Ear(Callback):
        def on_step(self, record):
            losses.append(record["loss"])

    Trainer(net(seed=1), lr=0.05, epochs=3, batch_size=1, callbacks=[Ear()]).fit(TRAIN)
    assert max(losses) > 3 * losses[0]  # else one loss alone would do, and this test says nothing


def test_guard_stops_a_run_of_single_examples_that_diverges():
    history = Trainer(net(), lr=1e3, epochs=3, batch_size=1).fit(TRAIN)
    assert history.stopped is not None and "diverges" in history.stopped


def test_guard_looks_for_the_fault_in_the_data_if_the_first_loss_is_no_number():
    broken = TRAIN.with_x(np.full_like(TRAIN.x, np.nan))
    history = Trainer(net(), epochs=3).fit(broken)
    assert history.stopped is not None and "look for NaN or infinity in the data" in history.stopped


def test_guard_lets_a_loss_that_began_at_zero_or_below_be():
    guard = DivergenceGuard()
    for loss in (-1.0, -0.5, 2.0):
        guard.on_step({"step": 1, "loss": loss, "lr": 1})


def test_early_stopping_gets_over_a_first_loss_that_is_no_number():
    stopping = EarlyStopping(patience=2)
    for epoch, loss in enumerate([float("nan"), 2.0, 1.0, 1.5], start=1):
        stopping.on_epoch({"epoch": epoch, "validation_loss": loss})
    assert (stopping.best, stopping.best_epoch) == (1.0, 3)


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({"patience": 0}, ValueError),
        ({"patience": 1.5}, TypeError),
        ({"min_delta": -1.0}, ValueError),
        ({"min_delta": "x"}, TypeError),
    ],
)
def test_early_stopping_refuses_settings_that_make_no_sense(settings, error):
    with pytest.raises(error, match="EarlyStopping: "):
        EarlyStopping(**settings)


@pytest.mark.parametrize("odd", [np.longdouble(1), np.datetime64("2020-01-01"), {1, 2}])
def test_what_cannot_be_saved_is_refused_with_a_sentence(odd, tmp_path):
    with pytest.raises(TypeError, match="save_state: this cannot be saved"):
        save_state(tmp_path / "a.npz", {"odd": odd})
    assert list(tmp_path.iterdir()) == []
