"""Does a run that was killed go on as if nothing had happened, bit for bit?"""

import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from coursekit.data import moons
from coursekit.numpy_ref import Dropout, Linear, ReLU, Sequential, adam, cosine, momentum
from coursekit.training import (
    Callback,
    Checkpoint,
    DivergenceGuard,
    EarlyStopping,
    Trainer,
    load_state,
    save_state,
)
from tests.training.lives import PLACES

ROOT = Path(__file__).parents[2]
TRAIN, VALIDATION = moons("train", n=60), moons("validation", n=40)


def same(a, b) -> bool:
    """Whether two trees are equal, to the type and to the bit."""
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and np.array_equal(a, b)
    return a == b


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked and killed")
@pytest.mark.parametrize("case", ["numpy", "torch", "both"])
def test_run_that_is_killed_anywhere_comes_to_the_same_end(case, tmp_path):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.training.lives", case, str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert set(done.stdout.splitlines()) == set(PLACES)  # it did die, everywhere
    whole, killed = (load_state(tmp_path / f"{name}.npz") for name in ("whole", "killed"))
    assert same(killed, whole)
    assert len(whole["records"]) == 8 and len(whole["snapshots"]) == 12
    assert np.ptp([record["loss"] for record in whole["records"]]) > 0.01


def net(*, hidden=8, p=0.3):
    rng = np.random.default_rng(0)
    return Sequential(Linear(2, hidden, rng=rng), ReLU(), Dropout(p), Linear(hidden, 2, rng=rng))


def train(path, *callbacks, model=None, data=(TRAIN, VALIDATION), **settings):
    """A run with a checkpoint; returns the network's parameters and the history."""
    model = net() if model is None else model
    settings = {"update": momentum, "epochs": 4, "batch_size": 16, **settings}
    checkpoint = [] if path is None else [Checkpoint(path, every_steps=3)]
    history = Trainer(model, **settings, callbacks=[*callbacks, *checkpoint]).fit(*data)
    return dict(model.params), history


class Interrupt(Callback):
    """Raises at one step, as Ctrl-C does."""

    def __init__(self, at=0):
        self.at = at

    def on_step(self, record):
        if record["step"] == self.at:
            raise KeyboardInterrupt


@pytest.mark.parametrize("at", range(3, 17))
def test_keyboard_interrupt_leaves_a_checkpoint_to_go_on_from(at, tmp_path):
    path = tmp_path / "run.npz"
    with pytest.raises(KeyboardInterrupt):
        train(path, Interrupt(at), EarlyStopping())
    assert path.exists() is (at > 3)
    resumed, history = train(path, Interrupt(), EarlyStopping())
    whole, expected = train(None, Interrupt(), EarlyStopping())
    assert same(resumed, whole)
    assert history.records == expected.records


def test_complete_run_returns_its_history_at_once(tmp_path):
    updates = []

    def rule(w, dw, state, *, lr):
        updates.append(1)
        return w - lr * dw, state

    first, expected = train(tmp_path / "run.npz", update=rule)
    updates.clear()
    again, history = train(tmp_path / "run.npz", update=rule)
    assert not updates
    assert same(again, first) and history.records == expected.records


@pytest.mark.parametrize("longer", [{"epochs": 7}, {"steps": 26}, {"epochs": 5}])
def test_run_may_be_made_longer(longer, tmp_path):
    train(tmp_path / "run.npz")
    resumed, history = train(tmp_path / "run.npz", **longer)
    whole, expected = train(None, **longer)
    assert same(resumed, whole) and history.records == expected.records


def test_run_that_is_made_shorter_keeps_what_it_has(tmp_path):
    done, expected = train(tmp_path / "run.npz")
    resumed, history = train(tmp_path / "run.npz", epochs=2)
    assert same(resumed, done) and history.records == expected.records


def test_run_that_stopped_early_stops_again_with_the_same_words(tmp_path):
    stopping = partial(EarlyStopping, "validation_loss", patience=1, min_delta=0.5)
    first, expected = train(tmp_path / "run.npz", stopping(), epochs=9)
    again, history = train(tmp_path / "run.npz", stopping(), epochs=9)
    assert expected.stopped == history.stopped
    assert str(expected.stopped).startswith("validation_loss has not improved")
    assert len(history.records) == 2
    assert same(again, first) and history.records == expected.records


