"""Does Landlock hold on every kernel that has it, and say so where there is none?"""

import errno
import os
import threading
from pathlib import Path

import pytest

from autograder.sandbox import landlock
from autograder.sandbox.kernel import Unavailable
from tests.autograder.sandbox.children import child, needs

pytestmark = needs("landlock")


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    """A folder to read, one to write, and one that is no business of the candidate's."""
    for name in ("read", "write", "outside"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text("text", encoding="utf-8")
    return tmp_path


def restricted(folders: Path, action):
    """Run it in a child under Landlock."""
    rules = ([folders / "read"], [folders / "write"])
    return child(lambda: (landlock.restrict(*rules), action())[1])


@pytest.mark.parametrize("version", range(1, 8))
def test_every_version_of_landlock_keeps_reading_and_writing_apart(version, folders, monkeypatch):
    if version > landlock.abi():
        pytest.skip(f"this kernel has version {landlock.abi()}")
    monkeypatch.setattr(landlock, "abi", lambda: version)

    def refused(path: Path, mode: str) -> bool:
        try:
            path.open(mode).close()
        except PermissionError:
            return True
        return False

    def tries() -> list[bool]:
        names = ("read", "write", "outside")
        return [refused(folders / name / "file", mode) for name in names for mode in ("r", "a")]

    assert child(tries).value == [False] * 6
    assert restricted(folders, tries).value == [False, True, False, False, True, True]


def test_a_version_of_the_future_is_used_as_far_as_it_is_known(folders, monkeypatch):
    monkeypatch.setattr(landlock, "abi", lambda: 99)
    if landlock.call("syscall", 444, None, 0, 1) < 7:
        pytest.skip("this kernel would refuse what version 99 asks")
    assert restricted(folders, (folders / "outside" / "file").read_text).number == errno.EACCES


def test_what_notebooks_do_in_their_folder_works(folders):
    def work() -> str:
        folder = folders / "write"
        (folder / "sub").mkdir()
        (folder / "file").rename(folder / "sub" / "moved")
        (folder / "link").symlink_to("sub/moved")
        os.mkfifo(folder / "pipe")
        os.truncate(folder / "link", 2)
        text = (folder / "link").read_text(encoding="utf-8")
        (folder / "sub" / "moved").unlink()
        (folder / "sub").rmdir()
        return text

    assert restricted(folders, work).value == "te"


def test_devices_that_programs_expect_are_there(folders):
    def use() -> list[int]:
        Path("/dev/null").write_bytes(b"x")
        return [len(Path(p).open("rb").read(4)) for p in ("/dev/null", "/dev/zero", "/dev/urandom")]

    assert restricted(folders, use).value == [0, 4, 4]


def test_a_readable_folder_takes_no_files_and_runs_no_programs(folders):
    program = folders / "read" / "program"
    program.write_text("#!/bin/true\n", encoding="ascii")
    program.chmod(0o755)
    assert restricted(folders, (folders / "read" / "new").touch).number == errno.EACCES
    outcome = restricted(folders, lambda: os.execv(program, ["program"]))
    assert outcome.number == errno.EACCES


def test_a_second_layer_only_takes_away(folders):
    def twice() -> str:
        landlock.restrict([folders], [folders])
        return (folders / "outside" / "file").read_text(encoding="utf-8")

    assert restricted(folders, twice).error == "PermissionError"
    assert child(twice).value == "text"


def test_one_file_can_be_allowed(folders):
    def read_both() -> str:
        landlock.restrict([folders / "outside" / "file"], [])
        assert (folders / "outside" / "file").read_text(encoding="utf-8") == "text"
        return (folders / "read" / "file").read_text(encoding="utf-8")

    assert child(read_both).error == "PermissionError"


def test_a_missing_folder_is_an_error_and_nothing_is_left_open(folders):
    def forgotten() -> None:
        landlock.restrict([folders / "forgotten"], [])

    def descriptors() -> int:
        before = len(list(Path("/proc/self/fd").iterdir()))
        with pytest.raises(FileNotFoundError, match="forgotten"):
            forgotten()
        landlock.restrict(["/proc"], [])
        return len(list(Path("/proc/self/fd").iterdir())) - before

    assert child(descriptors).value == 0


def test_a_process_with_threads_is_refused(folders):
    def with_a_thread() -> None:
        wait = threading.Event()
        threading.Thread(target=wait.wait, daemon=True).start()
        landlock.restrict([], [])

    assert child(with_a_thread).error == "RuntimeError"


def test_a_kernel_without_landlock_is_told_in_a_sentence(monkeypatch):
    def missing(*_arguments):
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    monkeypatch.setattr(landlock, "call", missing)
    landlock.abi.cache_clear()
    with pytest.raises(Unavailable, match=r"no Landlock .*5\.13"):
        landlock.restrict([], [])
