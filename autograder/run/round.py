"""One go through a class: what is known stays, the rest is marked, and each is kept."""

from collections.abc import Callable, Generator, Iterable, Iterator

from autograder.intake import Handed, collect
from autograder.results import SubmissionResult
from autograder.run.desk import Desk
from autograder.run.keys import grader_of, key_of
from autograder.run.pool import Outcomes, Tasks, failed
from autograder.run.work import Work
from autograder.submission import Submission

Mark = Callable[[Work, Tasks], Outcomes]  # gives tasks to workers, wherever these are


class Round:
    """One go through a class; `done` has the results by student."""

    def __init__(self, desk: Desk, work: Work, *, force: bool = False) -> None:
        self._desk, self._work, self._force = desk, work, force
        self._grader = grader_of(work)
        self._keys: dict[str, str] = {}
        self._unmarked: list[tuple[SubmissionResult, bool]] = []
        self.done: dict[str, SubmissionResult] = {}

    def results(
        self, submissions: Iterable[Submission], mark: Mark
    ) -> Generator[tuple[SubmissionResult, bool], None, None]:
        """Yield each result, and whether it is an earlier one that still holds.

        To close it is to end the workers, and to write the marks of what is done.
        """
        try:
            for student, marked in mark(self._work, self._tasks(submissions)):
                yield from self._without_marking()
                yield self._finished(self._desk.keep(student, marked, self._keys[student])), False
            yield from self._without_marking()
        finally:
            self._desk.flush()

    def _tasks(self, submissions: Iterable[Submission]) -> Iterator[tuple[str, Handed]]:
        """Yield what has to be marked, read when its turn comes."""
        for submission in submissions:
            within = submission.lab.course.nbgrader / "submitted"
            student = submission.student
            try:
                handed = collect(submission.folder, within=within)
            except OSError as error:  # the disk failed, or the folder went meanwhile
                said = f"it could not be read: {error.strerror}: {error.filename}"
                self._unmarked.append((self._desk.keep(student, failed(said), key=""), False))
                continue
            key = key_of(self._grader, handed)
            known = None if self._force else self._desk.known(student, key)
            if known:
                self._desk.enter(known)
                self._unmarked.append((known, True))
            else:
                self._keys[student] = key
                yield student, handed

    def _without_marking(self) -> Iterator[tuple[SubmissionResult, bool]]:
        """What is known already, or cannot be known, of those whose turn has come."""
        while self._unmarked:
            result, reused = self._unmarked.pop(0)
            yield self._finished(result), reused

    def _finished(self, result: SubmissionResult) -> SubmissionResult:
        self.done[result.student] = result
        return result
