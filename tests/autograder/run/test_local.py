"""Do workers give what one process gives, whatever happens to them?"""

import os
import signal
import tempfile
import time

import psutil

from autograder.results import Status
from autograder.run.local import grade_here
from autograder.run.work import Work


def test_each_kind_has_its_status(expected):
    statuses = {student: marked.status for student, marked in expected.items()}
    assert statuses == {
        "right": Status.GRADED,
        "wrong": Status.GRADED,
        "crash": Status.CRASHED,
        "loop": Status.TIME_OUT,
        "nothing": Status.UNREADABLE,
    }
    assert sum(e.points for e in expected["right"].exercises) == 2


def test_workers_give_the_same_to_the_last_byte_and_leave_nothing(
    work, tasks, expected, tmp_path, monkeypatch
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    family = _family()
    assert dict(grade_here(work, tasks, workers=2)) == expected
    assert list(tmp_path.iterdir()) == []
    deadline = time.monotonic() + 5
    while _family() - family and time.monotonic() < deadline:
        time.sleep(0.05)
    assert _family() <= family


def test_a_worker_that_is_killed_is_replaced_and_nothing_is_lost(work, tasks, expected):
    found, killed = {}, []
    for student, marked in grade_here(work, [*tasks, *_renamed(tasks)], workers=1):
        found[student] = marked
        if not killed:
            workers = [p for p in psutil.Process().children() if "spawn_main" in _line(p)]
            killed = [os.kill(p.pid, signal.SIGKILL) for p in workers]
    assert killed
    assert {student for student, _ in tasks} < found.keys()
    assert {marked.status for marked in found.values()} == {m.status for m in expected.values()}
    assert found["right again"].exercises == expected["right"].exercises


def test_what_the_machine_cannot_do_is_nobodys_mark(work, tasks):
    """The lab itself cannot be read."""
    empty = Work(work.lab, "{", work.release, work.times, work.limits, work.layers)
    ((_, marked),) = grade_here(empty, tasks[:1], workers=1)
    assert marked.status is Status.INFRASTRUCTURE_FAILURE
    assert "the examiner failed" in marked.note


def _family() -> set[int]:
    """All that this process has started, but for Python's own helper, which stays."""
    found = psutil.Process().children(recursive=True)
    return {process.pid for process in found if "resource_tracker" not in _line(process)}


def _renamed(tasks):
    return [(f"{student} again", handed) for student, handed in tasks]


def _line(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""
