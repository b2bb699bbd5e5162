"""What is left of a run that something interferes with, and does the next one finish it?

A kill comes at a chosen place by stopping the command there from outside: a pipe in place of the
file that it is about to write, or a lock on the gradebook.
"""

import contextlib
import csv
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path

import nbformat
import psutil
import pytest
from click.testing import CliRunner

from autograder.cli import main
from autograder.course import Course, Lab
from autograder.examiner.candidate import Candidate
from autograder.gradebook import LabGradebook
from autograder.lesson import answers, read_lesson, solution_cells
from autograder.results import SubmissionResult
from autograder.run import desk, round
from autograder.run.task import forget

ROOT = Path(__file__).resolve().parents[3]
TIMEOUT = 20  # seconds of a cell; nothing here runs into it but what is killed before
SLOW = "import time\ntime.sleep(1.5)\n"
STUCK = "import time\ntime.sleep(15)\n"


@pytest.fixture
def lab(released: Lab, tmp_path: Path) -> Lab:
    """A released lab that nobody has handed in yet."""
    shutil.copytree(released.course.root, tmp_path / "course")
    return Course(tmp_path / "course").lab(released.name)


@pytest.fixture(scope="module", autouse=True)
def no_process_stays() -> Iterator[None]:
    """The one that students' code comes from serves all tests here."""
    yield
    forget()


def hand_in(lab: Lab, **before: str) -> None:
    """A right answer of each of these students, and something to run before it."""
    nb = nbformat.read(lab.student, as_version=4)
    right = answers(read_lesson(lab.lesson))["l2_penalty"]
    for student, text in before.items():
        solution_cells(nb)["l2_penalty"].source = f"{text}# {student}\n{right}"
        path = submitted(lab, student)
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(nb, path)


def submitted(lab: Lab, student: str) -> Path:
    return lab.course.nbgrader / "submitted" / student / lab.name / f"{lab.name}.ipynb"


def words(lab: Lab, *more: str) -> list[str]:
    return ["--root", str(lab.course.root), "grade", lab.name, "--timeout", str(TIMEOUT), *more]


def grade(lab: Lab, *more: str) -> tuple[int, str]:
    """Exit status and output of the command, in this process."""
    done = CliRunner().invoke(main, words(lab, "--workers", "0", *more))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


@contextmanager
def running(lab: Lab, *more: str) -> Iterator[psutil.Popen]:
    """The command as a process of its own; it is gone afterwards, with all that came from it."""
    child = psutil.Popen(
        [sys.executable, "-m", "autograder", *words(lab, *more)],
        cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    family: set[psutil.Process] = set()
    try:
        yield child
    finally:
        with contextlib.suppress(psutil.NoSuchProcess):
            family.update(child.children(recursive=True))
            child.kill()
        child.communicate()
        for process in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()


def until(is_true: Callable[[], object], child: psutil.Popen) -> None:
    deadline = time.monotonic() + 120
    while not is_true():
        assert child.poll() is None, child.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.005)


def results(lab: Lab) -> dict[str, SubmissionResult | None]:
    return {path.stem: SubmissionResult.read(path) for path in lab.results.glob("*.json")}


def in_gradebook(lab: Lab) -> dict[str, float]:
    """Points by student."""
    read = LabGradebook(lab.course.gradebook_url, lab.name, penalty=lambda *_: None).read()
    return {s: sum(p or 0 for p in (m.scores or {}).values()) for s, m in read.items()}


def in_csv(lab: Lab) -> dict[str, str]:
    """Points by student."""
    with (lab.results / "grades.csv").open(encoding="utf-8", newline="") as file:
        return {row["student"]: row["points"] for row in csv.DictReader(file)}


def assert_finished(lab: Lab, *students: str) -> None:
    """Every student has one result, papers and marks, and nothing else is there."""
    assert in_gradebook(lab) == dict.fromkeys(students, 2.0)
    assert in_csv(lab) == dict.fromkeys(students, "2")
    assert {path.name for path in lab.results.iterdir()} == {
        *(f"{student}.json" for student in students), "grades.csv", "report.html", ".lock",
    }  # fmt: skip
    for student in students:
        for paper in (lab.autograded(student), lab.feedback(student)):
            assert [p.name for p in paper.parent.iterdir()] == [paper.name]


def test_a_run_killed_between_papers_and_result_loses_neither_result_nor_marks(lab):
    hand_in(lab, a="", b="", c=SLOW, d="")
    with running(lab, "--workers", "0") as child:
        until(lambda: (lab.results / "b.json").exists(), child)
        os.mkfifo(lab.results / f".d.json.{child.pid}")  # to write into it is to wait
        until(lab.feedback("d").exists, child)
        status, said = grade(lab)
        assert (status, "is being graded by another process" in said) == (1, True)
        child.kill()
    assert set(results(lab)) == {"a", "b", "c"}
    assert in_gradebook(lab) == {}
    status, said = grade(lab, "--only", "c")
    assert (status, "1 graded, 1 of them before" in said) == (0, True)
    assert in_gradebook(lab) == dict.fromkeys("abc", 2.0) == results_in_points(lab)
    status, said = grade(lab)
    assert (status, "4 graded, 3 of them before" in said) == (0, True)
    assert_finished(lab, *"abcd")


