"""Workers on this machine: processes that are killed when they hang, and replaced."""

import contextlib
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import Future, TimeoutError
from pathlib import Path
from typing import Any

from pebble import ProcessExpired, ProcessPool

from autograder.examiner.marked import Marked
from autograder.intake import Handed
from autograder.run.pool import Outcomes, Tasks, failed, mark_all
from autograder.run.scratch import Scratch
from autograder.run.work import GRACE, Work

_LATER = 30  # seconds on top of the limit of a task, until its end must be known
_AHEAD = 3  # tasks a worker that are read before their turn


def grade_here(work: Work, tasks: Tasks, *, workers: int) -> Outcomes:
    """Yield each student with what became of the submission, in the order of finishing.

    A task that its worker does not survive is tried again, twice: then the machine has failed.
    With 0 workers the tasks are done in this process, where nothing ends one that hangs.
    """
    if workers == 0:
        yield from ((student, _grade(work, student, handed)) for student, handed in tasks)
        return
    with _processes(work, workers) as pool:
        yield from mark_all(pool, tasks)


@contextlib.contextmanager
def _processes(work: Work, workers: int) -> Iterator["_Processes"]:
    """A pool whose temporary files go with it."""
    scratch = Scratch()
    pool = _Processes(work, workers, scratch.path)
    try:
        yield pool
    finally:
        pool.stop()
        scratch.remove()


class _Processes:
    """A pool of processes, with nothing of this one in them."""

    def __init__(self, work: Work, workers: int, folder: Path) -> None:
        self._work, self._workers, self._folder = work, workers, folder
        self.room = workers * _AHEAD
        self._limit = work.times.notebook + GRACE  # seconds for a task
        self.patience = self._limit + _LATER
        self._pool = self._new_pool()

    def _new_pool(self) -> ProcessPool:
        return ProcessPool(self._workers, context=multiprocessing.get_context("spawn"))

    def start(self, student: str, handed: Handed) -> Future:
        """Give a task to a process."""
        if not self._pool.active:  # all were ended from outside, while they had no task
            self.start_anew()
        arguments = [self._work, student, handed, self._folder]
        return self._pool.schedule(  # pyright: ignore[reportReturnType]
            _grade, args=arguments, timeout=self._limit
        )

    def start_anew(self) -> None:
        """End all processes, and have others."""
        self.stop()
        self._pool = self._new_pool()

    def outcome(self, future: Future) -> Marked:
        """What became of a task."""
        try:
            return future.result()
        except TimeoutError:
            return failed("the examiner took far too long")
        except ProcessExpired as error:
            return failed(f"the examiner's process ended with status {error.exitcode}")
        except Exception as error:
            return failed(f"the examiner failed: {type(error).__name__}: {error}")

    def stop(self) -> None:
        """End all processes."""
        self._pool.stop()
        self._pool.join()


def _grade(*task: Any) -> Marked:
    from autograder.run.task import grade  # half a second, that only who marks has to wait for

    return grade(*task)