def test_early_stopping_remembers_the_best_of_before(tmp_path):
    def run(path, epochs):
        stopping = EarlyStopping("validation_loss", patience=2)
        return *train(path, stopping, lr=0.5, epochs=epochs), stopping

    run(tmp_path / "run.npz", 3)
    resumed, history, stopping = run(tmp_path / "run.npz", 30)
    whole, expected, reference = run(None, 30)
    assert same(resumed, whole) and history.records == expected.records
    assert (stopping.best_epoch, history.stopped) == (reference.best_epoch, expected.stopped)
    assert 3 < len(history.records) < 30


def test_early_stopping_restores_weights_from_before_the_interruption(tmp_path):
    def run(path, epochs):
        stopping = EarlyStopping("validation_loss", patience=3, min_delta=10.0)
        return *train(path, stopping, epochs=epochs), stopping.best_epoch

    run(tmp_path / "run.npz", 2)
    resumed, history, best_epoch = run(tmp_path / "run.npz", 9)
    whole, *_ = run(None, 9)
    first, _ = train(None, epochs=1)
    assert (best_epoch, len(history.records)) == (1, 4)
    assert same(resumed, whole) and same(whole, first)


def test_guard_compares_with_the_first_loss_of_all(tmp_path):
    guards = [DivergenceGuard(), DivergenceGuard()]
    for guard, epochs in zip(guards, (1, 3), strict=True):
        train(tmp_path / "run.npz", guard, epochs=epochs)
    assert guards[0].first == guards[1].first is not None


def test_two_checkpoints_do_not_disturb_each_other(tmp_path):
    paths = [tmp_path / "a.npz", tmp_path / "b.npz"]
    whole, expected = train(None)
    train(paths[0], Checkpoint(paths[1]), epochs=2)
    for missing in (None, *paths):
        if missing:
            missing.unlink()
        resumed, history = train(paths[0], Checkpoint(paths[1]))
        assert same(resumed, whole) and history.records == expected.records


def test_checkpoint_sees_what_later_callbacks_made_of_the_step(tmp_path):
    class Counter(Callback):
        steps = 0

        def on_step(self, record):
            self.steps += 1

        def state(self):
            return self.steps

    counter = Counter()
    Trainer(net(), epochs=2, callbacks=[Checkpoint(tmp_path / "run.npz"), counter]).fit(TRAIN)
    assert load_state(tmp_path / "run.npz")["watchers"][1] == counter.steps == 2


OTHERS = {
    "train": {"data": (moons("train", n=61), VALIDATION)},
    "validation": {"data": (TRAIN, None)},
    "seed": {"seed": 1},
    "batch_size": {"batch_size": 10},
    "lr": {"lr": 0.2},
    "update": {"update": adam},
    "params": {"model": net(hidden=9)},
    "loss": {"loss": lambda scores, y: (0.0, scores)},
    "augment": {"augment": lambda x, y, *, rng: (x, y)},
}


@pytest.mark.parametrize(("what", "other"), OTHERS.items(), ids=list(OTHERS))
def test_checkpoint_of_another_run_is_refused_and_named(what, other, tmp_path):
    train(tmp_path / "run.npz", epochs=1)
    with pytest.raises(ValueError, match=rf"run\.npz is of another run\. Expected {what} = "):
        train(tmp_path / "run.npz", **other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (partial(cosine, total=10, lr_max=0.1), partial(cosine, total=20, lr_max=0.1)),
        (partial(momentum, momentum=0.9), partial(momentum, momentum=0.8)),
    ],
)
def test_checkpoint_of_another_schedule_or_momentum_is_refused(one, other, tmp_path):
    name = "lr" if one.func is cosine else "update"
    train(tmp_path / "run.npz", epochs=1, **{name: one})
    with pytest.raises(ValueError, match=f"Expected {name} = .*Choose another path"):
        train(tmp_path / "run.npz", **{name: other})