def results_in_points(lab: Lab) -> dict[str, float]:
    return {student: result.points for student, result in results(lab).items() if result}


def test_a_run_killed_while_it_writes_the_gradebook_is_finished_by_the_next_one(lab):
    hand_in(lab, a="", b="")
    path = lab.course.nbgrader / "gradebook.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM grade").fetchall()  # so no commit can end
        with running(lab, "--workers", "0") as child:
            until(path.with_name("gradebook.db-journal").exists, child)
            child.kill()
    assert set(results(lab)) == {"a", "b"}
    assert in_gradebook(lab) == {}
    status, said = grade(lab)
    assert (status, "2 graded, 2 of them before" in said) == (0, True)
    assert_finished(lab, "a", "b")
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_result_that_was_kept_as_the_run_was_stopped_gets_its_marks_from_any_next_run(
    lab, monkeypatch
):
    hand_in(lab, a="", b="", c="")
    enter = desk.Desk.enter

    def stopped(self: desk.Desk, result: SubmissionResult) -> None:
        if result.student == "b":
            raise KeyboardInterrupt
        enter(self, result)

    monkeypatch.setattr(desk.Desk, "enter", stopped)
    assert grade(lab)[0] == 1
    assert set(results(lab)) == {"a", "b"}
    assert in_gradebook(lab) == {"a": 2.0}
    monkeypatch.undo()
    assert grade(lab, "--only", "a")[0] == 0
    assert in_gradebook(lab) == {"a": 2.0, "b": 2.0}


@pytest.mark.parametrize("depth", [1, 2], ids=["the nursery", "a guardian"])
def test_a_part_that_is_killed_while_a_cell_runs_costs_nobody_a_mark(lab, monkeypatch, depth):
    hand_in(lab, a="", b=SLOW, c="")
    forget()  # a nursery of an earlier test
    others, killed = _nurseries(), []
    run = Candidate.run

    def disturbed(self: Candidate, source: str) -> tuple:
        if SLOW in source and not killed:
            nurseries = [p for p in _nurseries() if p not in others]
            killed.extend(nurseries if depth == 1 else [c for p in nurseries for c in p.children()])
            threading.Timer(0.3, lambda: [process.kill() for process in killed]).start()
        return run(self, source)

    monkeypatch.setattr(Candidate, "run", disturbed)
    status, said = grade(lab)
    assert killed
    assert status == 0, said
    assert_finished(lab, "a", "b", "c")


def _nurseries() -> list[psutil.Process]:
    return [p for p in psutil.Process().children() if "nursery" in " ".join(p.cmdline())]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_stopped_says_so_and_leaves_no_process(lab, number):
    hand_in(lab, a="", b=STUCK)
    with running(lab, "--workers", "1") as child:
        until(lambda: (lab.results / "a.json").exists(), child)
        family = child.children(recursive=True)
        assert len(family) >= 3
        child.send_signal(number)
        said = child.communicate(timeout=60)[0]
        assert child.returncode == 1, said
        assert "stopped. 1 of 2 are done and kept; the next run does the rest." in said
        assert "Traceback" not in said
        assert psutil.wait_procs(family, timeout=10)[1] == []
    assert in_gradebook(lab) == {"a": 2.0}
    hand_in(lab, b="")
    status, said = grade(lab)
    assert (status, "2 graded, 1 of them before" in said) == (0, True)
    assert_finished(lab, "a", "b")


def test_a_gradebook_that_is_locked_for_a_moment_is_waited_for(lab):
    hand_in(lab, a="")
    path = lab.course.nbgrader / "gradebook.db"
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN EXCLUSIVE")
        threading.Timer(1, lambda: other.execute("COMMIT")).start()
        assert grade(lab)[0] == 0
    assert_finished(lab, "a")


def interfere(monkeypatch, student: str, work: Callable[[], object]) -> None:
    """Do something at the moment when this submission is about to be read."""
    collect = round.collect

    def collected(folder: Path, **options):
        if folder.parent.name == student:
            work()
        return collect(folder, **options)

    monkeypatch.setattr(round, "collect", collected)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield


@contextmanager
def damaged(path: Path) -> Iterator[None]:
    whole = path.read_bytes()
    path.write_bytes(whole[:2000])
    yield
    path.write_bytes(whole)


