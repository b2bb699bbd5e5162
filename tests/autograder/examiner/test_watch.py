"""Is what the kernel does not hold seen by who watches?"""

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from autograder.candidate.walls import Walls
from autograder.candidate.watch import Watch
from autograder.sandbox.limits import Limits

WALLS = Walls((), (), disk=64 << 10, limits=Limits(processes=3))


def found(folder, *, walls=WALLS, entered=(), shared_count=False, pid=None, seconds=0.0):
    return Watch(walls, folder, entered, shared_count=shared_count).finds(
        pid or os.getpid(), seconds
    )


def test_a_full_folder_is_found_where_it_is_no_disk_of_its_own(tmp_path):
    (tmp_path / "small").write_bytes(bytes(30 << 10))
    assert found(tmp_path) == ""
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "large").write_bytes(bytes(60 << 10))
    assert "disk" in found(tmp_path)
    assert found(tmp_path, entered=("mount",)) == ""


def test_a_hole_takes_no_room_and_a_link_leads_nowhere(tmp_path):
    with (tmp_path / "hole").open("wb") as file:
        file.truncate(1 << 30)
    (tmp_path / "everything").symlink_to("/")
    assert found(tmp_path) == ""


def test_many_files_fill_a_disk_too(tmp_path, monkeypatch):
    monkeypatch.setattr("autograder.candidate.watch._MOST_FILES", 5)
    for number in range(6):
        (tmp_path / str(number)).touch()
    assert "disk" in found(tmp_path)


def test_many_processes_are_found_where_the_kernel_counts_others_as_well(tmp_path):
    wait = [sys.executable, "-S", "-c", "import sys; sys.stdin.read()"]
    with subprocess.Popen(wait, stdin=subprocess.PIPE) as child:
        family = {"pid": child.pid, "walls": replace(WALLS, limits=Limits(processes=0))}
        assert "processes" in found(tmp_path, shared_count=True, **family)
        assert found(tmp_path, **family) == ""
        assert found(tmp_path, shared_count=True, pid=child.pid) == ""


def test_memory_is_looked_at_after_a_while(tmp_path):
    walls = replace(WALLS, limits=Limits(memory=1))
    assert found(tmp_path, walls=walls) == ""
    assert "memory" in found(tmp_path, walls=walls, seconds=2.0)


@pytest.mark.parametrize("pid", [2**22 - 1])
def test_one_that_is_gone_takes_nothing(tmp_path, pid):
    walls = replace(WALLS, limits=Limits(memory=1))
    assert found(tmp_path, walls=walls, pid=pid, seconds=2.0, shared_count=True) == ""
