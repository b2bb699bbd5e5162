"""A network, a process list, a scratch disk and a read-only system of the candidate's own."""

import ctypes
import os
from pathlib import Path

from .kernel import MOUNT_SETATTR, call

_NEW = {"mount": 0x20000, "uts": 0x4000000, "ipc": 0x8000000, "pid": 0x20000000, "net": 0x40000000}
_NEW_USER = 0x10000000
_RDONLY, _NOSUID, _NODEV, _NOEXEC, _REC, _PRIVATE = 1, 2, 4, 8, 0x4000, 0x40000
_AT_RECURSIVE = 0x8000
_SHARED_MEMORY = Path("/dev/shm")  # multiprocessing keeps its locks here
_SHARED_MEMORY_SIZE = 64 << 20


class _MountAttributes(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_uint64) for name in ("set", "clear", "propagation", "user"))


def enter(scratch: Path, size: int) -> frozenset[str]:
    """Move this process into new namespaces and return what was had; empty if it is not allowed.

    Root enters directly, another user through a user namespace ("user").
    "net", "ipc", "uts": at once. "pid": for children; the first is process 1, and when it ends,
    the kernel ends every other. "mount": an empty disk of `size` bytes on `scratch` and one on
    /dev/shm, gone with the last process; change to the folder anew. "read_only": all else is.
    Call it in a process with one thread, before Landlock, which forbids mounting.
    """
    user = os.getuid(), os.getgid()
    entered = _unshare(os.geteuid() == 0)
    if "user" in entered:
        _map(*user)
    if "mount" in entered:
        entered = entered - {"mount"} | _mounts(scratch, size)
    return frozenset(entered)


def _unshare(root: bool) -> set[str]:
    """All of them or none: the kernel never does a part."""
    flags = sum(_NEW.values()) | (0 if root else _NEW_USER)
    try:
        call("unshare", flags)
    except OSError:
        return set()
    return set(_NEW) if root else {*_NEW, "user"}


def _map(uid: int, gid: int) -> None:
    """The same numbers inside as outside; the kernel wants `setgroups` given up first."""
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1", encoding="ascii")


def _mounts(scratch: Path, size: int) -> set[str]:
    try:
        call("mount", None, b"/", None, _REC | _PRIVATE, None)
    except OSError:  # a security module lets namespaces be made, and nothing be done in them
        return set()
    done = {"read_only"} if _make_read_only() else set()
    _disk(scratch, size)
    if _SHARED_MEMORY.is_dir():
        _disk(_SHARED_MEMORY, min(size, _SHARED_MEMORY_SIZE))
    return {"mount"} | done


def _make_read_only() -> bool:
    """Landlock does not keep a file's mode, owner and times from its owner; this does."""
    attributes = _MountAttributes(set=_RDONLY | _NOSUID)
    size = ctypes.sizeof(attributes)
    try:
        call("syscall", MOUNT_SETATTR, -1, b"/", _AT_RECURSIVE, attributes, size)
    except OSError:  # before Linux 5.12
        return False
    return True


def _disk(folder: Path, size: int) -> None:
    options = f"size={size},nr_inodes=16384,mode=0777".encode()
    call("mount", b"tmpfs", os.fsencode(folder), b"tmpfs", _NOSUID | _NODEV | _NOEXEC, options)


def mount_proc() -> bool:
    """Show only the namespace's own processes under /proc; return whether that was allowed.

    Call it in process 1, before it gives up its privileges. If it returns False, do not let the
    candidate read /proc: the whole machine's processes are listed there.
    """
    flags = _RDONLY | _NOSUID | _NODEV | _NOEXEC
    try:
        call("mount", b"proc", b"/proc", b"proc", flags, None)
    except OSError:
        return False
    return True
