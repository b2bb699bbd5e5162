"""Does a Dask cluster give what one process gives, and a sentence where it cannot?"""

import json
import logging
import os
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import cast

import psutil
import pytest

pytest.importorskip("distributed", reason="no Dask: python -m pip install distributed")

from distributed import Client

from autograder.errors import CourseError
from autograder.grade import grade_class
from autograder.run import cluster as module
from autograder.run.cluster import cluster
from autograder.run.machine import this_machine
from tests.autograder.conftest import ROOT
from tests.autograder.run.conftest import OPTIONS, copy, written
from tests.autograder.run.dask_cluster import dask_cluster, kill

# A worker that says of itself what a file says.
LIAR = """
import dataclasses, json, pathlib
from autograder.run import cluster, machine
honest = machine.honest = getattr(machine, "honest", machine.this_machine)  # it is read twice
lie = lambda: dataclasses.replace(honest(), **json.loads(pathlib.Path({file!r}).read_text()))
machine.this_machine = cluster.this_machine = lie
"""


def test_a_cluster_gives_the_same_to_the_last_byte_though_a_worker_is_killed(
    work, tasks, expected, handed_in, undivided, tmp_path
):
    again = [(f"{student} again", handed) for student, handed in tasks]
    with dask_cluster(tmp_path) as dask:
        dask.worker("--nthreads", "1", "--nanny")
        stays = dask.worker("--nthreads", "2", "--no-nanny")
        with Client(dask.address, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=60)
            pids = set(cast(dict, client.run(os.getpid)).values())
        found, killed = {}, []
        with cluster(dask.address) as there:
            assert {layer for layer, said in there.problems().items() if not said} == {*work.layers}
            for student, marked in there.mark(work, [*tasks, *again]):
                found[student] = marked
                if not killed:
                    killed = [kill(pid) for pid in pids - {stays.pid}]
        assert killed
        assert {student: found[student] for student in expected} == expected
        assert {s: m.exercises for s, m in found.items() if s not in expected} == {
            f"{student} again": marked.exercises for student, marked in expected.items()
        }
        assert not _nurseries(stays.pid), "what was prepared for the run is still there"
        lab = copy(handed_in, tmp_path / "course")
        grade_class(lab, **{**OPTIONS, "workers": None}, dask=dask.address)
        assert written(lab) == undivided


def _nurseries(pid: int) -> list[psutil.Process]:
    children = psutil.Process(pid).children(recursive=True)
    return [child for child in children if "candidate.nursery" in " ".join(child.cmdline())]


def test_workers_that_might_mark_otherwise_and_a_lost_scheduler_are_sentences(
    work, tasks, tmp_path, monkeypatch
):
    lies, liar = tmp_path / "lies", tmp_path / "liar.py"
    liar.write_text(LIAR.format(file=str(lies)), encoding="utf-8")

    def refused(said: str, **lie: object) -> None:
        lies.write_text(json.dumps(lie), encoding="utf-8")
        with pytest.raises(CourseError, match=said), cluster(dask.address) as there:
            list(there.mark(work, tasks))

    with dask_cluster(tmp_path) as dask:
        monkeypatch.setattr(module, "_FIRST_WORKER", 0.1)
        refused(r"has no workers\. Start some")
        monkeypatch.setattr(module, "_FIRST_WORKER", 60)
        dask.worker("--nthreads", "1", "--no-nanny", "--preload", str(liar))
        refused(r"has another version of the course's code\. Install there", code="other")
        versions = {**this_machine().versions, "numpy": "0.1"}
        refused("has numpy 0.1, not ", versions=versions)

        problems = {**this_machine().problems, "limits": "An old kernel."}
        lies.write_text(json.dumps({"problems": problems}), encoding="utf-8")
        with cluster(dask.address) as there:
            assert there.problems()["limits"].endswith(": An old kernel.")
            with pytest.raises(
                CourseError, match=r"has joined that must not mark: .* lacks limits"
            ):
                list(there.mark(work, tasks))

        lies.write_text("{}", encoding="utf-8")
        with pytest.raises(CourseError, match=r"is gone\. What was finished is kept"):
            _kill_the_scheduler_in_mid_run(dask, work, tasks)
        assert not logging.getLogger("distributed.client").isEnabledFor(logging.ERROR)


def _kill_the_scheduler_in_mid_run(dask, work, tasks) -> None:
    with cluster(dask.address) as there:
        for _ in there.mark(work, tasks):
            dask.scheduler.kill()


def test_a_worker_without_the_course_is_named(work, tmp_path):
    preload = tmp_path / "lacking.py"
    preload.write_text("import sys; sys.modules['autograder'] = None", encoding="utf-8")
    with dask_cluster(tmp_path) as dask:
        dask.worker("--nthreads", "1", "--no-nanny", "--preload", str(preload))
        with (
            pytest.raises(CourseError, match=r"tcp://\S+ cannot mark: .*autograder"),
            cluster(dask.address),
        ):
            pass


@pytest.mark.parametrize("address", ["", "nonsense", "tcp://127.0.0.1", "127.0.0.1:99999999"])
def test_what_is_no_address_is_a_sentence(address):
    with pytest.raises(CourseError, match=f"No Dask scheduler answers at '{address}': "):
        _connect(address)


def test_nobody_at_the_address_is_a_sentence_within_seconds():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        started = time.monotonic()
        with pytest.raises(CourseError, match=r"No Dask scheduler answers at 'tcp://127\.0\.0\.1:"):
            _connect(f"tcp://127.0.0.1:{taken.getsockname()[1]}")
    assert time.monotonic() - started < 30


def _connect(address: str) -> None:
    with cluster(address):
        pass


def test_a_worker_with_several_threads_marks_one_submission_at_a_time(work, tasks, monkeypatch):
    inside, together = [], []

    def grade(*_) -> None:
        inside.append(threading.get_ident())
        time.sleep(0.05)
        together.append(len(inside))
        inside.pop()

    monkeypatch.setattr(module.task, "grade", grade)
    with ThreadPoolExecutor(3) as threads:
        done = [threads.submit(module._mark, this_machine(), work, *tasks[0]) for _ in range(3)]
        assert [future.result() for future in done] == [None] * 3
    assert together == [1, 1, 1]


def test_a_worker_that_hangs_ends():
    code = (
        "import time; from autograder.run.cluster import _ended_after\n"
        "with _ended_after(0.1): time.sleep(60)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=50).returncode == 1
