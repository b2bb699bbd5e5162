"""Are the committed results those of the scripts as they stand, and fit to be committed?"""

import importlib
import json
from pathlib import Path

import pytest

from experiments._run import ROOT, load

FOLDER = ROOT / "experiments"
SCRIPTS = sorted(path.stem for path in FOLDER.glob("[a-z]*.py"))


@pytest.mark.parametrize("name", SCRIPTS)
def test_results_are_those_of_the_script_as_it_stands(name):
    experiment = importlib.import_module(f"experiments.{name}").EXPERIMENT
    assert experiment.name == name
    assert experiment.outdated() == [], f"Run `python -m experiments.{name}`."
    assert experiment.summarized() == load(name)["summary"], f"Run `python -m experiments.{name}`."


def test_every_file_of_results_has_its_script():
    assert {path.stem for path in (FOLDER / "results").iterdir()} <= set(SCRIPTS)


@pytest.mark.parametrize("path", sorted((FOLDER / "results").iterdir()), ids=lambda path: path.name)
def test_results_are_small_sorted_and_say_where_they_come_from(path: Path):
    text = path.read_text(encoding="utf-8")
    record = load(path.stem)
    assert len(text) < 200_000
    assert text == json.dumps(record, sort_keys=True, ensure_ascii=False, indent=1) + "\n"
    assert str(ROOT) not in text and str(Path.home()) not in text
    assert {"python", "numpy", "torch"} <= set(record["versions"])
    assert all(len(fingerprint) == 12 for fingerprint in record["data"].values())
    assert record["parts"]
