"""What a hostile notebook tries, each with the layers that must stop it alone."""

import ctypes
import fcntl
import os
import resource
import signal
import socket
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from autograder.sandbox.kernel import call

FILES, CALLS, SPACES, USER = "landlock", "seccomp", "namespaces", "unprivileged_user"


@dataclass(frozen=True)
class Others:
    """Servers' addresses, and a process that sleeps and has `memory`."""

    tcp: tuple[str, int]
    udp: tuple[str, int]
    stream: str
    datagram: str
    abstract: bytes
    pid: int
    memory: ctypes.Array


@dataclass(frozen=True)
class Target:
    """What is outside the sandbox, and a folder inside."""

    secret: Path
    scratch: Path
    others: Others


def read(t: Target) -> object:
    return t.secret.read_text(encoding="utf-8")


def list_folder(t: Target) -> object:
    return [p.name for p in t.secret.parent.iterdir()]


def read_by_symbolic_link(t: Target) -> object:
    (t.scratch / "link").symlink_to(t.secret)
    return (t.scratch / "link").read_text(encoding="utf-8")


def read_by_hard_link(t: Target) -> object:
    (t.scratch / "link").hardlink_to(t.secret)
    return (t.scratch / "link").read_text(encoding="utf-8")


def read_by_proc_root(t: Target) -> object:
    return Path(f"/proc/self/root{t.secret}").read_text(encoding="utf-8")


def read_by_descriptor(t: Target) -> object:
    found = os.open(t.secret.parent, os.O_PATH)
    return os.read(os.open(t.secret.name, os.O_RDONLY, dir_fd=found), 10).decode()


def write_outside(t: Target) -> object:
    return (t.secret.parent / "new").write_text("x", encoding="utf-8")


def overwrite(t: Target) -> object:
    return t.secret.write_text("x", encoding="utf-8")


def truncate(t: Target) -> object:
    return os.truncate(t.secret, 0)


def remove(t: Target) -> object:
    return t.secret.unlink()


def steal_by_rename(t: Target) -> object:
    return t.secret.rename(t.scratch / "mine") and None


def replace_by_rename(t: Target) -> object:
    (t.scratch / "mine").write_text("x", encoding="utf-8")
    return (t.scratch / "mine").rename(t.secret) and None


def make_folder(t: Target) -> object:
    return (t.secret.parent / "folder").mkdir()


def make_device(t: Target) -> object:
    return os.mknod(t.scratch / "disk", 0o60600, os.makedev(254, 0))


def change_mode(t: Target) -> object:
    return t.secret.chmod(0o644)


def change_times(t: Target) -> object:
    return os.utime(t.secret, (0, 0))


def set_attribute(t: Target) -> object:
    return os.setxattr(t.secret, "user.mark", b"1")


def watch_folder(t: Target) -> object:
    return call("inotify_add_watch", call("inotify_init"), os.fsencode(t.secret.parent), 0xFFF)


def environment_of_other(t: Target) -> object:
    return len(Path(f"/proc/{t.others.pid}/environ").read_bytes())


def command_of_other(t: Target) -> object:
    return len(Path(f"/proc/{t.others.pid}/cmdline").read_bytes())


def memory_of_other(t: Target) -> object:
    return Path(f"/proc/{t.others.pid}/mem").open("rb").close()


def read_memory(t: Target) -> object:
    class Vector(ctypes.Structure):
        _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))

    here = ctypes.create_string_buffer(6)
    local = Vector(ctypes.addressof(here), 6)
    call(
        "process_vm_readv",
        t.others.pid,
        local,
        1,
        Vector(ctypes.addressof(t.others.memory), 6),
        1,
        0,
    )
    return here.value.decode()


def trace(t: Target) -> object:
    return call("ptrace", 0x4206, t.others.pid, 0, 0)


def kill(t: Target) -> object:
    return os.kill(t.others.pid, signal.SIGURG)


def kill_by_descriptor(t: Target) -> object:
    return signal.pidfd_send_signal(os.pidfd_open(t.others.pid), signal.SIGURG)


def kill_all(t: Target) -> object:
    return os.kill(-os.getpgid(t.others.pid), signal.SIGURG)


def limit_other(t: Target) -> object:
    return resource.prlimit(t.others.pid, resource.RLIMIT_CORE, (0, 0)) and None


def slow_down_other(t: Target) -> object:
    return os.setpriority(os.PRIO_PROCESS, t.others.pid, 5)


def pin_other(t: Target) -> object:
    return os.sched_setaffinity(t.others.pid, os.sched_getaffinity(0))


def signal_by_owner_of_file(t: Target) -> object:
    return fcntl.fcntl(os.pipe()[0], fcntl.F_SETOWN, t.others.pid)


def connect_tcp(t: Target) -> object:
    return socket.create_connection(t.others.tcp, 2).close()


def listen_tcp(t: Target) -> object:
    return socket.create_server(("127.0.0.1", 0)).close()


def send_udp(t: Target) -> object:
    return socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", t.others.udp)


