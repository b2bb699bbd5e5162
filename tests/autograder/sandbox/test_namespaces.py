"""What does a candidate find in namespaces of its own, and what is left of them?"""

import errno
import os
import socket
from pathlib import Path

import pytest

from autograder.sandbox import namespaces
from tests.autograder.sandbox.children import DISK, SMALL, behind, candidate, child, needs

pytestmark = needs("namespaces")
MIB = 1 << 20


def fill(folder: Path) -> None:
    for number in range(2 * DISK // MIB):
        (folder / f"{number}.bin").write_bytes(bytes(MIB))


def test_the_scratch_folder_is_a_disk_of_that_size_and_leaves_nothing(scratch):
    assert child(lambda: fill(scratch)).worked
    for file in scratch.iterdir():
        file.unlink()
    assert candidate(scratch, lambda: fill(scratch)).number == errno.ENOSPC
    assert list(scratch.iterdir()) == []


def test_files_without_content_run_out_too(scratch):
    def many() -> None:
        for number in range(20_000):
            os.close(os.open(scratch / str(number), os.O_CREAT))

    assert behind("namespaces", scratch, many).number == errno.ENOSPC


def test_shared_memory_is_a_disk_of_its_own(scratch):
    mark = Path("/dev/shm", scratch.parent.name)
    assert candidate(scratch, lambda: mark.write_bytes(b"x")).worked
    assert not mark.exists()


def test_only_the_candidate_and_what_it_starts_are_in_its_process_list(scratch):
    def processes() -> list[str]:
        return [str(os.getpid()), *(p.name for p in Path("/proc").glob("[0-9]*"))]

    assert candidate(scratch, processes).value == ["1", "1"]
    assert len(child(processes).value) > 2


def test_the_network_has_no_card_but_the_one_that_is_off(scratch):
    def cards() -> list[str]:
        return [name for _, name in socket.if_nameindex()]

    assert behind("namespaces", scratch, cards).value == ["lo"]


def test_everything_else_is_read_only(scratch):
    def flags() -> list[bool]:
        return [bool(os.statvfs(p).f_flag & os.ST_RDONLY) for p in ("/", "/proc", scratch)]

    assert behind("namespaces", scratch, flags).value == [True, True, False]


def test_what_was_entered_is_told(scratch):
    entered = child(lambda: sorted(namespaces.enter(scratch, MIB))).value
    user = [] if os.geteuid() == 0 else ["user"]
    assert entered == sorted(["ipc", "mount", "net", "pid", "read_only", "uts", *user])


def refusing(function: str, position: int = 0, value: object = None):
    """Like `call`, but this function fails as it does where it is not allowed."""
    real = namespaces.call

    def call(name, *arguments):
        if name == function and (value is None or arguments[position] == value):
            raise PermissionError(errno.EPERM, "not allowed")
        return real(name, *arguments)

    return call


@pytest.mark.parametrize(
    ("refused", "lost"),
    [
        (("unshare",), {"ipc", "mount", "net", "pid", "read_only", "user", "uts"}),
        (("mount",), {"mount", "read_only"}),
        (("syscall", 0, namespaces.MOUNT_SETATTR), {"read_only"}),
    ],
    ids=["unshare", "mount", "mount_setattr"],
)
def test_what_is_not_allowed_is_not_claimed(refused, lost, scratch, monkeypatch):
    all_of_it = set(child(lambda: sorted(namespaces.enter(scratch, MIB))).value)
    monkeypatch.setattr(namespaces, "call", refusing(*refused))
    entered = set(child(lambda: sorted(namespaces.enter(scratch, MIB))).value)
    assert entered == all_of_it - lost


def test_a_process_list_that_cannot_be_had_is_told(scratch, monkeypatch):
    monkeypatch.setattr(namespaces, "call", refusing("mount", 2, b"proc"))
    real = behind("namespaces", scratch, namespaces.mount_proc)
    assert real.value is False


def test_the_limit_on_files_holds_with_the_disk(scratch):
    size = SMALL.file_size + 1
    outcome = candidate(scratch, lambda: (scratch / "a").write_bytes(bytes(size)))
    assert outcome.number == errno.EFBIG
