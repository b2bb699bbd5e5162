"""System calls that no exercise needs, refused by a filter in the kernel.

The filter is a list of refusals, so that a library's odd call goes on working; what is new in
the kernel since this was written does not exist for a candidate.
Refused calls raise PermissionError, so that `!ls` or a download fail with a clear message.
"""

import ctypes
import errno
import os
from functools import cache
from types import ModuleType
from typing import Any

from .kernel import Unavailable, call, require_one_thread

# One line a purpose. Names that this libseccomp does not know are left out, see `_UNKNOWN`.
_NETWORK = "socket connect bind listen accept accept4 socketcall"
_PROGRAMS = "execve execveat uselib memfd_create memfd_secret"
_OTHER_PROCESSES = """ptrace process_vm_readv process_vm_writev kcmp pidfd_getfd process_madvise
    process_mrelease migrate_pages move_pages setsid setpgid setpriority ioprio_set"""
_MOUNTS = """mount umount umount2 pivot_root chroot open_tree move_mount fsopen fsconfig fsmount
    fspick mount_setattr unshare setns open_by_handle_at name_to_handle_at quotactl quotactl_fd
    swapon swapoff acct"""
_KERNEL = """bpf perf_event_open userfaultfd io_uring_setup io_uring_enter io_uring_register
    add_key request_key keyctl init_module finit_module delete_module create_module kexec_load
    kexec_file_load reboot personality vhangup syslog lookup_dcookie nfsservctl iopl ioperm
    modify_ldt vm86 vm86old"""
_CLOCKS = """settimeofday stime clock_settime clock_settime64 clock_adjtime adjtimex sethostname
    setdomainname"""
_USERS = "setuid setgid setreuid setregid setresuid setresgid setgroups setfsuid setfsgid capset"
_SHARED = """shmget shmat shmctl semget semop semctl semtimedop msgget msgsnd msgrcv msgctl ipc
    mq_open mq_unlink"""
_WATCHING = "inotify_init inotify_init1 inotify_add_watch fanotify_init fanotify_mark"
_REFUSED = " ".join(
    (_NETWORK, _PROGRAMS, _OTHER_PROCESSES, _MOUNTS, _KERNEL, _CLOCKS, _USERS, _SHARED, _WATCHING)
)
_ATTRIBUTES = """chmod fchmodat chown lchown fchownat utime utimes futimesat utimensat
    setxattr lsetxattr removexattr lremovexattr"""
_SIGNALS = "kill tgkill rt_sigqueueinfo rt_tgsigqueueinfo"

_CLONE3 = 435
_UNKNOWN = [*range(450, 462), *range(463, 512)]  # mseal, 462, is between: newer C libraries use it

# Flags of clone: the seven namespaces, and being the guardian's child rather than one's own.
_CLONE_FLAGS = (
    0x20000,
    0x2000000,
    0x4000000,
    0x8000000,
    0x10000000,
    0x20000000,
    0x40000000,
    0x8000,
)
# (call, number of the argument, refused value): owners of files that send signals, terminal input.
_VALUES = (
    *(("fcntl", 1, value) for value in (8, 10, 15, 1024, 1026)),  # SETOWN SETSIG SETOWN_EX …
    *(("ioctl", 1, value) for value in (0x5412, 0x541C, 0x8901, 0x8902)),  # TIOCSTI …
    ("prctl", 0, 1),  # the signal that ends it with its guardian
)
# (call, number of the argument): anyone but oneself, which is 0.
_ONLY_SELF = (
    *(("prlimit64", 0), ("sched_setaffinity", 0), ("sched_setscheduler", 0)),
    *(("sched_setparam", 0), ("sched_setattr", 0)),
)
_REALTIME = (1, 2, 6)
_SOCKET_PAIRS = (1, 5)  # stream, seqpacket: a datagram pair can write to any other socket
_INT = 0xFFFFFFFF  # the kernel reads these arguments as 32 bits; the rest must not hide a value


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def restrict(signals: bool = False, attributes: bool = False) -> None:
    """Refuse these calls to this process and its children for good.

    signals: leave sending signals to others, because a pid namespace, Landlock's scope or a uid of
    its own holds them in; else a process may signal only itself, and not end its own children.
    attributes: leave changing modes, owners and times, because read-only mounts hold it in.
    Raises Unavailable without libseccomp, OSError if the kernel takes no filter.
    """
    code = program(None if signals else os.getpid(), attributes)
    require_one_thread()
    call("prctl", 38, 1, 0, 0, 0)
    call("prctl", 22, 2, _Program(len(code) // 8, code))


def prepare() -> None:
    """Load libseccomp and compile the filters. Call it in the nursery: a candidate cannot.

    Raises Unavailable without libseccomp.
    """
    for attributes in (True, False):
        program(None, attributes)


@cache
def program(only: int | None, attributes: bool) -> bytes:
    """The filter, compiled.

    only: the one process that may be sent signals, None for every one.
    Raises Unavailable if libseccomp or its Python package are missing.
    """
    library = _library()
    rules = library.SyscallFilter(library.ALLOW)
    rules.set_attr(library.Attr.ACT_BADARCH, library.ERRNO(errno.ENOSYS))
    rules.set_attr(library.Attr.CTL_OPTIMIZE, 2)  # a tree, not a list
    names = _REFUSED if attributes else _REFUSED + " " + _ATTRIBUTES
    for name in names.split():
        _refuse(library, rules, name)
    for number in (_CLONE3, *_UNKNOWN):  # a C library then does what it did on older kernels
        rules.add_rule(library.ERRNO(errno.ENOSYS), number)
    _refuse_by_argument(library, rules)
    if only is not None:
        for name in _SIGNALS.split():
            _refuse(library, rules, name, library.Arg(0, library.NE, only))
        _refuse(library, rules, "pidfd_send_signal")
        _refuse(library, rules, "tkill")
    return _exported(rules)


def _exported(rules: Any) -> bytes:
    """Through a pipe: at most 4,096 instructions of 8 bytes, which fit into one."""
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as compiled:
        with os.fdopen(writer, "wb") as end:
            rules.export_bpf(end)
        return compiled.read()


@cache
def _library() -> ModuleType:
    try:
        import pyseccomp
    except (ImportError, RuntimeError, OSError) as error:
        raise Unavailable(
            f"The filter needs libseccomp and the package pyseccomp ({error}); "
            "try `pip install pyseccomp` and your system's package libseccomp2."
        ) from None
    return pyseccomp


def _refuse(library: ModuleType, rules: Any, name: str, *arguments: Any) -> None:
    number = library.resolve_syscall(library.system_arch(), name)
    if number >= 0:
        rules.add_rule(library.ERRNO(errno.EPERM), number, *arguments)


def _refuse_by_argument(library: ModuleType, rules: Any) -> None:
    """What is refused only with some arguments."""
    masked, unequal = library.MASKED_EQ, library.NE
    for flag in _CLONE_FLAGS:
        _refuse(library, rules, "clone", library.Arg(0, masked, flag, flag))
    for name, position, value in _VALUES:
        _refuse(library, rules, name, library.Arg(position, masked, _INT, value))
    for name, position in _ONLY_SELF:
        _refuse(library, rules, name, library.Arg(position, unequal, 0))
    for policy in _REALTIME:
        _refuse(library, rules, "sched_setscheduler", library.Arg(1, masked, 0xFF, policy))
    _refuse(library, rules, "socketpair", library.Arg(0, unequal, 1))
    for kind in set(range(16)) - set(_SOCKET_PAIRS):
        _refuse(library, rules, "socketpair", library.Arg(1, masked, 0xF, kind))