@contextmanager
def absent(path: Path) -> Iterator[None]:
    path.rename(path.with_name("elsewhere"))
    yield
    path.with_name("elsewhere").rename(path)


@pytest.mark.parametrize(
    ("trouble", "sentence"),
    [
        (locked, "Another program is using it. Close it (formgrader?) and grade again."),
        (damaged, "Put a backup in its place"),
        (absent, "Release the lab first."),
    ],
)
def test_a_gradebook_that_goes_in_mid_run_stops_no_grading_and_the_marks_follow(
    lab, monkeypatch, trouble, sentence
):
    monkeypatch.setattr(desk, "_BATCH", 2)
    monkeypatch.setattr(desk, "LabGradebook", partial(LabGradebook, patience=0.1))
    hand_in(lab, **dict.fromkeys("abcde", ""))
    with ExitStack() as stack:
        begin = partial(stack.enter_context, trouble(lab.course.nbgrader / "gradebook.db"))
        interfere(monkeypatch, "b", begin)
        status, said = grade(lab)
        assert status == 1
        assert sentence in said.replace("\n", " ")
        assert set(results(lab)) == set("abcde")
    monkeypatch.undo()
    status, said = grade(lab, "--only", "e")
    assert (status, "1 graded, 1 of them before" in said) == (0, True)
    assert_finished(lab, *"abcde")


@pytest.mark.parametrize("trouble", [locked, damaged, absent])
def test_without_a_gradebook_nothing_is_begun(lab, monkeypatch, trouble):
    monkeypatch.setattr(desk, "LabGradebook", partial(LabGradebook, patience=0.1))
    hand_in(lab, a="")
    with trouble(lab.course.nbgrader / "gradebook.db"):
        status, said = grade(lab)
        assert (status, "gradebook" in said) == (1, True)
        assert results(lab) == {}
    assert grade(lab)[0] == 0
    assert_finished(lab, "a")


