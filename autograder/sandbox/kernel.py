"""Calls to the Linux kernel that Python 3.11 has no function for."""

import ctypes
import os
import sys
from functools import cache
from pathlib import Path

MOUNT_SETATTR = 442  # numbers above 423 are the same on every architecture


class Unavailable(Exception):
    """A layer cannot be had on this system; the message is one sentence that says why."""


@cache
def libc() -> ctypes.CDLL:
    """The C library. Call it once before forking, so that children find it loaded.

    Raises Unavailable where the system is not Linux.
    """
    if sys.platform != "linux":
        raise Unavailable(f"It needs the Linux kernel, and this is {sys.platform}.")
    return ctypes.CDLL(None, use_errno=True)


def call(function: str, *arguments: "int | bytes | ctypes.Array | ctypes.Structure | None") -> int:
    """Call a function of the C library and return what it returns.

    Whole numbers go as C longs, buffers and structures by address.
    Raises OSError, of the kind that errno tells, when the function returns -1.
    """
    c_arguments = [ctypes.c_long(a) if isinstance(a, int) else _address(a) for a in arguments]
    value = getattr(libc(), function)(*c_arguments)
    if value == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{function}: {os.strerror(number)}")
    return value


def _address(argument: object) -> object:
    return ctypes.byref(argument) if isinstance(argument, ctypes.Structure) else argument


def require_one_thread() -> None:
    """Raise RuntimeError if this process has several threads.

    Landlock, seccomp and capabilities bind the calling thread and what it starts, no other.
    """
    try:
        count = len(list(Path("/proc/self/task").iterdir()))
    except PermissionError:  # Landlock is on already, and it has asked
        return
    if count > 1:
        raise RuntimeError(
            f"The sandbox binds one thread, and this process has {count}: "
            "apply it in a freshly forked process."
        )
