"""Does a search keep every trial, say what it reused, and find what there is to find?"""

import csv
import functools
import json
import math
import os
import re
import sys
from typing import Any

import numpy as np
import pytest

from coursekit.training.search import (
    Results,
    Trial,
    choice,
    grid_search,
    integers,
    log_uniform,
    optuna_search,
    random_search,
    sample,
    uniform,
)
from coursekit.training.search.journal import Journal

SPACE = {"lr": log_uniform(1e-6, 1), "reg": log_uniform(1e-5, 1e5)}
HOW: dict[str, Any] = {"executor": "threads", "workers": 2, "progress": False}
ONE = {"x": uniform(0, 1)}


def objective(lr, reg):
    return {"score": -abs(math.log10(lr) + 3), "decades": math.log10(reg)}


def other(lr, reg):
    return 0


def one(returned, **how) -> Trial:
    """The only trial of a search whose objective returns this."""
    return random_search(lambda x: returned, ONE, n=1, **HOW, **how).trials[0]


def test_random_search_calls_the_objective_for_each_draw():
    results = random_search(objective, SPACE, n=10, seed=4, **HOW)
    assert [trial.params for trial in results.trials] == sample(SPACE, 10, seed=4)
    for trial in results.trials:
        expected = objective(**trial.params)
        assert {"score": trial.score, **trial.metrics} == expected
        assert trial.failed is None
    nearest = min(results.trials, key=lambda trial: abs(math.log10(trial.params["lr"]) + 3))
    assert results.best == nearest


def test_grid_search_calls_the_objective_at_each_point():
    results = grid_search(objective, SPACE, points=3, **HOW)
    assert len(results.trials) == 9
    assert results.best.params["lr"] == pytest.approx(1e-3)


def test_top_is_sorted_and_leaves_out_what_failed():
    scores = [0.1, -math.inf, 0.3, 0.2, 0.3]
    trials = [
        Trial(i, {"x": 0.0}, score, failed="NaN" if score < 0 else None)
        for i, score in enumerate(scores)
    ]
    results = Results(ONE, trials)
    assert [trial.number for trial in results.top(3)] == [2, 4, 3]
    assert len(results.top(99)) == 4
    assert results.best.number == 2


def test_a_search_in_which_all_failed_has_no_best_and_says_why():
    results = random_search(lambda x: x / 0, ONE, n=2, **HOW)
    with pytest.raises(ValueError, match="got 2, the first because: ZeroDivisionError"):
        _ = results.best


@pytest.mark.parametrize(
    ("returned", "says"),
    [
        (math.nan, "the score is nan"),
        (math.inf, "the score is inf"),
        ({"score": -math.inf}, "the score is -inf"),
        (None, "no score came back"),
        (True, "no score came back"),
        ("0.5", "no score came back"),
        ({"accuracy": 0.5}, "no score came back.*dict with 'score'"),
        ({"score": 1, "x": 2}, r"a name is taken.*\['x'\]"),
        ({"score": 1, "seconds": 2}, r"a name is taken.*\['seconds'\]"),
        ({"score": 1, "net": max}, "what came back is not for JSON.*tolist"),
        (1j, "what came back is not for JSON"),
    ],
)
def test_what_is_no_score_is_a_failed_trial_with_its_reason(returned, says):
    trial = one(returned)
    assert trial.score == -math.inf
    assert trial.failed and re.search(says, trial.failed)


def leave(x):
    sys.exit(3)


def test_an_objective_that_exits_has_failed_and_does_not_end_the_search():
    assert random_search(leave, ONE, n=1, **HOW).trials[0].failed == "SystemExit: 3"
    assert optuna_search(leave, ONE, n=1, progress=False).trials[0].failed == "SystemExit: 3"


@pytest.mark.parametrize("score", [1, np.float32(1), np.array(1.0), np.int64(1)])
def test_any_number_is_a_score(score):
    assert (one(score).score, type(one(score).score)) == (1.0, float)


def test_metrics_become_plain_data():
    metrics = {"score": 0, "curve": np.arange(2), "name": "net", "loss": np.float32(0.5)}
    assert one(metrics).metrics == {"curve": [0, 1], "name": "net", "loss": 0.5}


