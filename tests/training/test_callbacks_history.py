"""Is the history a table that can be drawn, saved and watched while it grows?"""

import csv
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from coursekit.data import moons
from coursekit.numpy_ref import Linear
from coursekit.training import Callback, History, Trainer
from coursekit.training.callbacks import LivePlot, live_plot
from coursekit.training.plots import plot_history, plot_layers

TRAIN, VALIDATION = moons("train", n=20), moons("validation", n=20)


def history_of(*records):
    history = History()
    for epoch, record in enumerate(records, start=1):
        history.on_epoch({"epoch": epoch, **record})
    return history


def curves(epochs=4):
    return history_of(
        *(
            {
                "train_loss": 1 / e,
                "train_accuracy": 1 - 1 / e,
                "validation_loss": 2 / e,
                "validation_accuracy": 0.9 - 1 / e,
            }
            for e in range(1, epochs + 1)
        )
    )


LATE = history_of({"loss": 2.0}, {"loss": 1.0, "extra": 5}, {"extra": 7.5, "loss": 3.0})


def test_column_that_comes_later_is_nan_before():
    assert LATE.names() == ["epoch", "loss", "extra"]
    np.testing.assert_array_equal(LATE.column("extra"), [np.nan, 5, 7.5])
    assert (LATE.best("extra"), LATE.best("extra", smallest=True)) == (7.5, 5)


def test_best_passes_over_nan():
    history = history_of({"loss": 2.0}, {"loss": float("nan")})
    assert history.best("loss") == history.best("loss", smallest=True) == 2.0
    assert np.isnan(history_of({"loss": float("nan")}).best("loss"))


def test_unknown_column_names_the_known_ones():
    with pytest.raises(KeyError, match=r"no column 'accuracy'.*'epoch', 'loss', 'extra'.*3 epochs"):
        LATE.column("accuracy")
    with pytest.raises(KeyError, match="after 0 epochs"):
        History().column("loss")


