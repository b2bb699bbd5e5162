"""A Dask scheduler and workers on this machine's loopback, each a process of its own."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from tests.autograder.conftest import ROOT

_PATIENCE = 60


class DaskCluster:
    """Starts its parts; all of them end with the `with`."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._file = folder, folder / "scheduler.json"
        self._processes: list[subprocess.Popen] = []
        self.scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", "0")
        self.address = self._address()

    def worker(self, *options: str) -> subprocess.Popen:
        """Start a worker, which may take a moment to join."""
        return self._start("worker", "--local-directory", str(self._folder), *options)

    def close(self) -> None:
        """Kill all that was started, and what that has started."""
        family = []
        for process in self._processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                family += psutil.Process(process.pid).children(recursive=True)
            process.kill()
            process.wait()
        for member in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                member.kill()
        psutil.wait_procs(family, timeout=10)

    def _start(self, part: str, *options: str) -> subprocess.Popen:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", f"distributed.cli.dask_{part}"),
                *("--scheduler-file", str(self._file), "--no-dashboard", *options),
            ],
            cwd=ROOT,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._processes.append(process)
        return process

    def _address(self) -> str:
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError, ValueError, KeyError):
                return json.loads(self._file.read_text(encoding="utf-8"))["address"]
            time.sleep(0.05)
        raise RuntimeError(f"No Dask scheduler: exit status {self.scheduler.poll()}")


@contextlib.contextmanager
def dask_cluster(folder: Path) -> Iterator[DaskCluster]:
    """A scheduler, as yet without workers."""
    there = DaskCluster(folder)
    try:
        yield there
    finally:
        there.close()


def kill(pid: int) -> None:
    """As if the machine had taken its memory back."""
    os.kill(pid, signal.SIGKILL)
