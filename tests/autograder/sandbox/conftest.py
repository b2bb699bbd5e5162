"""Things outside the sandbox to attack, and a scratch folder inside."""

import ctypes
import os
import signal
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.autograder.sandbox.attacks import Others, Target
from tests.autograder.sandbox.children import fork


@pytest.fixture
def scratch() -> Iterator[Path]:
    """A folder that every user can reach, as pytest's own is not."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        Path(name).chmod(0o711)
        folder = Path(name, "scratch")
        folder.mkdir()
        folder.chmod(0o777)
        yield folder


@pytest.fixture(scope="session")
def others(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Others]:
    """Servers and a process that are not the candidate's."""
    folder = tmp_path_factory.mktemp("others")
    addresses = {
        "tcp": (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
        "udp": (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
        "stream": (socket.AF_UNIX, socket.SOCK_STREAM, str(folder / "stream")),
        "datagram": (socket.AF_UNIX, socket.SOCK_DGRAM, str(folder / "datagram")),
        "abstract": (socket.AF_UNIX, socket.SOCK_STREAM, f"\0{folder}"),
    }
    memory = ctypes.create_string_buffer(b"secret")
    with ExitStack() as stack:
        servers = {}
        for name, (family, kind, address) in addresses.items():
            server = stack.enter_context(socket.socket(family, kind))
            server.bind(address)
            if kind == socket.SOCK_STREAM:
                server.listen(16)
            servers[name] = server.getsockname()
        pid = _sleeper()
        stack.callback(_end, pid)
        yield Others(**servers, pid=pid, memory=memory)


@pytest.fixture
def target(scratch: Path, tmp_path: Path, others: Others) -> Target:
    """A secret that only its owner may read, and all the rest that there is to attack."""
    secret = tmp_path / "secret"
    secret.write_text("secret", encoding="utf-8")
    secret.chmod(0o600)
    return Target(secret, scratch, others)


def _sleeper() -> int:
    """A forked process, in a group of its own, that waits to be ended."""
    pid = fork()
    if pid == 0:
        os.setpgid(0, 0)
        time.sleep(600)
        os._exit(0)
    return pid


def _end(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