def test_checkpoint_of_other_callbacks_is_refused(tmp_path):
    guard, stopping = DivergenceGuard(), EarlyStopping()
    train(tmp_path / "run.npz", guard, stopping, epochs=1)
    for callbacks in ([stopping, guard], [guard], []):
        with pytest.raises(ValueError, match="Expected callbacks = "):
            train(tmp_path / "run.npz", *callbacks)


@pytest.mark.parametrize("damage", ["truncated", "empty", "text", "array", "other"])
def test_damaged_or_foreign_file_is_refused_with_one_sentence(damage, tmp_path):
    path = tmp_path / "run.npz"
    train(path, epochs=1)
    if damage == "truncated":
        path.write_bytes(path.read_bytes()[:-100])
    elif damage == "array":
        with path.open("wb") as file:
            np.save(file, np.ones(3))
    elif damage == "other":
        save_state(path, {"params": {"weight": np.ones(3)}})
    else:
        path.write_bytes(b"no checkpoint" if damage == "text" else b"")
    before = path.read_bytes()
    with pytest.raises(ValueError, match=r"run\.npz .*Expected .* to start anew\.$"):
        train(path)
    assert path.read_bytes() == before


def test_folder_that_is_not_there_is_noticed_before_training(tmp_path):
    updates = []

    def rule(w, dw, state, *, lr):
        updates.append(1)
        return w, state

    for path in (tmp_path / "missing" / "run.npz", tmp_path):
        with pytest.raises(ValueError, match="Checkpoint: "):
            train(path, update=rule)
    assert not updates


@pytest.mark.parametrize(("steps", "saved"), [(1, [1, 2, 3, 4]), (2, [2, 4]), (None, [])])
def test_checkpoint_saves_as_often_as_asked(steps, saved, tmp_path, monkeypatch):
    module, states = "coursekit.training.callbacks.checkpoint", []
    monkeypatch.setattr(f"{module}.save_state", lambda path, state: states.append(state))
    checkpoint = Checkpoint(tmp_path / "run.npz", every_steps=steps)
    Trainer(net(), epochs=1, batch_size=16, callbacks=[checkpoint]).fit(TRAIN)
    assert [state["step"] for state in states] == [*saved, 4]
    assert [state["position"] for state in states] == [min(60, 16 * k) for k in [*saved, 4]]


def test_checkpoint_saves_after_some_seconds(tmp_path, monkeypatch):
    module, steps, clock = "coursekit.training.callbacks.checkpoint", [], iter(range(0, 1000, 2))
    monkeypatch.setattr(f"{module}.save_state", lambda path, state: steps.append(state["step"]))
    monkeypatch.setattr(f"{module}.time.monotonic", lambda: next(clock))
    checkpoint = Checkpoint(tmp_path / "run.npz", every_seconds=3)
    Trainer(net(), epochs=1, batch_size=10, callbacks=[checkpoint]).fit(TRAIN)
    assert steps == [2, 4, 6, 6]  # each look at the clock takes 2 seconds, and a saving looks too


@pytest.mark.parametrize(
    ("every", "error"),
    [
        ({"every_steps": 0}, ValueError),
        ({"every_steps": 1.5}, TypeError),
        ({"every_seconds": 0.0}, ValueError),
        ({"every_seconds": "60"}, TypeError),
    ],
)
def test_checkpoint_refuses_to_save_at_times_that_make_no_sense(every, error):
    with pytest.raises(error, match=f"Checkpoint: {next(iter(every))} is .* Expected "):
        Checkpoint("run.npz", **every)


def test_run_that_is_resumed_beyond_its_new_end_makes_no_step(tmp_path):
    class Kill(Callback):
        def on_step(self, record):
            if record["step"] == 3 and not done:
                raise KeyboardInterrupt

    def train(steps):
        callbacks = [Kill(), Checkpoint(tmp_path / "run.npz", every_steps=1)]
        return Trainer(net(), steps=steps, batch_size=10, callbacks=callbacks).fit(TRAIN)

    done: list[bool] = []
    with pytest.raises(KeyboardInterrupt):
        train(6)
    done.append(True)
    assert [record["step"] for record in train(1).records] == [2]  # saved before step 3 was heard