def test_csv_has_all_columns_and_every_digit(tmp_path):
    history = history_of({"loss": 0.1 + 0.2}, {"loss": 1e-300, "a/b, c": 3})
    history.to_csv(tmp_path / "run.csv")
    assert (tmp_path / "run.csv").read_bytes() == (
        b'epoch,loss,"a/b, c"\r\n1,0.30000000000000004,\r\n2,1e-300,3\r\n'
    )
    with (tmp_path / "run.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["loss"]) for row in rows] == history.column("loss").tolist()
    assert rows[0]["a/b, c"] == ""


def test_csv_of_a_run_has_a_line_for_each_epoch(tmp_path):
    class Late(Callback):
        def on_epoch(self, record):
            if record["epoch"] == 3:
                record["late"] = 1

    line = Linear(2, 2, rng=np.random.default_rng(0))
    history = Trainer(line, epochs=3, callbacks=[Late()]).fit(TRAIN, VALIDATION)
    history.to_csv(tmp_path / "run.csv")
    lines = (tmp_path / "run.csv").read_text().splitlines()
    assert lines[0].split(",") == [*history.records[0], "late"]
    assert [line.split(",")[-1] for line in lines] == ["late", "", "", "1"]


def test_csv_of_no_epoch_is_empty(tmp_path):
    History().to_csv(tmp_path / "run.csv")
    assert (tmp_path / "run.csv").read_text().strip() == ""


def axes_of(figure: Any) -> list[Any]:
    return figure.axes


def drawn(axes: Any) -> dict[str, list[float]]:
    return {line.get_label(): line.get_ydata().tolist() for line in axes.lines}


def test_plot_draws_both_splits_of_loss_and_accuracy():
    history = curves()
    loss, accuracy = axes_of(history.plot())
    for axes, kind in ((loss, "loss"), (accuracy, "accuracy")):
        assert drawn(axes) == {
            split: history.column(f"{split}_{kind}").tolist() for split in ("train", "validation")
        }
        assert [text.get_text() for text in axes.get_legend().get_texts()] == [
            "train",
            "validation",
        ]
        assert (axes.get_xlabel(), axes.get_ylabel()) == ("epoch", kind)
        styles = {(line.get_color(), line.get_linestyle()) for line in axes.lines}
        assert len({color for color, _ in styles}) == len({style for _, style in styles}) == 2
    assert (loss.get_yscale(), accuracy.get_yscale()) == ("linear", "linear")


def test_plot_can_have_a_logarithmic_loss():
    loss, accuracy = curves().plot(log=True).axes
    assert (loss.get_yscale(), accuracy.get_yscale()) == ("log", "linear")


def test_plot_leaves_out_what_was_not_measured():
    nan = float("nan")
    figure = history_of({"train_loss": 1.0, "train_accuracy": nan}).plot()
    assert [axes.get_ylabel() for axes in figure.axes] == ["loss"]
    assert list(drawn(figure.axes[0])) == ["train"]


@pytest.mark.parametrize("log", [True, False])
def test_plot_of_strange_losses_can_be_drawn(log, tmp_path):
    strange = history_of(*({"train_loss": v} for v in (0.0, float("inf"), float("nan"), 1e300)))
    for history in (strange, history_of({"train_loss": 0.0}), history_of({"train_loss": np.inf})):
        history.plot(log=log).savefig(tmp_path / "run.png")


def test_plot_needs_an_epoch():
    with pytest.raises(ValueError, match="nothing to draw"):
        History().plot()
    with pytest.raises(ValueError, match="nothing to draw"):
        plot_layers(History(), "update_ratio")
    with pytest.raises(TypeError, match="plot_layers: this is no history"):
        plot_layers({"std/0": [1.0]}, "std")  # pyright: ignore[reportArgumentType]


def test_plot_layers_draws_a_line_for_each_layer():
    history = history_of(
        {"std/0": 1.0, "std/1": 2.0, "std": 9.0, "mean/0": 5.0}, {"std/0": 3.0, "std/1": 4.0}
    )
    (axes,) = plot_layers(history, "std", log=True).axes
    assert drawn(axes) == {"0": [1.0, 3.0], "1": [2.0, 4.0]}
    assert axes.get_yscale() == "log"
    with pytest.raises(KeyError, match=r"no column 'loss/...'.*\['mean', 'std'\]"):
        plot_layers(history, "loss")


def test_plots_are_unknown_to_pyplot():
    from matplotlib import pyplot

    plot_history(curves())
    assert pyplot.get_fignums() == []


class Handle:
    """Stands for a cell's output in a notebook: what it shows, and how often that changed."""

    def __init__(self):
        self.shown, self.appended = [], 0

    def display(self, picture, *, display_id):
        assert display_id is True
        self.appended += 1
        self.shown.append(picture)
        return self

    def update(self, picture):
        self.shown.append(picture)


@pytest.fixture
def notebook(monkeypatch):
    handle = Handle()
    monkeypatch.setattr("IPython.display.display", handle.display)
    monkeypatch.setattr(live_plot, "in_notebook", lambda: True)
    return handle


def run(plot, epochs=3):
    line = Linear(2, 2, rng=np.random.default_rng(0))
    return Trainer(line, epochs=epochs, callbacks=[plot]).fit(TRAIN, VALIDATION)


def test_live_plot_replaces_its_picture_in_a_notebook(notebook, monkeypatch):
    monkeypatch.setattr("time.monotonic", lambda: 0.0)
    plot = LivePlot(every_seconds=0)
    history = run(plot)
    assert (notebook.appended, len(notebook.shown)) == (1, 4)  # each epoch, and the end
    assert all(picture.data[:4] == b"\x89PNG" for picture in notebook.shown)
    assert drawn(axes_of(plot.figure)[0])["train"] == history.column("train_loss").tolist()


def test_live_plot_draws_seldom(notebook):
    run(LivePlot(every_seconds=1000), epochs=30)
    assert len(notebook.shown) == 2  # the first epoch, and the end


def test_live_plot_takes_a_tenth_of_the_time_at_most(notebook, monkeypatch):
    times = iter([0, 10, 99, 101, 111, 150, 200])  # one at the start of an epoch, one after drawing
    monkeypatch.setattr("time.monotonic", times.__next__)
    run(LivePlot(every_seconds=0), epochs=5)
    assert len(notebook.shown) == 3  # at 0, at 101, at the end


def test_live_plot_shows_nothing_elsewhere(capsys, monkeypatch):
    monkeypatch.setattr("IPython.display.display", None)
    plot = LivePlot(log=True)
    history = run(plot)
    assert axes_of(plot.figure)[0].get_yscale() == "log"
    assert drawn(axes_of(plot.figure)[1])["train"] == history.column("train_accuracy").tolist()
    assert capsys.readouterr() == ("", "")


def test_live_plot_begins_anew_with_each_run(notebook):
    plot = LivePlot()
    run(plot)
    run(plot, epochs=2)
    assert notebook.appended == 2
    assert len(axes_of(plot.figure)[0].lines[0].get_ydata()) == 2


def test_live_plot_survives_a_run_that_fails_at_once():
    plot = LivePlot()

    def broken(scores, y):
        raise RuntimeError("broken loss")

    with pytest.raises(RuntimeError, match="broken loss"):
        line = Linear(2, 2, rng=np.random.default_rng(0))
        Trainer(line, loss=broken, callbacks=[plot]).fit(TRAIN)
    assert plot.figure is None


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({"every_seconds": -1}, ValueError),
        ({"every_seconds": float("nan")}, ValueError),
        ({"every_seconds": None}, TypeError),
        ({"log": "loss"}, TypeError),
    ],
)
def test_live_plot_refuses_settings_that_make_no_sense(settings, error):
    with pytest.raises(error, match=f"LivePlot: {next(iter(settings))} is .* Expected "):
        LivePlot(**settings)


def test_notebook_is_a_kernel_and_not_a_terminal(monkeypatch):
    import IPython

    for shell, kernel in ((None, False), (object(), False), (type("S", (), {"kernel": 1})(), True)):
        monkeypatch.setattr(IPython, "get_ipython", lambda shell=shell: shell)
        assert live_plot.in_notebook() is kernel


def test_callbacks_load_neither_matplotlib_nor_torch_nor_ipython():
    program = (
        "import sys, coursekit.training, coursekit.training.callbacks\n"
        "tops = {name.partition('.')[0] for name in sys.modules}\n"
        "assert not tops & {'matplotlib', 'torch', 'IPython', 'tqdm', 'scipy'}, tops\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
