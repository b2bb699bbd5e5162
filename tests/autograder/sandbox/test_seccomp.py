"""Can the filter be walked round, and does it leave in peace what is not its business?"""

import errno
import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path

import pytest

from autograder.sandbox import landlock, seccomp
from autograder.sandbox.kernel import Unavailable, call
from tests.autograder.sandbox.children import child, needs

pytestmark = needs("seccomp")
X86 = pytest.mark.skipif(os.uname().machine != "x86_64", reason="the numbers are those of x86_64")
HIGH = 1 << 32  # beyond the 32 bits that the kernel reads of an int


def filtered(action, before=lambda: None, **options):
    """Run it in a child that has the filter."""
    seccomp.prepare()
    return child(lambda: (before(), seccomp.restrict(**options), action())[2])


@pytest.mark.parametrize(
    "action",
    [
        lambda: call("syscall", 53, HIGH | 2, 1, 0, 0),  # socketpair of AF_INET
        lambda: call("syscall", 53, 1, HIGH | 2, 0, 0),  # of datagrams
        lambda: call("syscall", 72, 0, HIGH | 8, os.getpid()),  # fcntl, F_SETOWN
        lambda: call("syscall", 157, HIGH | 1, 9, 0, 0, 0),  # prctl, the parent's death
        lambda: call("syscall", 16, 0, HIGH | 0x5412, 0),  # ioctl, typing into the terminal
        lambda: call("syscall", 302, HIGH | os.getppid(), 7, 0, 0),  # prlimit
        lambda: call("syscall", 62, HIGH | os.getppid(), 0),  # kill
    ],
    ids=["family", "type", "fcntl", "prctl", "ioctl", "prlimit", "kill"],
)
@X86
def test_bits_that_the_kernel_ignores_hide_nothing(action):
    assert filtered(action).number == errno.EPERM


@X86
@pytest.mark.parametrize("number", [41, 59, 101], ids=["socket", "execve", "ptrace"])
def test_the_other_numbering_of_calls_is_no_way_round(number):
    """The x32 numbers of the same calls."""
    outcome = filtered(lambda: call("syscall", 0x40000000 | number, 1, 1, 0, 0))
    assert outcome.number == errno.ENOSYS


@pytest.mark.parametrize("number", [435, 452, 463, 467, 511])
def test_calls_newer_than_the_list_do_not_exist(number):
    assert filtered(lambda: call("syscall", number, 0, 0, 0, 0, 0)).number == errno.ENOSYS


def test_a_pair_of_streams_still_works():
    def talk() -> str:
        one, other = socket.socketpair()
        one.sendall(b"hello")
        return other.recv(5).decode()

    assert filtered(talk).value == "hello"


def test_a_download_and_a_program_fail_with_a_clear_error():
    import subprocess
    import urllib.request

    download = filtered(lambda: urllib.request.urlopen("http://127.0.0.1:9/"))
    program = filtered(lambda: subprocess.run(["ls"]))
    assert "Operation not permitted" in download.details
    assert program.error == "PermissionError"


def end_own_child() -> int:
    pid = os.fork()
    if pid == 0:
        time.sleep(5)
        os._exit(0)
    os.kill(pid, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_signals_to_others_are_refused_unless_another_layer_holds_them():
    refused = filtered(lambda: os.kill(os.getppid(), 0))
    assert refused.number == errno.EPERM
    assert filtered(lambda: os.kill(os.getpid(), 0)).worked
    assert filtered(end_own_child, signals=True).value == -signal.SIGKILL


def test_modes_can_be_changed_where_another_layer_holds_the_rest(tmp_path):
    file = tmp_path / "file"
    file.touch()
    assert filtered(lambda: file.chmod(0o600)).number == errno.EPERM
    assert filtered(lambda: file.chmod(0o600), attributes=True).worked


def test_the_children_have_the_filter_too():
    def grandchild() -> int:
        return child(socket.socket).number

    assert filtered(grandchild, signals=True).value == errno.EPERM


def test_a_process_with_threads_is_refused():
    """The other threads would stay free."""

    def with_a_thread() -> None:
        wait = threading.Event()
        threading.Thread(target=wait.wait, daemon=True).start()
        seccomp.restrict()

    outcome = child(with_a_thread)
    assert outcome.error == "RuntimeError"
    assert "has 2" in outcome.details


@needs("landlock")
def test_the_filter_goes_on_where_landlock_hides_proc():
    assert filtered(socket.socket, before=lambda: landlock.restrict([], [])).number == errno.EPERM


def test_without_the_library_a_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyseccomp", None)
    seccomp._library.cache_clear()
    seccomp.program.cache_clear()
    with pytest.raises(Unavailable, match=r"libseccomp.*pip install pyseccomp"):
        seccomp.restrict()
    seccomp._library.cache_clear()


def test_a_name_that_libseccomp_does_not_know_is_a_misspelling_or_of_another_machine():
    """So that a typing error cannot leave a call open."""
    library = seccomp._library()
    names = " ".join((seccomp._REFUSED, seccomp._ATTRIBUTES, seccomp._SIGNALS)).split()
    unknown = {n for n in names if library.resolve_syscall(library.system_arch(), n) == -1}
    assert unknown <= {"socketcall", "umount", "stime", "clock_settime64", "ipc", "vm86", "vm86old"}


def test_the_filter_is_far_below_the_kernels_limit():
    assert len(seccomp.program(1, False)) // 8 < 2048
    assert Path("/proc/self/status").read_text(encoding="ascii").count("Seccomp:\t0") == 1
