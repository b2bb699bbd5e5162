"""The command line: verbs with help, one sentence for a problem, exit statuses for scripts."""

import errno
import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder.cli import main

README = Path(__file__).resolve().parents[2] / "README.md"
VERBS = sorted(main.commands)


def run(*args):
    return CliRunner().invoke(main, [str(a) for a in args])


def submit(lab, student: str, content: str) -> None:
    folder = lab.course.nbgrader / "submitted" / student / lab.name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{lab.name}.ipynb").write_text(content, encoding="utf-8")


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_and_an_example_that_names_it(verb):
    done = run(verb, "--help")
    assert done.exit_code == 0
    assert f"Example: autograder {verb}" in done.output


def test_the_readme_documents_exactly_the_verbs_there_are():
    documented = re.findall(r"(?m)^\| `autograder (\w+)", README.read_text(encoding="utf-8"))
    assert sorted(documented) == VERBS


def test_an_unknown_lab_is_told_which_there_are(lab):
    done = run("--root", lab.course.root, "build", "99_nothing")
    assert done.exit_code == 1
    assert "Unknown lab '99_nothing'. Expected one of: 01_small." in done.output


def test_outside_of_a_course_one_sentence_says_so(tmp_path):
    done = run("--root", tmp_path, "build")
    assert done.exit_code == 1
    assert "No course here" in done.output


def test_build_and_release_do_only_what_changed(released):
    for verb in ("build", "release"):
        done = run("--root", released.course.root, verb)
        assert done.exit_code == 0
        assert "01_small: up to date" in done.output


def test_build_check_passes_on_a_current_notebook_and_fails_on_a_stale_one(released, lab):
    assert run("--root", released.course.root, "build", "--check").exit_code == 0
    done = run("--root", lab.course.root, "build", "--check")
    assert done.exit_code == 1
    assert "is stale" in done.output


@pytest.mark.parametrize("verb", ["release", "grade"])
def test_a_step_too_early_says_which_comes_first(lab, verb):
    submit(lab, "ada", "")
    done = run("--root", lab.course.root, verb, "01_small")
    assert done.exit_code == 1
    assert re.search(r"Run `autograder (build|release) 01_small` first", done.output)


def test_grade_prints_json_for_machines(classroom):
    submit(classroom, "bo", "")
    done = CliRunner().invoke(
        main,
        [
            "--root",
            str(classroom.course.root),
            "grade",
            "01_small",
            "--only",
            "bo",
            "--json",
            "--workers",
            "0",
        ],
    )
    assert done.exit_code == 0
    (result,) = json.loads(done.stdout)
    assert result["status"] == "unreadable"
    assert result["points"] == 0


def test_a_name_that_the_terminal_cannot_show_stops_nothing(classroom):
    submit(classroom, "jörg", "")
    command = [sys.executable, "-m", "autograder", "--root", classroom.course.root]
    done = subprocess.run(
        [*command, "grade", "01_small", "--only", "jörg", "--workers", "0"],
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0 and "j\\xf6rg" in done.stdout, done.stderr


def test_grade_prints_a_table_and_where_to_look(classroom):
    submit(classroom, "bo", "")
    done = run("--root", classroom.course.root, "grade", "01_small", "--only", "bo", "--workers", 0)
    assert re.search(r"bo\s+0/\d+\s+unreadable\s+01_small.ipynb is empty", done.output)
    for word in ("grades.csv", "gradebook.db", "feedback"):
        assert word in done.output


def test_a_run_with_infrastructure_failures_ends_with_status_2(classroom, monkeypatch):
    from autograder.examiner.mark import Marker
    from autograder.examiner.nursery import InfrastructureError

    def fail(*_, **__):
        raise InfrastructureError("no process left")

    monkeypatch.setattr(Marker, "mark", fail)
    submit(classroom, "cy", classroom.student.read_text(encoding="utf-8"))
    done = run("--root", classroom.course.root, "grade", "01_small", "--only", "cy", "--workers", 0)
    assert done.exit_code == 2
    assert "infrastructure failure" in done.output


def test_the_doctor_says_which_layers_work():
    from autograder.sandbox import available

    lines = run("doctor").output.strip().split("\n")
    assert [line.split()[0] for line in lines] == [*available()]
    assert all(line.split(maxsplit=1)[1] for line in lines)


def test_nothing_is_graded_without_a_layer_that_is_required(classroom, monkeypatch):
    submit(classroom, "di", classroom.student.read_text(encoding="utf-8"))
    grade = ("--root", classroom.course.root, "grade", "01_small", "--only", "di", "--workers", 0)
    unknown = run(*grade, "--require", "magic")
    assert unknown.exit_code == 1
    assert "No layer of the sandbox is called magic. Expected some of: limits" in unknown.output
    monkeypatch.setattr("autograder.grade.available", lambda: {"landlock": "An old kernel."})
    missing = run(*grade, "--require", "landlock")
    assert missing.exit_code == 1
    assert "lacks what is required. landlock: An old kernel." in missing.output
    assert not (classroom.results / "di.json").exists()


def test_a_full_disk_is_one_sentence(classroom, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device", "gradebook.db")

    monkeypatch.setattr("autograder.release.build", full)
    done = run("--root", classroom.course.root, "build")
    assert done.exit_code == 1
    assert "No space left on the disk. Free some" in done.output


def test_a_port_in_use_is_one_sentence(classroom):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run("--root", classroom.course.root, "lab", "--port", port)
    assert done.exit_code == 1
    assert f"Port {port} is in use. Name another one: make lab PORT={port + 1}" in done.output


def test_copies_of_labs_are_never_overwritten(classroom):
    from autograder.jupyter import copy_labs

    folder = copy_labs(classroom.course)
    mine = folder / "01_small.ipynb"
    assert mine.read_bytes() == classroom.student.read_bytes()
    mine.write_text("my work", encoding="utf-8")
    copy_labs(classroom.course)
    assert mine.read_text(encoding="utf-8") == "my work"