def test_each_finished_trial_is_in_the_file_at_once(tmp_path):
    path, seen = tmp_path / "deep" / "search.jsonl", []

    def spy(x):
        seen.append(path.read_text().count("\n"))
        return x

    random_search(spy, ONE, n=4, executor="threads", workers=1, progress=False, path=path)
    assert seen == [1, 2, 3, 4]


def test_the_trials_in_the_file_are_strict_json(tmp_path):
    def refuse(constant):
        raise AssertionError(f"{constant} is no JSON")

    path = tmp_path / "search.jsonl"
    random_search(lambda x: math.nan, ONE, n=1, path=path, **HOW)
    trial = json.loads(path.read_text().splitlines()[1], parse_constant=refuse)
    assert (trial["score"], trial["failed"]) == (None, "the score is nan")


def test_a_search_with_a_path_runs_only_what_is_not_there(tmp_path):
    calls = []

    def counted(lr, reg):
        calls.append(lr)
        return objective(lr, reg)

    path = tmp_path / "search.jsonl"
    first = random_search(counted, SPACE, n=5, path=path, **HOW)
    again = random_search(counted, SPACE, n=8, path=path, **HOW)
    assert (first.reused, again.reused, len(calls)) == (0, 5, 8)
    assert again == Results(SPACE, random_search(counted, SPACE, n=8, **HOW).trials, reused=5)
    assert [t.seconds for t in again.trials[:5]] == [t.seconds for t in first.trials]


def test_the_bar_says_what_was_reused(tmp_path, capsys):
    path, shown = tmp_path / "search.jsonl", {**HOW, "progress": True}
    random_search(objective, SPACE, n=2, path=path, **HOW)
    random_search(objective, SPACE, n=3, path=path, **shown)
    err = capsys.readouterr().err
    assert "2 found in search.jsonl" in err
    assert "3/3" in err and "best=-" in err and "failed=0" in err


@pytest.mark.parametrize("cut", [1, 20, 10**6])
def test_a_half_written_last_line_is_discarded(tmp_path, cut):
    path = tmp_path / "search.jsonl"
    whole = random_search(objective, SPACE, n=3, path=path, **HOW)
    text = path.read_bytes()
    last = text.rindex(b"\n", 0, -1) + 1
    path.write_bytes(text[: max(last, len(text) - cut)])
    again = random_search(objective, SPACE, n=3, path=path, **HOW)
    assert (again.trials, again.reused) == (whole.trials, 2)
    assert [json.loads(line) for line in path.read_text().splitlines()][1:]
    assert random_search(objective, SPACE, n=3, path=path, **HOW).reused == 3


@pytest.mark.parametrize("left", [0, 1, 30])
def test_a_half_written_first_line_is_written_again(tmp_path, left):
    path = tmp_path / "search.jsonl"
    random_search(objective, SPACE, n=1, path=path, **HOW)
    path.write_bytes(path.read_bytes()[:left])
    assert random_search(objective, SPACE, n=1, path=path, **HOW).reused == 0
    assert random_search(objective, SPACE, n=1, path=path, **HOW).reused == 1


def test_failed_trials_are_reused_unless_they_are_to_be_tried_again(tmp_path):
    path, broken = tmp_path / "search.jsonl", [True]

    def mended(x):
        return 1 / 0 if broken else x

    failed = random_search(mended, ONE, n=2, path=path, **HOW)
    assert random_search(mended, ONE, n=2, path=path, **HOW) == Results(ONE, failed.trials, 2)
    broken.clear()
    assert random_search(mended, ONE, n=2, path=path, **HOW).trials == failed.trials
    good = random_search(mended, ONE, n=2, path=path, retry_failed=True, **HOW)
    assert [trial.failed for trial in good.trials] == [None, None]
    assert random_search(mended, ONE, n=2, path=path, **HOW).trials == good.trials