def look_up_name(t: Target) -> object:
    return len(socket.getaddrinfo("localhost", 80))


def list_network_cards(t: Target) -> object:
    return len(socket.if_nameindex())


def connect_unix(t: Target) -> object:
    return socket.socket(socket.AF_UNIX).connect(t.others.stream)


def connect_abstract(t: Target) -> object:
    return socket.socket(socket.AF_UNIX).connect(t.others.abstract)


def send_from_a_pair(t: Target) -> object:
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)[0].sendto(b"x", t.others.datagram)


def run_program(t: Target) -> object:
    return subprocess.run(["/bin/true"], check=True).returncode


def replace_program(t: Target) -> object:
    os.set_inheritable(1, True)
    return os.posix_spawn("/bin/true", ["true"], {}) and None


def run_program_in_memory(t: Target) -> object:
    file = os.memfd_create("program")
    os.write(file, Path("/bin/true").read_bytes())
    return subprocess.run([f"/proc/self/fd/{file}"], pass_fds=[file], check=True).returncode


def new_user_namespace(t: Target) -> object:
    return call("unshare", 0x10000000)


def clone_namespaces(t: Target) -> object:
    if call("syscall", 56, 0x10000000 | signal.SIGCHLD, 0, 0, 0, 0) == 0:
        os._exit(0)
    return os.wait()[1]


def mount(t: Target) -> object:
    return call("mount", b"tmpfs", os.fsencode(t.secret.parent), b"tmpfs", 0, None)


def become_root(t: Target) -> object:
    return os.setresuid(0, 0, 0)


def change_root(t: Target) -> object:
    return os.chroot(t.scratch)


def leave_the_session(t: Target) -> object:
    return os.setsid() and None


def ring(t: Target) -> object:
    return os.close(call("syscall", 425, 1, ctypes.create_string_buffer(120))) or None


def shared_memory(t: Target) -> object:
    return call("shmctl", call("shmget", 0, 4096, 0o600), 0, None)


def message_queue(t: Target) -> object:
    return call("msgctl", call("msgget", 0, 0o600), 0, None)


def keyring(t: Target) -> object:
    return call("syscall", 250, 0, -3, 1) and None


def real_time(t: Target) -> object:
    return os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))


Attack = Callable[[Target], object]

# The attack, and each layer that must stop it with no other one's help.
ATTACKS: dict[Attack, tuple[str, ...]] = {
    read: (FILES, USER),
    list_folder: (FILES, USER),
    read_by_symbolic_link: (FILES, USER),
    read_by_hard_link: (FILES, SPACES, USER),
    read_by_proc_root: (FILES, USER),
    read_by_descriptor: (FILES, USER),
    write_outside: (FILES, SPACES, USER),
    overwrite: (FILES, SPACES, USER),
    truncate: (FILES, SPACES, USER),
    remove: (FILES, SPACES, USER),
    steal_by_rename: (FILES, SPACES, USER),
    replace_by_rename: (FILES, SPACES, USER),
    make_folder: (FILES, SPACES, USER),
    make_device: (FILES, USER),
    change_mode: (CALLS, SPACES, USER),
    change_times: (CALLS, SPACES, USER),
    set_attribute: (CALLS, SPACES, USER),
    watch_folder: (CALLS, USER),
    environment_of_other: (FILES, SPACES, USER),
    command_of_other: (FILES, SPACES),
    memory_of_other: (FILES, SPACES, USER),
    read_memory: (FILES, CALLS, SPACES, USER),
    trace: (FILES, CALLS, SPACES, USER),
    kill: (FILES, CALLS, SPACES, USER),
    kill_by_descriptor: (FILES, CALLS, SPACES, USER),
    kill_all: (FILES, CALLS, SPACES, USER),
    limit_other: (CALLS, SPACES, USER),
    slow_down_other: (CALLS, SPACES, USER),
    pin_other: (CALLS, SPACES, USER),
    signal_by_owner_of_file: (CALLS, SPACES),
    connect_tcp: (FILES, CALLS, SPACES),
    listen_tcp: (FILES, CALLS),
    send_udp: (CALLS, SPACES),
    look_up_name: (FILES,),
    list_network_cards: (CALLS,),
    connect_unix: (CALLS, USER),
    connect_abstract: (FILES, CALLS, SPACES),
    send_from_a_pair: (CALLS, USER),
    run_program: (FILES, CALLS),
    replace_program: (FILES, CALLS),
    run_program_in_memory: (CALLS,),
    new_user_namespace: (CALLS,),
    clone_namespaces: (CALLS,),
    mount: (FILES, CALLS, USER),
    become_root: (CALLS, USER),
    change_root: (CALLS, USER),
    leave_the_session: (CALLS,),
    ring: (CALLS,),
    shared_memory: (CALLS,),
    message_queue: (CALLS,),
    keyring: (CALLS,),
    real_time: (CALLS, USER),
}

# What only root can do in the open, so that an ordinary user's candidate has nothing to refuse.
ROOT_ONLY = (make_device, mount, change_root, become_root, real_time)
