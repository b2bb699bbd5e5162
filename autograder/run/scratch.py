"""Temporary folders that go even where the process that made them was killed.

Each has a lock that its process holds, and that the system takes away from a dead one.
"""

import os
import shutil
import stat
import tempfile
import time
import weakref
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock, Timeout

_PREFIX, _LOCK = "grading-", "lock"
_YOUNG = 60  # seconds in which a folder may not have its lock yet


class Scratch:
    """A folder `path` that other users may enter but not list, until `remove` or the end.

    To make one is to remove those that dead processes of this user have left behind.
    """

    def __init__(self) -> None:
        _sweep()
        self.path = Path(tempfile.mkdtemp(prefix=_PREFIX)).absolute()
        lock = FileLock(self.path / _LOCK, thread_local=False)
        lock.acquire()
        self.path.chmod(0o711)  # a candidate reads its library as another user
        self.remove = weakref.finalize(self, _remove, self.path, lock)


def _sweep() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        lock = folder / _LOCK
        if _is_own(folder, stat.S_ISDIR) and _is_own(lock, stat.S_ISREG):
            try:
                held = FileLock(lock, timeout=0)
                held.acquire()
                _remove(folder, held)
            except (Timeout, OSError):
                pass  # somebody works there, or sweeps it too


def _is_own(path: Path, is_kind: Callable[[int], bool]) -> bool:
    """True for a file or folder of this user that is of the kind itself, no link, and not young."""
    try:
        found = path.lstat()
    except OSError:
        return False
    mine = found.st_uid == os.geteuid() if hasattr(os, "geteuid") else True
    return mine and is_kind(found.st_mode) and time.time() - found.st_mtime > _YOUNG


def _remove(folder: Path, lock: FileLock) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    lock.release(force=True)
