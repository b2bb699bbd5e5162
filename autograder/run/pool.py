"""Tasks to workers, wherever these are, and results back in the order of finishing."""

from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Protocol

from autograder.examiner.marked import Marked
from autograder.intake import Handed
from autograder.results import Status

_LIVES = 3  # of a task that fails with its worker

Tasks = Iterable[tuple[str, Handed]]  # students, and what they handed in
Outcomes = Iterator[tuple[str, Marked]]  # students, and what became of it


class Workers(Protocol):
    """What marks submissions."""

    @property
    def room(self) -> int:
        """How many tasks to give them at a time: what they work at, and a few to go on with."""
        ...

    @property
    def patience(self) -> float | None:
        """Seconds in which one of their tasks is done for sure; None if they see to that."""
        ...

    def start(self, student: str, handed: Handed) -> Future:
        """Give them a task."""
        ...

    def start_anew(self) -> None:
        """End them all, whatever they do, and have others."""
        ...

    def outcome(self, future: Future) -> Marked:
        """What became of a task that is done; CourseError where there is no sense in going on."""
        ...


def mark_all(workers: Workers, tasks: Tasks) -> Outcomes:
    """Yield each student with what became of the submission.

    What its worker does not survive is tried again, twice: then the machine has failed. Few tasks
    are read before their turn.
    """
    waiting = iter(tasks)
    running: dict[Future, tuple[str, Handed, int]] = {}
    while True:
        while len(running) < workers.room and (task := next(waiting, None)):
            running[workers.start(*task)] = *task, _LIVES
        if not running:
            return
        done = wait(running, workers.patience, return_when=FIRST_COMPLETED).done
        if not done:  # who is killed while it answers can hold up all others
            workers.start_anew()
        for future in done or [*running]:
            student, handed, lives = running.pop(future)
            marked = workers.outcome(future) if done else failed("no answer came from its worker")
            if marked.status is Status.INFRASTRUCTURE_FAILURE and lives > 1:
                running[workers.start(student, handed)] = student, handed, lives - 1
            else:
                yield student, marked


def failed(said: str) -> Marked:
    """A failure that is nobody's mark."""
    return Marked(Status.INFRASTRUCTURE_FAILURE, said)
