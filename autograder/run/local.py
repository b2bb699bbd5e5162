"""Workers on this machine: processes that are killed when they hang, and replaced."""

import multiprocessing
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, TimeoutError, wait
from types import TracebackType

from pebble import ProcessExpired, ProcessPool

from autograder.examiner.mark import Marked
from autograder.intake import Handed
from autograder.results import Status
from autograder.run.task import Work, grade

_GRACE = 60  # seconds on top of a notebook's time: to warm up, and to write the papers
_AHEAD = 3  # tasks a worker that are read before their turn
_LIVES = 3  # of a task whose worker dies


def grade_here(
    work: Work, tasks: Iterable[tuple[str, Handed]], *, workers: int
) -> Iterator[tuple[str, Marked]]:
    """Yield each student with what became of the submission, in the order of finishing.

    A task that its worker does not survive is tried again, twice: then the machine has failed.
    With 0 workers the tasks are done in this process, where nothing ends one that hangs.
    """
    if workers == 0:
        yield from ((student, grade(work, student, handed)) for student, handed in tasks)
        return
    waiting = iter(tasks)
    with _Workers(work, workers) as pool:
        while True:
            while pool.has_room and (task := next(waiting, None)):
                pool.start(*task)
            if pool.is_idle:
                return
            yield from pool.finished()


class _Workers:
    """A pool whose temporary files go with it."""

    def __init__(self, work: Work, workers: int) -> None:
        self._work, self._most = work, workers * _AHEAD
        self._limit = work.times.notebook + _GRACE
        self._folder = tempfile.mkdtemp(prefix="grading-")
        self._workers, self._pool = workers, self._new_pool(workers)
        self._running: dict[Future, tuple[str, Handed, int]] = {}

    def __enter__(self) -> "_Workers":
        return self

    def __exit__(
        self, kind: type | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.stop()
        self._pool.join()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _new_pool(self, workers: int) -> ProcessPool:
        return ProcessPool(
            workers,
            initializer=_use_folder,
            initargs=[self._folder],
            context=multiprocessing.get_context("spawn"),  # nothing of this process is in them
        )

    @property
    def has_room(self) -> bool:
        """True while another task may be read."""
        return len(self._running) < self._most

    @property
    def is_idle(self) -> bool:
        """True when nothing is left to wait for."""
        return not self._running

    def start(self, student: str, handed: Handed, lives: int = _LIVES) -> None:
        """Give a task to the workers."""
        arguments = [self._work, student, handed]
        if not self._pool.active:  # all workers were ended from outside, while they had no task
            self._pool.stop()
            self._pool = self._new_pool(self._workers)
        future = self._pool.schedule(grade, args=arguments, timeout=self._limit)
        self._running[future] = student, handed, lives  # pyright: ignore[reportArgumentType]

    def finished(self) -> Iterator[tuple[str, Marked]]:
        """Wait, and yield what is done; what a worker did not survive begins its last life."""
        for future in wait(self._running, return_when=FIRST_COMPLETED).done:
            student, handed, lives = self._running.pop(future)
            marked = _result(future)
            if marked.status is Status.INFRASTRUCTURE_FAILURE and lives > 1:
                self.start(student, handed, lives - 1)
            else:
                yield student, marked


def _use_folder(folder: str) -> None:
    tempfile.tempdir = folder


def _result(future: Future) -> Marked:
    try:
        return future.result()
    except TimeoutError:
        said = "the examiner took far too long"
    except ProcessExpired as error:
        said = f"the examiner's process ended with status {error.exitcode}"
    except Exception as error:
        said = f"the examiner failed: {type(error).__name__}: {error}"
    return Marked(Status.INFRASTRUCTURE_FAILURE, said)
