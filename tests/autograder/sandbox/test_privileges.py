"""Is a candidate nobody, with nothing, for good?"""

import os
import signal
import time
from pathlib import Path

import pytest

from autograder.sandbox import privileges
from tests.autograder.sandbox.children import behind, candidate, child, fork, needs

CAPABILITIES = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")


def status() -> dict[str, str]:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def capabilities() -> list[int]:
    return [int(status()[name], 16) for name in CAPABILITIES]


@needs("unprivileged_user")
def test_no_capability_and_no_group_is_left():
    def who() -> list:
        os.setgroups([4, 27])
        privileges.drop(uid, uid)
        return [capabilities(), os.getresuid(), os.getresgid(), os.getgroups()]

    uid = privileges.uid_for(3)
    assert child(capabilities).value[1] > 0
    assert child(who).value == [[0] * 5, [uid] * 3, [uid] * 3, []]


@needs("namespaces")
def test_the_capabilities_of_a_user_namespace_go_too(scratch):
    assert behind("namespaces", scratch, capabilities).value[1] > 0
    assert candidate(scratch, capabilities).value == [0] * 5


@needs("unprivileged_user")
def test_root_that_stays_root_loses_its_capabilities():
    def who() -> list:
        privileges.drop(None, None)
        return [os.getuid(), capabilities()]

    assert child(who).value == [0, [0] * 5]


@needs("unprivileged_user")
def test_files_can_still_be_read_as_root_while_all_else_is_someone_elses(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("", encoding="ascii")
    secret.chmod(0o600)
    uid, parent = privileges.uid_for(3), os.getpid()

    def read(keep_files: bool) -> list[int]:
        privileges.drop(uid, uid, keep_files)
        secret.read_bytes()
        return [*os.getresuid(), *capabilities()]

    assert child(lambda: read(True)).value == [uid] * 3 + [0] * 5
    assert child(lambda: read(False)).error == "PermissionError"
    signalled = child(lambda: (read(True), os.kill(parent, signal.SIGURG)))
    assert signalled.error == "PermissionError"


def test_no_new_privileges_stays_with_the_children():
    def bits() -> list[str]:
        before = status()["NoNewPrivs"]
        privileges.no_new_privileges()
        return [before, status()["NoNewPrivs"], child(lambda: status()["NoNewPrivs"]).value]

    assert child(bits).value == ["0", "1", "1"]


def test_only_root_gets_uids_to_give_and_each_worker_its_own(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert privileges.uid_for(0) is None
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(privileges, "_is_mapped", lambda number: True)
    assert len({privileges.uid_for(slot) for slot in range(500)}) == 500


@pytest.mark.parametrize(
    ("id_map", "expected"),
    [
        ("         0          0 4294967295\n", privileges.FIRST_UID),
        ("0 100000 65536\n", privileges._SMALL_UIDS[0]),
        ("0 1000 1\n1 100000 1000\n", None),
    ],
    ids=["machine", "container", "small container"],
)
def test_a_container_without_large_uids_has_small_ones(id_map, expected, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(Path, "read_text", lambda self, encoding: id_map)
    assert privileges.uid_for(0) == expected


def test_a_folder_that_others_may_not_enter_is_named(tmp_path):
    hidden = tmp_path / "hidden"
    (hidden / "lib").mkdir(parents=True)
    hidden.chmod(0o700)
    assert str(hidden) in privileges.unreadable([hidden / "lib"]) or os.geteuid() != 0
    assert privileges.unreadable([hidden / "lib"])
    assert privileges.unreadable([Path("/usr/lib"), Path("/usr")]) == ""


def test_a_candidate_does_not_outlive_its_guardian(tmp_path):
    """The guardian is killed as by the system; what it forked must end with it."""

    def guard(with_it: bool) -> None:
        reader, writer = os.pipe()
        if fork() == 0:
            if with_it:
                privileges.die_with_parent()
            os.write(writer, b"1")
            time.sleep(0.5)
            (tmp_path / "alive").touch()
            os._exit(0)
        os.read(reader, 1)
        os.kill(os.getpid(), signal.SIGKILL)

    for with_it in (True, False):
        assert child(lambda: guard(with_it)).status == -signal.SIGKILL  # noqa: B023
        time.sleep(0.7)
        assert (tmp_path / "alive").exists() is not with_it


def test_orphans_come_to_the_guardian():
    def orphan_parent(adopt: bool) -> bool:
        if adopt:
            privileges.adopt_orphans()
        reader, writer = os.pipe()
        if fork() == 0:
            if fork() == 0:
                while os.getppid() == middle[0] or not middle[0]:
                    middle[0] = middle[0] or os.getppid()
                    time.sleep(0.005)
                os.write(writer, str(os.getppid()).encode())
            os._exit(0)
        os.wait()
        return int(os.read(reader, 20)) == os.getpid()

    middle = [0]
    assert child(lambda: orphan_parent(True)).value is True
    assert child(lambda: orphan_parent(False)).value is False