SPOILT = {
    "cut": lambda text: text[: len(text) // 2],
    "empty": lambda text: "",
    "deep": lambda text: "[" * 100_000,
    "list": lambda text: f"[{text}]",
    "another": lambda text: text.replace('"another"', '"cut"'),
    "worth": lambda text: text.replace('"max_points": 2.0', '"max_points": [2]'),
    "nan": lambda text: text.replace('"points": 2.0', '"points": NaN'),
    "note": lambda text: text.replace('"note": ""', '"note": null'),
    "half": lambda text: text.replace('"note": ""', '"note": "\\ud800"'),
    "failed": lambda text: text.replace('"status": "graded"', '"status": "infrastructure failure"'),
}


def test_a_result_file_that_is_spoilt_is_made_again_and_the_others_are_reused(lab):
    hand_in(lab, whole="", **dict.fromkeys(SPOILT, ""))
    grade(lab)
    before = results(lab)
    for student, spoil in SPOILT.items():
        path = lab.results / f"{student}.json"
        text = path.read_text(encoding="utf-8")
        assert spoil(text) != text
        path.write_text(spoil(text), encoding="utf-8")
    (lab.results / "nobody.json").write_text(json.dumps({"student": "nobody"}), encoding="utf-8")
    shutil.copy(lab.results / "whole.json", lab.results / "copy of whole.json")
    status, said = grade(lab)
    assert (status, f"{len(before)} graded, 1 of them before" in said) == (0, True)
    for name in ("nobody", "copy of whole"):
        (lab.results / f"{name}.json").unlink()
    assert results(lab) == before
    assert_finished(lab, "whole", *SPOILT)


@pytest.mark.parametrize("name", ["grades.csv", "a.json"])
def test_a_folder_in_a_files_place_is_a_sentence_and_marks_are_kept(lab, name):
    hand_in(lab, a="", b="")
    (lab.results / name).mkdir(parents=True)
    status, said = grade(lab)
    assert status == 1
    assert f"Is a directory: {lab.results / name}" in said.replace("\n", "")
    (lab.results / name).rmdir()
    assert grade(lab)[0] == 0
    assert_finished(lab, "a", "b")


def test_a_submission_that_disappears_while_it_is_read_stops_no_others(lab, monkeypatch):
    hand_in(lab, a="", b="", c="")
    interfere(monkeypatch, "b", lambda: shutil.rmtree(submitted(lab, "b").parents[1]))
    status, said = grade(lab)
    assert status == 2
    assert "infrastructure failure" in said
    assert in_gradebook(lab) == {"a": 2.0, "c": 2.0}
    assert in_csv(lab) == {"a": "2", "b": "", "c": "2"}
    monkeypatch.undo()
    hand_in(lab, b="")
    status, said = grade(lab)
    assert (status, "3 graded, 2 of them before" in said) == (0, True)
    assert_finished(lab, *"abc")


def test_a_submission_that_is_only_half_there_is_graded_again_when_it_is_whole(lab, monkeypatch):
    hand_in(lab, a="", b="")
    path = submitted(lab, "b")
    whole = path.read_bytes()
    interfere(monkeypatch, "b", lambda: path.write_bytes(whole[:300]))
    assert "unreadable" in grade(lab)[1]
    monkeypatch.undo()
    path.write_bytes(whole)
    status, said = grade(lab)
    assert (status, "2 graded, 1 of them before" in said) == (0, True)
    assert_finished(lab, "a", "b")


def test_results_that_are_removed_in_mid_run_are_made_again_by_the_next_one(lab, monkeypatch):
    hand_in(lab, a="", b="", c="")
    interfere(monkeypatch, "c", lambda: shutil.rmtree(lab.results))
    assert grade(lab)[0] == 0
    assert in_csv(lab) == dict.fromkeys("abc", "2")
    monkeypatch.undo()
    status, said = grade(lab)
    assert (status, "3 graded, 1 of them before" in said) == (0, True)
    assert sorted(results(lab)) == ["a", "b", "c"]
    assert in_gradebook(lab) == dict.fromkeys("abc", 2.0)


def test_a_timestamp_that_cannot_be_read_keeps_out_no_others_marks(lab):
    """A student may hand in a file of that name."""
    hand_in(lab, a="", b="", c="")
    stamp = submitted(lab, "a").with_name("timestamp.txt")
    stamp.write_text("yesterday, promise", encoding="utf-8")
    status, said = grade(lab)
    assert status == 1
    assert f"a: {stamp} holds no time that can be read" in said.replace("\n", " ")
    assert in_gradebook(lab) == {"b": 2.0, "c": 2.0}
    stamp.unlink()
    assert grade(lab)[0] == 0
    assert_finished(lab, *"abc")


def test_papers_of_another_submission_are_never_taken_for_those_of_a_known_result(lab, monkeypatch):
    """Graded; handed in anew, and killed after the papers; then the first one is back."""
    hand_in(lab, a="")
    first = submitted(lab, "a").read_bytes()
    grade(lab)
    page = lab.feedback("a").read_bytes()
    hand_in(lab, a="print('second')\n")

    def killed(*_: object) -> None:
        raise SystemExit(9)

    monkeypatch.setattr(SubmissionResult, "write", killed)
    assert grade(lab)[0] == 9
    assert lab.feedback("a").read_bytes() != page
    monkeypatch.undo()
    submitted(lab, "a").write_bytes(first)
    grade(lab)
    assert lab.feedback("a").read_bytes() == page
    assert_finished(lab, "a")


@pytest.fixture
def small_disk(lab: Lab) -> Iterator[Path]:
    """The course on a disk of its own with 4 MB."""
    moved = lab.course.root.with_name("moved")
    lab.course.root.rename(moved)
    lab.course.root.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(lab.course.root)]
    if os.geteuid() or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("only root can mount a disk")
    try:
        shutil.copytree(moved, lab.course.root, dirs_exist_ok=True)
        yield lab.course.root
    finally:
        subprocess.run(["umount", "--lazy", str(lab.course.root)], check=True)


@pytest.mark.parametrize("room", [0, 40_000, 80_000])
def test_a_full_disk_is_a_sentence_and_room_lets_it_go_on(lab, small_disk, room):
    hand_in(lab, a="", b="", c="")
    filler = small_disk / "filler"
    free = shutil.disk_usage(small_disk).free
    filler.write_bytes(bytes(free - room))
    status, said = grade(lab)
    assert status == 1
    assert "Traceback" not in said
    assert "No space left on the disk. Free some" in said or "Make room and grade again" in said
    before = len([result for result in results(lab).values() if result])
    filler.unlink()
    status, said = grade(lab)
    assert (status, f"3 graded, {before} of them before" in said) == (0, True)
    assert_finished(lab, *"abc")


def test_a_disk_that_may_only_be_read_is_a_sentence(lab, small_disk):
    hand_in(lab, a="")
    mount = ["mount", "-o", "remount,ro", str(small_disk)]
    subprocess.run(mount, check=True)
    status, said = grade(lab)
    assert status == 1
    assert "Check that you may read and write there." in said
    subprocess.run([*mount[:2], "remount,rw", mount[3]], check=True)
    assert grade(lab)[0] == 0
    assert_finished(lab, "a")


def test_a_clock_that_jumps_costs_nobody_a_mark(lab, monkeypatch):
    hand_in(lab, a="", b=SLOW)
    clock, now = time.time, time.time()

    def jumping() -> float:
        return clock() + 86_400 * (lab.results / "a.json").exists()

    monkeypatch.setattr(time, "time", jumping)
    assert now < jumping()
    done = CliRunner().invoke(main, words(lab, "--workers", "1"))
    assert done.exit_code == 0, done.output
    assert_finished(lab, "a", "b")
