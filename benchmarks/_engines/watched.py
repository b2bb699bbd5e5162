"""Run a command, and see how much memory it and all that it starts take."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import click
import psutil

from benchmarks._engines.classroom import ROOT

_LONGEST = 500  # characters of what a failed command said at its end
_PAUSE = 0.5  # seconds between two looks at the memory


def run(command: list[str], *, folder: Path, path: str = str(ROOT)) -> tuple[float, int]:
    """Seconds that a command takes in `folder`, and the most memory in bytes.

    path: where its Python looks for packages first. ClickException where it fails.
    """
    started = time.perf_counter()
    with (folder / "said").open("w+b") as said:
        with subprocess.Popen(
            command, cwd=folder, stdout=said, stderr=subprocess.STDOUT, env=_environment(path)
        ) as process:
            memory = _Memory(psutil.Process(process.pid))
            with memory:
                status = process.wait()
                seconds = time.perf_counter() - started
        if status:
            said.seek(0)
            words = said.read().decode(errors="replace").strip()[-_LONGEST:]
            raise click.ClickException(f"{' '.join(command)} ended with {status}: {words}")
    return seconds, memory.most


def _environment(path: str) -> dict[str, str]:
    """As here, but compiled code is kept, as it is for most users."""
    return {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": ""}


def python(*words: str) -> list[str]:
    """A command of this environment: `python -m WORDS`."""
    return [sys.executable, "-m", *words]


class _Memory:
    """Watches a process and all that it starts: shared pages are counted once (PSS)."""

    def __init__(self, process: psutil.Process) -> None:
        self.most = 0
        self._process = process
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(_PAUSE):
            try:
                family = [self._process, *self._process.children(recursive=True)]
            except psutil.Error:  # it has just ended
                return
            self.most = max(self.most, sum(map(_memory_of, family)))


def _memory_of(process: psutil.Process) -> int:
    try:
        return process.memory_full_info().pss
    except psutil.Error:  # it ended while we looked
        return 0
