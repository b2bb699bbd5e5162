"""Keeps what student code sends from taking all memory of the machine."""

import contextlib
import resource
from collections.abc import Iterator
from pathlib import Path

_ALLOWANCE = 1 << 30  # bytes that a test may add; a message has at most a sixteenth of it


@contextlib.contextmanager
def bounded_memory() -> Iterator[None]:
    """Inside, what takes more than this process may add raises MemoryError.

    A test works with what a candidate sends: an object that says to have the shape (10⁵, 10⁵), or
    a thousand large arrays for a function that keeps a record. Without effect on macOS.
    """
    before = resource.getrlimit(resource.RLIMIT_DATA)
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[5])
    except FileNotFoundError:
        yield
        return
    most = pages * resource.getpagesize() + _ALLOWANCE
    if before[0] == resource.RLIM_INFINITY or most < before[0]:
        resource.setrlimit(resource.RLIMIT_DATA, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)
