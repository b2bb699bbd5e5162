"""What a candidate takes of the machine where the kernel alone does not hold it: looked at anew."""

import contextlib
import os
from collections.abc import Collection, Iterator
from pathlib import Path

import psutil

from autograder.candidate.walls import Walls

_UNWATCHED = 1.0  # seconds: what one process takes is limited anyway, and most are done by then
_MOST_FILES = 16_384


class Watch:
    """Looks at a candidate in its `folder`.

    entered: the namespaces that were had; shared_count: whether the kernel counts other tasks into
    the candidate's limit of processes, which is then a wide one.
    """

    def __init__(
        self, walls: Walls, folder: Path, entered: Collection[str], *, shared_count: bool
    ) -> None:
        self._limits, self._disk = walls.limits, walls.disk
        self._folder = None if "mount" in entered else folder
        self._count = shared_count

    def finds(self, pid: int, seconds: float) -> str:
        """What it takes too much of, in a few words, after so many seconds; "" for nothing."""
        if self._count and len(_family(pid)) > self._limits.processes:
            return "it started too many processes"
        if self._folder and _is_full(self._folder, self._disk):
            return "it filled the disk"
        if seconds > _UNWATCHED and _resident(pid) > self._limits.memory:
            return "it used too much memory"
        return ""


def sees_candidate_alone() -> bool:
    """True where /proc shows the candidate's own process numbers, among which this one has none."""
    return Path("/proc").is_dir() and not Path("/proc/self").exists()


def _family(pid: int) -> list[psutil.Process]:
    """The candidate, and what it started."""
    if sees_candidate_alone():
        return [*psutil.process_iter()]
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    return []


def _resident(pid: int) -> int:
    """Bytes of memory that the family holds; what they share counts once."""
    total = 0
    for member in _family(pid):
        with contextlib.suppress(psutil.Error):  # it ended while we looked
            total += _share_of(member)
    return total


def _share_of(member: psutil.Process) -> int:
    """Snapshots share most of their pages: by `rss` they would hold these many times over."""
    if psutil.LINUX:
        return member.memory_full_info().pss
    return member.memory_info().rss


def _is_full(folder: Path, most: int) -> bool:
    """Whether more lies under the folder than may, in bytes or in files."""
    left = most
    for number, entry in enumerate(_entries(folder)):
        with contextlib.suppress(OSError):  # it went while we looked
            left -= entry.stat(follow_symlinks=False).st_blocks * 512
        if left < 0 or number >= _MOST_FILES:
            return True
    return False


def _entries(folder: Path) -> Iterator[os.DirEntry]:
    waiting = [os.fspath(folder)]
    while waiting:
        with contextlib.suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                yield entry
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
