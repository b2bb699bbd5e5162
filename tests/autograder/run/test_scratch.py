"""Do temporary folders go when their process has gone, and only then?"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from autograder.run.scratch import Scratch
from tests.autograder.conftest import ROOT

LEFT = "import os; from autograder.run.scratch import Scratch; s = Scratch(); os._exit(9)"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders are made."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def age(*paths: Path) -> None:
    """Make files an hour old."""
    then = time.time() - 3600
    for path in paths:
        os.utime(path, (then, then))


def test_what_a_killed_process_left_is_removed_by_the_next(folder):
    subprocess.run(
        [sys.executable, "-c", LEFT], cwd=ROOT, env={**os.environ, "TMPDIR": str(folder)}
    )
    (left,) = folder.iterdir()
    (left / "library").mkdir()
    (left / "library" / "file").write_text("x")
    scratch = Scratch()
    assert left.exists(), "it might still be about to take its lock"
    age(left / "lock", left)
    other = Scratch()
    assert {*folder.iterdir()} == {scratch.path, other.path}
    for one in (scratch, other):
        one.remove()
    assert list(folder.iterdir()) == []


def test_what_is_in_use_or_somebody_elses_stays(folder, tmp_path_factory):
    scratch, target = Scratch(), tmp_path_factory.mktemp("elsewhere")
    (target / "lock").touch()
    (folder / "grading-link").symlink_to(target)
    (folder / "grading-linked").mkdir()
    (folder / "grading-linked" / "lock").symlink_to(target / "lock")
    (folder / "grading-bare").mkdir()
    (folder / "grading-file").touch()
    age(*folder.rglob("*"), target / "lock", target)
    Scratch().remove()
    left = {path.name for path in folder.iterdir()}
    assert left == {
        scratch.path.name,
        *(f"grading-{n}" for n in ("link", "linked", "bare", "file")),
    }
    assert (target / "lock").exists()
    scratch.remove()


def test_another_users_folder_stays(folder, monkeypatch):
    (folder / "grading-theirs").mkdir()
    (folder / "grading-theirs" / "lock").touch()
    age(folder / "grading-theirs" / "lock", folder / "grading-theirs")
    me = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: me + 1)
    Scratch().remove()
    assert (folder / "grading-theirs").exists()
