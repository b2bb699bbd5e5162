"""Who the candidate is: a user that owns nothing, with no capability, and no way to get one."""

import ctypes
import os
import signal
import stat
import sys
from collections.abc import Iterable
from pathlib import Path

from .kernel import call

FIRST_UID = 1_900_000_000  # no system gives these to people, services or containers
_SMALL_UIDS = range(60_600, 61_000)  # for containers that have 65,536 uids only

_SET_DEATH_SIGNAL, _SET_KEEP_CAPS, _DROP_BOUNDING, _ADOPT, _NO_NEW_PRIVILEGES = 1, 8, 24, 36, 38
_CAPABILITY_VERSION = 0x20080522
_SETGID, _SETUID = 6, 7


def no_new_privileges() -> None:
    """From now on no program that is started can gain a privilege; children inherit it.

    Raises Unavailable where the system is not Linux.
    """
    call("prctl", _NO_NEW_PRIVILEGES, 1, 0, 0, 0)


def uid_for(slot: int) -> int | None:
    """A uid, and gid, for the worker of this number; None when this process may not choose.

    That is when it is not root, or when its container has no uid to spare.
    """
    if sys.platform != "linux" or os.geteuid() != 0:
        return None
    small = _SMALL_UIDS[slot % len(_SMALL_UIDS)]
    return next((uid for uid in (FIRST_UID + slot, small) if _is_mapped(uid)), None)


def _is_mapped(number: int) -> bool:
    """Whether this user namespace has the number, as uid and as gid."""
    for name in ("uid_map", "gid_map"):
        lines = Path("/proc/self", name).read_text(encoding="ascii").splitlines()
        ranges = ((int(first), int(count)) for first, _, count in map(str.split, lines))
        if not any(first <= number < first + count for first, count in ranges):
            return False
    return True


def unreadable(paths: Iterable[Path]) -> str:
    """Empty if every user can read these folders, else one sentence about the first that not."""
    for path in map(Path.resolve, paths):
        for part in (path, *path.parents):
            needed = stat.S_IXOTH | (stat.S_IROTH if part == path else 0)
            if part.is_dir() and part.stat().st_mode & needed != needed:
                return f"Other users may not enter {part}, which Python needs for {path}."
    return ""


def drop(uid: int | None, gid: int | None, keep_files: bool = False) -> None:
    """Become this user for good and give up all capabilities; None: stay who you are.

    keep_files: reading files goes on as the old user, which Python needs if it is installed where
    only root may look (see `unreadable`). Then it is Landlock that protects root's files.
    Raises PermissionError if this process may not become that user.
    """
    _drop_bounding_set()
    if uid is not None and gid is not None:
        _become(uid, gid, keep_files)
    _set_capabilities(0)


def _become(uid: int, gid: int, keep_files: bool) -> None:
    old_uid, old_gid = os.geteuid(), os.getegid()
    call("prctl", _SET_KEEP_CAPS, int(keep_files), 0, 0, 0)
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    if keep_files:
        _set_capabilities(1 << _SETGID | 1 << _SETUID)
        call("setfsgid", old_gid)
        call("setfsuid", old_uid)


def _drop_bounding_set() -> None:
    """Capability by capability, up to the last one that this kernel knows."""
    for capability in range(64):
        try:
            call("prctl", _DROP_BOUNDING, capability, 0, 0, 0)
        except OSError:  # beyond the last one, or not ours to drop: then there is none to lose
            return


def _set_capabilities(mask: int) -> None:
    """Effective and permitted become `mask`, inheritable and ambient none."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    call("capset", header, (ctypes.c_uint32 * 6)(mask, mask))


def die_with_parent() -> None:
    """Be killed when the parent of this process ends. Call it after `drop`, which undoes it."""
    call("prctl", _SET_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)


def adopt_orphans() -> None:
    """Become the parent of descendants whose parent ended, so that they can be found and killed."""
    call("prctl", _ADOPT, 1, 0, 0, 0)
