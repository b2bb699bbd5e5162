"""Does an experiment keep what is done, redo what has changed, and record where it comes from?"""

import importlib.util
import json
import os
import platform
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from coursekit.data import moons
from experiments import Experiment, folder, load
from experiments._code import code_hash

SCRIPT = '''
"""A script to be edited."""

from functools import partial
from pathlib import Path

from coursekit.data import moons
from experiments import Experiment

ROOT = Path(__file__).parent
FACTOR = 10
UNRELATED = 1


def helper(seed):
    """Say nothing."""
    return FACTOR * seed


def part(*, seed):
    """Say something."""
    with (ROOT / "log").open("a") as log:
        log.write(f"{seed} ")
    if (ROOT / "hang").exists() and seed == 2:
        import time

        time.sleep(60)
    return {"value": helper(seed)}


EXPERIMENT = Experiment(
    "script",
    {f"seed {seed}": partial(part, seed=seed) for seed in (1, 2, 3)},
    data=lambda: {"train": moons("train", n=20)},
    summary=lambda results: {"sum": sum(result["value"] for result in results.values())},
    root=ROOT,
)

if __name__ == "__main__":
    EXPERIMENT.main()
'''

PATHS = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}


@pytest.fixture
def script(tmp_path):
    """A script as a file; calling it, perhaps edited, gives its experiment."""
    path = tmp_path / "script.py"

    def edited(old: str = "", new: str = "") -> Experiment:
        assert old in SCRIPT
        text = SCRIPT.replace(old, new) if old else SCRIPT
        path.write_text(text, encoding="utf-8")
        spec = importlib.util.spec_from_file_location("script", path)
        assert spec and spec.loader
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module.EXPERIMENT

    return edited


def runs(tmp_path) -> list[int]:
    """The seeds run so far, in order; forgets them."""
    log = tmp_path / "log"
    seeds = [int(word) for word in log.read_text().split()] if log.exists() else []
    log.unlink(missing_ok=True)
    return seeds


def command(tmp_path, *arguments: str) -> list[str]:
    return [sys.executable, str(tmp_path / "script.py"), *arguments]


