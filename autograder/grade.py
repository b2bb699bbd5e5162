"""Grade a class: every submission gets one result, and none stops the run."""

import difflib
import hashlib
import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import astuple

import nbformat
from filelock import AcquireReturnProxy, FileLock, Timeout

import autograder
import coursekit
from autograder.course import Lab
from autograder.engine import Engine
from autograder.errors import CourseError
from autograder.examiner.examine import Times
from autograder.gradebook import Change
from autograder.intake import Handed, collect
from autograder.lesson import graded_cells
from autograder.release import refuse_stale_release
from autograder.results import SubmissionResult
from autograder.run.desk import Desk
from autograder.run.local import grade_here
from autograder.run.task import Work
from autograder.sandbox import available
from autograder.sandbox.limits import Limits
from autograder.stamps import fingerprint, package_folder
from autograder.submission import Submission, find_submissions

Report = Callable[[SubmissionResult, bool, int], None]  # result, reused, submissions in all


def grade_class(
    lab: Lab,
    *,
    cell_timeout: int | None = None,
    force: bool = False,
    only: str | None = None,
    workers: int | None = None,
    require: Collection[str] = (),
    dry_run: bool = False,
    report: Report,
    changed: Callable[[Change], None] = lambda change: None,
) -> list[SubmissionResult]:
    """Grade all submissions of a lab (or the one of student `only`) and write grades.csv.

    workers: processes that mark, one a processor if None; 0 marks in this one.
    require: layers of the sandbox without which nothing is graded.
    dry_run: write nothing, and find out which marks would change.
    report: called after each submission. changed: called for each automatic mark that is another
        one than before. The results come in the order of the students' names.
    """
    submissions = find_submissions(lab)
    chosen = _chosen(submissions, only, lab)
    engine = Engine(lab.course, cell_timeout=cell_timeout)
    refuse_stale_release(lab, engine)
    source = nbformat.read(lab.source, as_version=4)
    points = sum(float(cell.metadata.nbgrader.points) for cell in graded_cells(source).values())
    with _alone(lab):
        work = _work(lab, engine.cell_timeout, require)
        desk = Desk(lab, points, work.layers, dry_run=dry_run)
        run = _Run(desk, work, force=force)
        count = _processors() if workers is None else workers
        for result, reused in run.results(chosen, count):
            report(result, reused, len(chosen))
        if not dry_run:
            desk.write_csv(s.student for s in submissions)
    for change in desk.changes:
        changed(change)
    if desk.refused:
        said = " ".join(f"{student}: {why}" for student, why in sorted(desk.refused.items()))
        raise CourseError(f"All is graded, but the gradebook lacks marks. {said}")
    return [run.done[s.student] for s in chosen]


class _Run:
    """One go through a class."""

    def __init__(self, desk: Desk, work: Work, *, force: bool) -> None:
        self._desk, self._work, self._force = desk, work, force
        code = [package_folder(autograder), package_folder(coursekit)]
        self._grader = fingerprint(code, repr(work))
        self._keys: dict[str, str] = {}
        self._known: list[SubmissionResult] = []
        self.done: dict[str, SubmissionResult] = {}

    def results(
        self, submissions: list[Submission], workers: int
    ) -> Iterator[tuple[SubmissionResult, bool]]:
        """Yield each result, and whether it is an earlier one that still holds."""
        try:
            for student, marked in grade_here(
                self._work, self._tasks(submissions), workers=workers
            ):
                yield from self._reused()
                yield self._finished(self._desk.keep(student, marked, self._keys[student])), False
            yield from self._reused()
        finally:
            self._desk.flush()

    def _tasks(self, submissions: list[Submission]) -> Iterator[tuple[str, Handed]]:
        """Yield what has to be marked, read when its turn comes."""
        for submission in submissions:
            within = submission.lab.course.nbgrader / "submitted"
            student, handed = submission.student, collect(submission.folder, within=within)
            key = hashlib.sha256(repr((self._grader, astuple(handed))).encode()).hexdigest()
            known = None if self._force else self._desk.known(student, key)
            if known:
                self._desk.enter(known)
                self._known.append(known)
            else:
                self._keys[student] = key
                yield student, handed

    def _reused(self) -> Iterator[tuple[SubmissionResult, bool]]:
        while self._known:
            yield self._finished(self._known.pop(0)), True

    def _finished(self, result: SubmissionResult) -> SubmissionResult:
        self.done[result.student] = result
        return result


def _chosen(submissions: list[Submission], only: str | None, lab: Lab) -> list[Submission]:
    chosen = [s for s in submissions if only in (None, s.student)]
    if not chosen:
        close = difflib.get_close_matches(str(only), [s.student for s in submissions])
        raise CourseError(
            f"No submission of student '{only}' for '{lab.name}', of {len(submissions)} that are "
            f"there. Did you mean: {', '.join(close) or 'none is similar'}?"
        )
    return chosen


def _processors() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _work(lab: Lab, cell_timeout: int, require: Collection[str]) -> Work:
    _refuse_without(require)
    layers = tuple(layer for layer, problem in available().items() if not problem)
    times = Times(cell=cell_timeout, exercise=2 * cell_timeout, notebook=12 * cell_timeout)
    source, release = (path.read_text(encoding="utf-8") for path in (lab.source, lab.release))
    return Work(lab.name, source, release, times, Limits(), layers)


def _refuse_without(require: Collection[str]) -> None:
    """CourseError unless these layers of the sandbox work on this machine."""
    problems = available()
    if unknown := sorted(set(require) - problems.keys()):
        raise CourseError(
            f"No layer of the sandbox is called {', '.join(unknown)}. "
            f"Expected some of: {', '.join(problems)}."
        )
    missing = [f"{layer}: {problems[layer]}" for layer in require if problems[layer]]
    if missing:
        raise CourseError(f"This machine lacks what is required. {' '.join(missing)}")


def _alone(lab: Lab) -> AcquireReturnProxy:
    """A lock, for a `with`, that one grader of a lab has; a process that is killed loses it."""
    lab.results.mkdir(parents=True, exist_ok=True)
    try:
        return FileLock(lab.results / ".lock").acquire(timeout=0)
    except Timeout:
        raise CourseError(
            f"'{lab.name}' is being graded by another process. Wait until it is done."
        ) from None
