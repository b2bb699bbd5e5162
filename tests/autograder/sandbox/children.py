"""Forked children that put on layers and then do something forbidden."""

import errno
import json
import os
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest

from autograder import sandbox
from autograder.sandbox import landlock, limits, namespaces, privileges, seccomp
from autograder.sandbox.limits import Limits

SMALL = Limits(memory=256 << 20, cpu_seconds=20, processes=12, file_size=4 << 20, open_files=64)
DISK = 8 << 20
PYTHON = (Path(sys.prefix), Path(sys.base_prefix), Path(pytest.__file__).parents[1])
_REFUSALS = (
    *(errno.EPERM, errno.EACCES, errno.EROFS, errno.EXDEV, errno.ENOSYS),
    *(errno.ENETUNREACH, errno.ECONNREFUSED, errno.ESRCH, errno.ENOENT),
)


@dataclass(frozen=True)
class Outcome:
    """How a child ended: what it returned, or its error, or its exit status."""

    value: Any = None
    error: str = ""
    number: int = 0
    details: str = ""
    status: int = 0

    @property
    def refused(self) -> bool:
        """Whether the system said no, or showed nothing there to attack."""
        return self.error == "gaierror" or self.number in _REFUSALS

    @property
    def worked(self) -> bool:
        """Whether it returned."""
        return not self.error and self.status == 0


def needs(*layers: str) -> pytest.MarkDecorator:
    """Skip, with the layer's own reason, where this system has not got it."""
    reasons = [f"{layer}: {sandbox.available()[layer]}" for layer in layers if not has(layer)]
    return pytest.mark.skipif(bool(reasons), reason="; ".join(reasons))


def has(layer: str) -> bool:
    """Whether this system has the layer."""
    return not sandbox.available()[layer]


def child(action: Callable[[], Any], timeout: float = 60) -> Outcome:
    """Run it in a forked process, which is killed when its time is over."""
    reader, writer = os.pipe()
    pid = fork()
    if pid == 0:
        os.close(reader)
        _report(writer, action)
    os.close(writer)
    status = _wait(pid, timeout)
    os.set_blocking(reader, False)
    with os.fdopen(reader, "rb") as pipe:
        said = pipe.read()
    return Outcome(**json.loads(said), status=status) if said else Outcome(status=status)


def fork() -> int:
    """Fork; 0 is the child."""
    with warnings.catch_warnings():  # Python 3.12 warns when the test runner has threads
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def _report(writer: int, action: Callable[[], Any]) -> None:
    try:
        said = {"value": action()}
    except BaseException as error:
        number = getattr(error, "errno", None) or 0
        details = "".join(traceback.format_exception(error))[-2000:]
        said = {"error": type(error).__name__, "number": number, "details": details}
    os.write(writer, json.dumps(said).encode())
    os._exit(0)


def _wait(pid: int, timeout: float) -> int:
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.001)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    raise TimeoutError(f"the child was still running after {timeout} s")


def behind(layer: str, scratch: Path, action: Callable[[], Any], timeout: float = 60) -> Outcome:
    """Run it in a child behind this one layer."""
    if layer == "namespaces":
        return _grandchild(lambda: _in_namespaces(scratch, action, timeout), timeout)
    return child(lambda: (_PUT_ON[layer](scratch), action())[1], timeout)


def _grandchild(guardian: Callable[[], Any], timeout: float) -> Outcome:
    outcome = child(guardian, timeout + 2)
    assert outcome.worked, outcome.details
    return Outcome(**outcome.value)


def _in_namespaces(scratch: Path, action: Callable[[], Any], timeout: float) -> dict[str, Any]:
    namespaces.enter(scratch, DISK)
    return asdict(child(lambda: (namespaces.mount_proc(), action())[1], timeout))


def _unprivileged(scratch: Path) -> None:
    del scratch
    privileges.drop(privileges.uid_for(0), privileges.uid_for(0))


_PUT_ON: dict[str, Callable[[Path], None]] = {
    "landlock": lambda scratch: landlock.restrict([*landlock.system_paths(), *PYTHON], [scratch]),
    "seccomp": lambda scratch: seccomp.restrict(),
    "unprivileged_user": _unprivileged,
}


def candidate(
    scratch: Path, action: Callable[[], Any], bounds: Limits = SMALL, timeout: float = 60
) -> Outcome:
    """Run it behind every layer that this system has, as the grader does."""
    if has("seccomp"):
        seccomp.prepare()  # as the nursery does before it forks
    return _grandchild(lambda: _guard(scratch, action, bounds, timeout), timeout)


def _guard(scratch: Path, action: Callable[[], Any], bounds: Limits, timeout: float) -> Any:
    entered = namespaces.enter(scratch, DISK)
    uid = privileges.uid_for(0)
    others = limits.other_tasks(uid, entered)

    def inside() -> Any:
        confine(scratch, entered, uid)
        return action()

    def limited() -> Any:
        limits.apply(bounds, others)
        return inside()

    return asdict(child(limited, timeout))


def confine(scratch: Path, entered: frozenset[str], uid: int | None) -> None:
    """What a candidate does before a student's code runs."""
    proc = [Path("/proc")] if "pid" in entered and namespaces.mount_proc() else []
    shared = [Path("/dev/shm")] if "mount" in entered else []
    os.chdir(scratch)
    keep_files = bool(privileges.unreadable(PYTHON))
    privileges.drop(uid, uid, keep_files)
    held = "read_only" in entered or (uid is not None and not keep_files)
    if has("landlock"):
        landlock.restrict([*landlock.system_paths(), *PYTHON, *proc], [scratch, *shared])
    if has("seccomp"):
        seccomp.restrict(signals="pid" in entered, attributes=held)
