"""Keeps what student code sends from taking all memory of the machine."""

import contextlib
import gc
import resource
from collections.abc import Iterator
from pathlib import Path

_ALLOWANCE = 1 << 30  # bytes that a test may add; a message has at most a sixteenth of it
_MUCH = 1 << 25  # bytes that are worth the look for what is of no more use


@contextlib.contextmanager
def bounded_memory() -> Iterator[None]:
    """Inside, what takes more than this process may add raises MemoryError.

    A test works with what a candidate sends: an object that says to have the shape (10⁵, 10⁵), or
    a thousand large arrays for a function that keeps a record. Without effect on macOS.
    """
    before, size = resource.getrlimit(resource.RLIMIT_DATA), _size()
    most = size + _ALLOWANCE
    if size and (before[0] == resource.RLIM_INFINITY or most < before[0]):
        resource.setrlimit(resource.RLIMIT_DATA, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)


@contextlib.contextmanager
def tidied() -> Iterator[None]:
    """Afterwards nothing large is left of what was made inside and is of no more use.

    An end of a line and what it has kept know each other, so Python would find it out much later.
    """
    size = _size()
    yield
    if _size() > size + _MUCH:
        gc.collect()


def _size() -> int:
    """Bytes of this process that count; 0 where that is not known."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[5])
    except FileNotFoundError:
        return 0
    return pages * resource.getpagesize()
