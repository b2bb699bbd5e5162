"""The environment is made once, reused, and mended when it is broken."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parents[2] / "tools"


@pytest.fixture
def environment(tmp_path, monkeypatch):
    """The script as a module, pointed at an empty folder."""
    spec = importlib.util.spec_from_file_location("environment", TOOLS / "environment.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(module, "STAMP", tmp_path / ".venv" / "made-from")
    for name in ("requirements.txt", "pyproject.toml"):
        (tmp_path / name).write_text("", encoding="utf-8")
    return module


@pytest.fixture
def made(environment, monkeypatch):
    """An environment with one small package, and everything that was run to make it."""
    commands = []

    def run(command, what):
        commands.append(what)
        if what == "making .venv":
            subprocess.run([*command, "--without-pip"], check=True)
            site = next((environment.VENV / "lib").glob("python*")) / "site-packages"
            (site / "small-1.0.dist-info").mkdir()
            (site / "small.py").write_text("", encoding="utf-8")
            info = site / "small-1.0.dist-info"
            (info / "METADATA").write_text("Metadata-Version: 2.1\nName: small\nVersion: 1.0\n")
            (info / "RECORD").write_text("small.py,,\n")
            environment.small = site / "small.py"

    monkeypatch.setattr(environment, "run", run)
    environment.commands = commands
    environment.main()
    assert commands == ["making .venv", "installing packages", "installing the course"]
    commands.clear()
    return environment


def test_a_whole_environment_is_reused(made):
    made.main()
    assert made.commands == []


def test_what_an_older_build_of_the_course_left_behind_does_not_matter(made, monkeypatch):
    info = made.ROOT / "training_cnns.egg-info"
    info.mkdir()
    (info / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: old\nVersion: 1.0\n")
    (info / "SOURCES.txt").write_text("coursekit/moved_away.py\n")
    monkeypatch.chdir(made.ROOT)
    assert made.find_problem() is None


def break_stamp(made):
    made.STAMP.unlink()


def break_python(made):
    made.PYTHON.unlink()


def break_package(made):
    made.small.unlink()


def break_interpreter(made):
    made.PYTHON.unlink()
    made.PYTHON.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    made.PYTHON.chmod(0o755)


def change_requirements(made):
    (made.ROOT / "requirements.txt").write_text("numpy\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (break_stamp, "half-made"),
        (break_python, "no environment yet"),
        (break_package, "lacks files of small"),
        (break_interpreter, "does not run"),
        (change_requirements, "another requirements.txt"),
    ],
)
def test_a_damaged_environment_is_noticed_and_made_again(made, damage, words, capsys):
    damage(made)
    made.main()
    assert words in capsys.readouterr().err
    assert made.commands[0] == "making .venv"
    assert made.find_problem() is None


def test_another_python_is_told_which_one_is_expected(environment, monkeypatch):
    monkeypatch.setattr(environment, "EXPECTED", (3, 99))
    with pytest.raises(SystemExit, match="make PYTHON=/path/to/python"):
        environment.main()


def test_a_failed_install_ends_in_one_line_and_keeps_the_log(environment):
    environment.VENV.mkdir()
    code = "print('Collecting a'); print('ERROR: no space left'); raise SystemExit(1)"
    with pytest.raises(SystemExit, match="installing packages failed: ERROR: no space left"):
        environment.run([sys.executable, "-c", code], "installing packages")
    assert "Collecting a" in environment.VENV.with_name(".venv-failed.log").read_text()
