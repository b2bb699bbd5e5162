"""How much memory, time, disk and how many processes a candidate may take."""

import contextlib
import os
import resource
import subprocess
import sys
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

_ROOM = 512  # tasks that others who count with the candidate may start meanwhile
_SPARE = 16  # processes for `spare_process`, whatever student code has started
_OWN_COUNT = (5, 14)  # since this Linux, RLIMIT_NPROC counts each user namespace by itself


@dataclass(frozen=True)
class Limits:
    """What one candidate may take; sizes in bytes.

    memory: what each process may add to what it has at its fork.
    cpu_seconds: of each process. processes: threads count as well.
    file_size: of each file. stack: of the main thread; recursion beyond it ends the process.
    """

    memory: int = 1 << 30
    cpu_seconds: int = 60
    processes: int = 64
    file_size: int = 64 << 20
    open_files: int = 256
    stack: int = 8 << 20


def apply(limits: Limits, others: int = 0) -> None:
    """Bind this process and its children for good; a limit that is already lower stays.

    others: tasks outside the candidate that count into its process limit, see `other_tasks`.
    Where the size of the process cannot be told (macOS), memory is not limited.
    """
    values = {
        "RLIMIT_CORE": 0,
        "RLIMIT_MEMLOCK": 0,
        "RLIMIT_MSGQUEUE": 0,
        "RLIMIT_NICE": 0,
        "RLIMIT_RTPRIO": 0,
        "RLIMIT_CPU": round(time.process_time()) + limits.cpu_seconds,
        "RLIMIT_FSIZE": limits.file_size,
        "RLIMIT_NOFILE": limits.open_files,
        "RLIMIT_NPROC": limits.processes + (others and others + _ROOM),
        "RLIMIT_STACK": limits.stack,
    }
    for name, value in (values | _memory(limits.memory)).items():
        _lower(name, value, spare=_SPARE if name == "RLIMIT_NPROC" else 0)


def _memory(allowance: int) -> dict[str, int]:
    """Relative to the present size: torch alone maps more address space than most machines have."""
    try:
        pages = [int(n) for n in Path("/proc/self/statm").read_text(encoding="ascii").split()]
    except FileNotFoundError:
        return {}
    page = resource.getpagesize()
    present = {"RLIMIT_AS": pages[0] * page, "RLIMIT_DATA": pages[5] * page}
    return {name: size + allowance for name, size in present.items()}


def _lower(name: str, value: int, *, spare: int = 0) -> None:
    number = getattr(resource, name, None)
    if number is None:
        return
    hard = resource.getrlimit(number)[1]
    new, most = (
        wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        for wanted in (value, value + spare)
    )
    resource.setrlimit(number, (new, most))


@contextlib.contextmanager
def spare_process() -> Iterator[None]:
    """Inside, in this process and its fork, a fork goes well where student code has used up all."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NPROC)
    resource.setrlimit(resource.RLIMIT_NPROC, (hard, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NPROC, (soft, hard))


def other_tasks(uid: int | None, entered: Collection[str]) -> int:
    """How many tasks outside the candidate the kernel counts into its process limit.

    uid: the candidate's own uid, or None if it runs as the grader's user.
    entered: what `namespaces.enter` returned. Call it in the guardian, before it forks.
    """
    if uid is not None or ("user" in entered and _kernel_version() >= _OWN_COUNT):
        return 0
    return _tasks_of(os.getuid())


def _kernel_version() -> tuple[int, ...]:
    return tuple(int(part) for part in os.uname().release.split("-")[0].split(".")[:2])


def _tasks_of(uid: int) -> int:
    if sys.platform != "linux":
        listed = subprocess.run(["ps", "-U", str(uid), "-o", "pid="], capture_output=True)
        return len(listed.stdout.splitlines())
    return sum(_threads(entry, uid) for entry in Path("/proc").glob("[0-9]*"))


def _threads(process: Path, uid: int) -> int:
    try:
        return len(os.listdir(process / "task")) if process.stat().st_uid == uid else 0  # noqa: PTH208
    except OSError:  # it ended while we looked
        return 0


def offer_to_oom_killer() -> None:
    """When memory runs out, the kernel ends this process and its children first.

    Without a word where the system has no such thing. Call it in the nursery.
    """
    path = Path("/proc/self/oom_score_adj")
    if path.exists():
        path.write_text("1000", encoding="ascii")
