"""`autograder grade` as a process of its own, and the ways to kill it or a part of it."""

import contextlib
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType

import psutil

from autograder.course import Lab
from autograder.run.task import slot_of
from autograder.sandbox.privileges import uid_for
from tests.autograder.conftest import ROOT

_LOOK = 0.1  # seconds between two looks
_PATIENCE = 10  # seconds until a part that is to be killed is there


class Grading:
    """One life of the command; use it in a `with`, which ends it and all that came from it.

    options: more words of the command line. All that it prints goes to the end of `log`.
    """

    def __init__(self, lab: Lab, options: list[str], log: Path) -> None:
        temporary = lab.course.root / "tmp"
        temporary.mkdir(exist_ok=True)
        words = ["-m", "autograder", "--root", str(lab.course.root), "grade", lab.name, *options]
        with log.open("ab") as printed:
            self.process = psutil.Popen(
                [sys.executable, *words],
                cwd=ROOT,
                env={**os.environ, "TMPDIR": str(temporary)},
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=subprocess.STDOUT,
            )
        self.seen: set[psutil.Process] = set()
        self.memory = 0
        self._over = threading.Event()
        self._watcher = threading.Thread(target=self._watch)
        self._watcher.start()

    def __enter__(self) -> "Grading":
        return self

    def __exit__(
        self, kind: type | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.kill_tree()
        self._over.set()
        self._watcher.join()

    def family(self) -> list[psutil.Process]:
        """The coordinator and all that came from it, as far as it is still tied to it."""
        with contextlib.suppress(psutil.NoSuchProcess):
            return [self.process, *self.process.children(recursive=True)]
        return []

    def kill_tree(self) -> None:
        """End everything at once."""
        family = self.family()
        self.seen.update(family)
        for process in family:
            _kill(process)
        self.process.wait()

    def kill_coordinator(self) -> None:
        """End the one process that writes; all others have to notice by themselves."""
        self.seen.update(self.family())
        self.process.kill()
        self.process.wait()

    def kill_part(self, depth: int, draw: random.Random) -> bool:
        """End a worker (1), a nursery (2) or a guardian (3); False when there was none for long."""
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until and self.process.poll() is None:
            parts = list(_below(self.process, depth))
            if parts:
                _kill(draw.choice(parts))
                return True
            time.sleep(_LOOK)
        return False

    def _watch(self) -> None:
        """Remember who was there, and the most memory held: shared pages are counted once (PSS)."""
        while not self._over.wait(0.5):
            family = self.family()
            self.seen.update(family)
            self.memory = max(self.memory, sum(map(_memory_of, family)))


def left_over(seen: set[psutil.Process], seconds: float) -> list[str]:
    """Those of these processes, and of the users they gave to students' code, that stay so long."""
    users = {uid_for(slot_of(process.pid)) for process in seen} - {None}
    until = time.monotonic() + seconds
    while (found := list(_alive(seen, users))) and time.monotonic() < until:
        time.sleep(0.1)
    return found


def wait(run: Grading, is_time: Callable[[], bool]) -> None:
    """Until it is time, or the run has ended."""
    while run.process.poll() is None and not is_time():
        time.sleep(_LOOK)


def _below(process: psutil.Process, depth: int) -> Iterator[psutil.Process]:
    """Descendants of that degree, without Python's own helper."""
    with contextlib.suppress(psutil.Error):
        for child in process.children():
            if depth > 1:
                yield from _below(child, depth - 1)
            elif "resource_tracker" not in " ".join(child.cmdline()):
                yield child


def _kill(process: psutil.Process) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.kill()


def _alive(seen: set[psutil.Process], users: set[int | None]) -> Iterator[str]:
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.NoSuchProcess):
            if process.uids().real in users or (process in seen and _runs(process)):
                yield f"{process.pid} {' '.join(process.cmdline())[:60]}"


def _runs(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def _memory_of(process: psutil.Process) -> int:
    try:
        return process.memory_full_info().pss
    except psutil.Error:  # it ended while we looked
        return 0