@pytest.mark.parametrize(
    ("again", "differs"),
    [
        (lambda path: random_search(other, SPACE, n=2, path=path, **HOW), "another objective"),
        (lambda path: random_search(objective, SPACE, n=2, seed=1, path=path, **HOW), "seed"),
        (lambda path: grid_search(objective, SPACE, points=2, path=path, **HOW), "another points"),
        (
            lambda path: random_search(
                objective, {**SPACE, "lr": log_uniform(1e-6, 2)}, n=2, path=path, **HOW
            ),
            "another space",
        ),
    ],
)
def test_the_file_of_another_search_is_refused_and_left_alone(tmp_path, again, differs):
    path = tmp_path / "search.jsonl"
    random_search(objective, SPACE, n=2, path=path, **HOW)
    before = path.read_bytes()
    with pytest.raises(ValueError, match=f"search.jsonl is of another search.*{differs}"):
        again(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("text", ["lr,score\n1,2\n", "x", '["a"]\n', "\x00\xff\n"])
def test_a_file_of_something_else_is_refused_and_left_alone(tmp_path, text):
    path = tmp_path / "table.csv"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(ValueError, match=r"table.csv is no file of a search.*Try another path"):
        random_search(objective, SPACE, n=2, path=path, **HOW)
    assert path.read_bytes() == text.encode("latin-1")


def test_a_file_that_a_running_search_has_open_is_refused_until_it_ends(tmp_path):
    path, said = tmp_path / "search.jsonl", []

    def meanwhile(x):
        with pytest.raises(ValueError, match=r"search\.jsonl is in use.*Try another path, or wait"):
            random_search(meanwhile, ONE, n=1, path=path, **HOW)
        said.append(x)
        return x

    first = random_search(meanwhile, ONE, n=2, path=path, **HOW)
    assert len(said) == 2
    again = random_search(meanwhile, ONE, n=2, path=path, **HOW)
    assert (again.trials, again.reused) == (first.trials, 2)


def test_a_process_that_was_forked_meanwhile_does_not_keep_the_file(tmp_path):
    first = Journal(tmp_path / "search.jsonl", {})
    inherited = os.dup(first.file.fileno())
    first.close()
    Journal(tmp_path / "search.jsonl", {}).close()
    os.close(inherited)


@pytest.mark.parametrize("path", [".", "file/search.jsonl", 3])
def test_a_file_that_cannot_be_opened_is_refused_with_a_sentence(tmp_path, monkeypatch, path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match=r"search: the file cannot be opened.*got "):
        random_search(objective, SPACE, n=1, path=path, **HOW)


def test_a_damaged_line_is_named(tmp_path):
    path = tmp_path / "search.jsonl"
    random_search(objective, SPACE, n=3, path=path, **HOW)
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:2], lines[2][:-9], lines[3], ""]))
    with pytest.raises(ValueError, match=r"line 3 of .*search\.jsonl is damaged"):
        random_search(objective, SPACE, n=3, path=path, **HOW)


def test_a_trial_with_other_parameters_than_those_drawn_is_refused(tmp_path):
    path = tmp_path / "search.jsonl"
    random_search(objective, SPACE, n=1, path=path, **HOW)
    first, trial = path.read_text().splitlines()
    edited = {**json.loads(trial), "params": {"lr": 0.1, "reg": 0.1}}
    path.write_text(f"{first}\n{json.dumps(edited)}\n")
    with pytest.raises(ValueError, match=r"trial 0 of .* is not the one drawn now"):
        random_search(objective, SPACE, n=1, path=path, **HOW)


def test_a_partial_is_known_by_its_arguments(tmp_path):
    def scaled(x, *, by):
        return by * x

    class Data:  # its repr has an address, which differs in each run
        def __rmul__(self, x):
            return x

    how = {**HOW, "path": tmp_path / "search.jsonl"}
    first, second = Data(), Data()
    random_search(functools.partial(scaled, by=first), ONE, n=1, **how)
    assert random_search(functools.partial(scaled, by=second), ONE, n=1, **how).reused == 1
    with pytest.raises(ValueError, match="another objective"):
        random_search(functools.partial(scaled, by=2), ONE, n=1, **how)


