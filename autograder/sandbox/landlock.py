"""Files, TCP, signals and abstract sockets, refused by Landlock.

Called through ctypes: the package `landlock` on PyPI is a development release, and it knows
neither the rules for TCP nor those for signals and sockets.
A process under Landlock can mount nothing, so namespaces come first. It goes by inode: a symbolic
link, a hard link or `/proc/self/root` lead nowhere else. It does not hide names: `os.stat` works.
"""

import ctypes
import os
import stat
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from .kernel import Unavailable, call, require_one_thread

_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446
_VERSION_QUESTION = 1
_PATH_BENEATH = 1
_QUIET = 1  # no audit line for each refusal: a candidate could flood the log

WRITE_FILE, READ_FILE, READ_DIR = 1 << 1, 1 << 2, 1 << 3
REFER, TRUNCATE = 1 << 13, 1 << 14
_MAKE_CHAR, _MAKE_SOCK, _MAKE_BLOCK, _IOCTL_DEVICE = 1 << 6, 1 << 9, 1 << 11, 1 << 15
_RIGHTS = {1: (1 << 13) - 1, 2: REFER, 3: TRUNCATE, 5: _IOCTL_DEVICE}  # by the ABI that adds them
_TCP = 0b11  # bind, connect; from ABI 4
_SCOPES = 0b11  # abstract unix sockets, signals; from ABI 6

_READ = (
    READ_FILE | READ_DIR
)  # importing a library is reading: running a program is a right of its own
_NEVER = 1 | _MAKE_CHAR | _MAKE_SOCK | _MAKE_BLOCK | _IOCTL_DEVICE
_FILE = WRITE_FILE | READ_FILE | TRUNCATE  # rights that a rule on a plain file may have

DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
_SYSTEM = (
    *("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache"),
    *("/etc/localtime", "/usr/share/zoneinfo", "/etc/fonts", "/usr/share/fonts"),
    *("/sys/devices/system/cpu", "/proc/cpuinfo", "/proc/meminfo"),
)


class _Ruleset(ctypes.Structure):
    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathRule(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


@cache
def abi() -> int:
    """The version of Landlock in this kernel. Raises Unavailable if there is none."""
    try:
        return call("syscall", _CREATE, None, 0, _VERSION_QUESTION)
    except OSError as error:
        raise Unavailable(
            f"This kernel has no Landlock or does not use it ({error.strerror}); "
            "Linux 5.13 or later with `lsm=landlock` has it."
        ) from None


def system_paths() -> list[Path]:
    """What libraries read at run time, besides Python's own folders: shared objects, time zones."""
    return [path for path in map(Path, _SYSTEM) if path.exists()]


def restrict(
    read: Iterable[Path | str], write: Iterable[Path | str], names: Iterable[Path | str] = ()
) -> None:
    """From now on open only what lies under `read`, and change only what lies under `write`.

    What is under `write` can be read too; `DEVICES` always work; nothing can be executed.
    Of what is under `names`, folders can be listed and no more.
    Signals, TCP and abstract sockets stay inside, as far as this kernel's Landlock knows them.
    It binds this process and its children for good. Files that are open stay open.
    Raises Unavailable without Landlock, FileNotFoundError for a path that is missing.
    """
    version = abi()
    require_one_thread()
    handled = sum(right for since, right in _RIGHTS.items() if since <= version)
    rules = _Ruleset(handled, _TCP if version >= 4 else 0, _SCOPES if version >= 6 else 0)
    ruleset = call("syscall", _CREATE, rules, _size(version), 0)
    try:
        _allow(ruleset, read, handled & _READ)
        _allow(ruleset, write, handled & ~_NEVER)
        _allow(ruleset, names, handled & READ_DIR)
        _allow(ruleset, DEVICES, handled & (READ_FILE | WRITE_FILE))
        call("prctl", 38, 1, 0, 0, 0)
        call("syscall", _RESTRICT, ruleset, _QUIET if version >= 7 else 0)
    finally:
        os.close(ruleset)


def _size(version: int) -> int:
    """How much of the structure a kernel of this version reads; it refuses more."""
    return 8 if version < 4 else 16 if version < 6 else 24


def _allow(ruleset: int, paths: Iterable[Path | str], rights: int) -> None:
    for path in paths:
        target = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            folder = stat.S_ISDIR(os.fstat(target).st_mode)
            rule = _PathRule(rights if folder else rights & _FILE, target)
            call("syscall", _ADD_RULE, ruleset, _PATH_BENEATH, rule, 0)
        finally:
            os.close(target)