def said(tmp_path, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(command(tmp_path, *arguments), env=PATHS, capture_output=True, text=True)


def test_every_part_is_run_once_and_recorded(script, tmp_path):
    assert script().run()
    assert runs(tmp_path) == [1, 2, 3]
    record = load("script", root=tmp_path)
    assert record["experiment"] == "script"
    assert record["data"] == {"train": moons("train", n=20).fingerprint}
    assert record["summary"] == {"sum": 60}
    assert record["versions"]["python"] == platform.python_version()
    assert record["versions"]["numpy"] == np.__version__
    part = record["parts"]["seed 2"]
    assert part["arguments"] == {"seed": 2}
    assert part["result"] == script().recorded("seed 2") == {"value": 20}
    assert part["seconds"] >= 0


def test_what_is_done_is_not_run_again(script, tmp_path):
    script().run()
    results = tmp_path / "experiments" / "results" / "script.json"
    before = results.read_bytes()
    runs(tmp_path)
    assert script().run()
    assert runs(tmp_path) == []
    assert results.read_bytes() == before


def test_a_killed_run_goes_on_with_the_rest(script, tmp_path):
    script()
    (tmp_path / "hang").touch()
    process = subprocess.Popen(command(tmp_path), env=PATHS, stderr=subprocess.DEVNULL)
    while not (tmp_path / "log").exists() or "2" not in (tmp_path / "log").read_text():
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    (tmp_path / "hang").unlink()
    assert runs(tmp_path) == [1, 2]
    with pytest.raises(FileNotFoundError, match=r"no results of 'script'.*experiments\.script"):
        load("script", root=tmp_path)
    assert script().run()
    assert runs(tmp_path) == [2, 3]


CHANGES = {
    "the code": ('"value": helper', '"value": 2 * helper'),
    "code that it calls": ("FACTOR * seed", "FACTOR + seed"),
    "a constant": ("FACTOR = 10", "FACTOR = 11"),
    "the data": ("n=20", "n=22"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_parts_are_run_again_when_what_they_depend_on_changes(change, script, tmp_path):
    script().run()
    runs(tmp_path)
    changed = script(*CHANGES[change])
    if change != "the data":
        assert sorted(changed.outdated()) == ["seed 1", "seed 2", "seed 3"]
    changed.run()
    assert runs(tmp_path) == [1, 2, 3]
    assert changed.outdated() == []


NO_CHANGES = {
    "a comment": ("FACTOR = 10", "FACTOR = 10  # why not"),
    "layout": ("{seed} ", '{seed}" " '),
    "a docstring": ("Say something", "Say nothing"),
    "a docstring of what it calls": ('    """Say nothing."""\n', ""),
    "a statement that only reads": ("UNRELATED = 1", "UNRELATED = 1\nassert FACTOR"),
    "other code": ("UNRELATED = 1", "UNRELATED = 2"),
}


@pytest.mark.parametrize("change", NO_CHANGES)
def test_parts_are_kept_when_nothing_changes_that_matters(change, script, tmp_path):
    script().run()
    runs(tmp_path)
    changed = script(*NO_CHANGES[change])
    assert changed.outdated() == []
    changed.run()
    assert runs(tmp_path) == []


def test_a_new_part_is_run_alone_and_a_dropped_one_leaves_the_record(script, tmp_path):
    script().run()
    runs(tmp_path)
    changed = script("(1, 2, 3)", "(1, 3, 4)")
    assert sorted(changed.outdated()) == ["seed 2", "seed 4"]
    changed.run()
    assert runs(tmp_path) == [4]
    assert list(load("script", root=tmp_path)["parts"]) == ["seed 1", "seed 3", "seed 4"]


def test_a_new_version_of_numpy_runs_all_parts_again(script, tmp_path, monkeypatch):
    script().run()
    runs(tmp_path)
    monkeypatch.setattr("experiments._run.version", lambda package: "9.9")
    script().run()
    assert runs(tmp_path) == [1, 2, 3]


def test_chosen_parts_are_run_alone_and_nothing_is_written_before_all_are_done(script, tmp_path):
    experiment = script()
    assert not experiment.run(only=["seed 3"])
    assert runs(tmp_path) == [3]
    assert not (tmp_path / "experiments").exists()
    assert experiment.run()
    assert runs(tmp_path) == [1, 2]


def test_a_fresh_run_forgets_what_is_kept(script, tmp_path):
    experiment = script()
    experiment.run()
    (folder("script", root=tmp_path) / "checkpoint").touch()
    runs(tmp_path)
    experiment.run(fresh=True, only=["seed 2"])
    assert runs(tmp_path) == [2]
    assert (folder("script", root=tmp_path) / "checkpoint").exists()
    experiment.run(fresh=True)
    assert runs(tmp_path) == [1, 2, 3]
    assert not (folder("script", root=tmp_path) / "checkpoint").exists()


def test_another_summary_is_noticed_and_made_without_running_anything(script, tmp_path):
    script().run()
    runs(tmp_path)
    changed = script("sum(result", "-sum(result")
    assert changed.outdated() == []
    assert changed.summarized() == {"sum": -60} != load("script", root=tmp_path)["summary"]
    changed.run()
    assert runs(tmp_path) == []
    assert changed.summarized() == load("script", root=tmp_path)["summary"]


def test_redo_keeps_nothing(script, tmp_path):
    experiment = script()
    assert experiment.redo("seed 3") == {"value": 30}
    assert runs(tmp_path) == [3]
    assert not (tmp_path / "build").exists()


def test_an_unknown_part_is_refused_with_the_names_there_are(script):
    with pytest.raises(
        KeyError, match=r"script: no part 'seed 9'\. Expected one of seed 1, seed 2"
    ):
        script().redo("seed 9")


def test_the_command_line_runs_writes_and_says_so(script, tmp_path):
    script()
    one = said(tmp_path, "--only", "seed 1")
    assert (one.returncode, one.stdout) == (0, "Not all parts are done yet.\n"), one.stderr
    rest = said(tmp_path)
    assert (rest.returncode, rest.stdout) == (0, "Wrote experiments/results/script.json.\n")
    assert runs(tmp_path) == [1, 2, 3]


def test_missing_data_is_said_in_one_sentence(script, tmp_path):
    nowhere = 'def moons(*args, **names):\n    raise ConnectionError("cifar10: it is nowhere.")'
    script("from coursekit.data import moons", nowhere)
    done = said(tmp_path)
    assert (done.returncode, done.stderr) == (1, "Error: cifar10: it is nowhere.\n")


def numbers(*, kind: str):
    values = {
        "numpy": {"a": np.float32(0.5), "b": np.arange(2), "c": (1, np.int64(2))},
        "not finite": {"a": float("nan")},
        "an object": {"a": object()},
    }
    return values[kind]


EXPERIMENT = Experiment(
    "kinds", {k: partial(numbers, kind=k) for k in ("numpy", "not finite", "an object")}
)


def test_numpy_numbers_and_arrays_become_plain_ones():
    assert EXPERIMENT.redo("numpy") == {"a": 0.5, "b": [0, 1], "c": [1, 2]}


@pytest.mark.parametrize("kind", ["not finite", "an object"])
def test_what_json_cannot_hold_is_refused(kind):
    with pytest.raises(TypeError, match=f"{kind}: this is not for JSON. Expected finite numbers"):
        EXPERIMENT.redo(kind)


def test_results_do_not_depend_on_where_they_were_made(script, tmp_path):
    script().run()
    text = (tmp_path / "experiments" / "results" / "script.json").read_text(encoding="utf-8")
    assert str(tmp_path) not in text
    assert text == json.dumps(json.loads(text), sort_keys=True, indent=1) + "\n"


def test_arguments_without_names_are_refused_since_they_would_not_tell_parts_apart(tmp_path):
    parts = {kind: partial(numbers, kind) for kind in ("numpy", "other")}  # pyright: ignore
    with pytest.raises(TypeError, match=r"numpy: arguments without names.*got \('numpy',\)"):
        Experiment("positional", parts, root=tmp_path).run()


def test_code_without_a_name_in_its_file_has_no_hash():
    def inner() -> None: ...

    for function in (inner, lambda: 1):
        with pytest.raises(TypeError, match=r"code_hash: .*`def` at the top.*got test_code"):
            code_hash(function)


def test_a_hash_is_the_same_for_the_same_code():
    assert code_hash(numbers) == code_hash(numbers) != code_hash(runs)