def test_to_csv_writes_one_row_a_trial(tmp_path):
    results = random_search(objective, SPACE, n=3, **HOW)
    results.to_csv(tmp_path / "search.csv")
    with (tmp_path / "search.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["trial", "lr", "reg", "decades", "score", "failed", "seconds"]
    assert [float(row["score"]) for row in rows] == [trial.score for trial in results.trials]


def test_plot_has_log_axes_and_the_score_as_colour():
    def sometimes(lr, reg):
        return math.nan if lr > 0.1 else lr

    results = random_search(sometimes, SPACE, n=20, **HOW)
    axes, bar = results.plot().axes
    assert (axes.get_xlabel(), axes.get_ylabel(), bar.get_ylabel()) == ("lr", "reg", "score")
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    dots, ring, crosses = axes.collections
    good = results.top(20)
    np.testing.assert_array_equal(dots.get_array(), [trial.score for trial in good[::-1]])
    np.testing.assert_array_equal(ring.get_offsets(), [list(results.best.params.values())])
    assert 0 < np.shape(crosses.get_offsets())[0] == 20 - len(good)


def test_plot_of_one_hyper_parameter_shows_the_score_against_it():
    axes = random_search(lambda x: x, ONE, n=3, **HOW).plot().axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("x", "score")
    assert (axes.get_xscale(), axes.get_yscale()) == ("linear", "linear")


def test_plot_takes_choices_of_any_kind(tmp_path):
    space = {"update": choice("sgd", None), "size": choice(1, "all"), "lr": choice(0.1, 1)}
    results = random_search(lambda **params: 1, space, n=12, **HOW)
    figure = results.plot()
    figure.savefig(tmp_path / "plot.png")
    axes = figure.axes[0]
    assert {label.get_text() for label in axes.get_xticklabels()} == {"sgd", "None"}
    assert {label.get_text() for label in axes.get_yticklabels()} == {"1", "all"}
    dots = results.plot("lr", "score").axes[0].collections[0]
    assert set(np.asarray(dots.get_offsets())[:, 0]) == {0.1, 1.0}


def test_plot_refuses_other_names():
    with pytest.raises(ValueError, match=r"Results\.plot: y is unknown"):
        random_search(lambda x: x, ONE, n=1, **HOW).plot("x", "lr")


def test_optuna_searches_the_same_space_and_gives_the_same_kind_of_results():
    space = {**SPACE, "layers": integers(1, 3), "update": choice("sgd", None)}

    def all_of(lr, reg, layers, update):
        assert layers in (1, 2, 3) and update in ("sgd", None)
        return objective(lr, reg)

    results = optuna_search(all_of, space, n=30, progress=False)
    assert all(trial.failed is None for trial in results.trials)
    assert 1e-6 <= min(trial.params["lr"] for trial in results.trials) < 1e-3
    assert set(results.trials[0].metrics) == {"decades"}


def test_optuna_learns_from_the_trials_before():
    space, nearer = {"lr": log_uniform(1e-6, 1)}, []
    for seed in range(5):
        results = optuna_search(
            lambda lr: -abs(math.log10(lr) + 3), space, n=30, seed=seed, progress=False
        )
        scores = [trial.score for trial in results.trials]
        nearer.append(np.mean(scores[20:]) - np.mean(scores[:10]))
    assert min(nearer) > 0
    assert np.mean(nearer) > 0.5  # of a decade


def test_optuna_goes_on_where_it_was(tmp_path):
    path, calls = tmp_path / "tpe.jsonl", []

    def counted(lr, reg):
        calls.append(lr)
        return math.nan if lr > 0.1 else objective(lr, reg)

    whole = optuna_search(counted, SPACE, n=25, seed=2, progress=False)
    optuna_search(counted, SPACE, n=14, seed=2, path=path, progress=False)
    calls.clear()
    rest = optuna_search(counted, SPACE, n=25, seed=2, path=path, progress=False)
    assert (rest.reused, len(calls)) == (14, 11)
    assert rest.trials == whole.trials
    assert any(trial.failed for trial in whole.trials)
    with pytest.raises(ValueError, match="another seed"):
        optuna_search(counted, SPACE, n=25, seed=3, path=path, progress=False)
    with pytest.raises(ValueError, match="another sampler"):
        random_search(counted, SPACE, n=25, seed=2, path=path, **HOW)


def test_a_setting_that_does_not_exist_is_named_with_those_that_do():
    settings: dict[str, Any] = {"worker": 2}
    with pytest.raises(TypeError, match=r"no such setting.*path, executor, workers.*got worker\."):
        random_search(objective, SPACE, n=1, **settings)


@pytest.mark.parametrize("search", [random_search, optuna_search])
def test_a_search_refuses_what_makes_no_sense(search):
    with pytest.raises(TypeError, match="search: objective is not a function"):
        search("objective", ONE, n=1, progress=False)
    with pytest.raises(ValueError, match="n is too small"):
        search(objective, ONE, n=0, progress=False)
    with pytest.raises(ValueError, match=r"search: a name is taken.*score"):
        search(objective, {"score": uniform(0, 1)}, n=1, progress=False)
