"""Grade a class: every submission gets one result, and none stops the run."""

import contextlib
import difflib
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path

from filelock import AcquireReturnProxy, FileLock, Timeout

from autograder.course import Lab
from autograder.errors import CourseError
from autograder.gradebook import Change
from autograder.released import refuse_stale_release
from autograder.results import SubmissionResult
from autograder.run.desk import Desk, open_gradebook
from autograder.run.local import grade_here
from autograder.run.merge import Merge
from autograder.run.round import Mark, Round
from autograder.run.shard import Shard
from autograder.run.work import Work
from autograder.sandbox import available
from autograder.settings import CONFIG, LONGEST_CELL, setting
from autograder.submission import Submission, find_submissions

Report = Callable[[SubmissionResult, bool, int], None]  # result, reused, submissions in all
Changed = Callable[[Change], None]


def grade_class(
    lab: Lab,
    *,
    cell_timeout: int | None = None,
    force: bool = False,
    only: str | None = None,
    workers: int | None = None,
    dask: str | None = None,
    shard: Shard | None = None,
    require: Collection[str] = (),
    dry_run: bool = False,
    report: Report,
    changed: Changed = lambda change: None,
) -> list[SubmissionResult]:
    """Grade all submissions of a lab (or the one of student `only`) and write grades.csv.

    workers: processes that mark, one a processor if None; 0 marks in this one.
    dask: the address of a scheduler, whose workers mark instead.
    shard: the part of the class to grade, into a folder of its own and without the gradebook.
    require: layers of the sandbox without which nothing is graded.
    dry_run: write nothing, and find out which marks would change.
    report: called after each submission. changed: called for each automatic mark that is another
        one than before. The results come in the order of the students' names.
    """
    submissions = find_submissions(lab)
    chosen = _chosen(submissions, only, lab)
    if shard:
        chosen = [s for s in chosen if shard.has(s.student)]
    refuse_stale_release(lab)
    place = shard.place(lab) if shard else lab
    with _alone(place), _workers(workers, dask) as (problems, mark):
        work = Work.of(lab, _cell_timeout(lab, cell_timeout), _layers(problems, require))
        if shard:
            shard.describe(place, work)
        desk = _desk(place, work, dry_run=dry_run, marks=not shard)
        done = _done(Round(desk, work, force=force), chosen, mark, report)
        if not dry_run and not shard:
            desk.write_csv(s.student for s in submissions)
    _tell(desk, changed)
    return done


def merge_shards(
    lab: Lab,
    *,
    folders: Iterable[Path],
    dry_run: bool = False,
    report: Report,
    changed: Changed = lambda change: None,
) -> list[SubmissionResult]:
    """Write what the shards in `folders` have graded as one run over the class would have.

    CourseError, when all else is written, if a student is in no shard, or only in one.
    """
    submissions = find_submissions(lab)
    refuse_stale_release(lab)
    with _alone(lab):
        merge = Merge(lab, folders)
        desk = _desk(lab, merge.work, dry_run=dry_run)
        done = _done(Round(desk, merge.work), submissions, merge.mark, report)
        if not dry_run:
            desk.write_csv(s.student for s in submissions)
    _tell(desk, changed)
    if problem := merge.problem(s.student for s in submissions):
        done_so_far = "Nothing is written." if dry_run else "All that is there is merged."
        raise CourseError(f"{done_so_far} {problem}")
    return done


def _done(
    run: Round, submissions: Collection[Submission], mark: Mark, report: Report
) -> list[SubmissionResult]:
    with contextlib.closing(run.results(submissions, mark)) as found:  # also after Ctrl-C
        for result, reused in found:
            report(result, reused, len(submissions))
    return [run.done[s.student] for s in submissions if s.student in run.done]


def _desk(lab: Lab, work: Work, *, dry_run: bool = False, marks: bool = True) -> Desk:
    """CourseError where the gradebook has another release of the lab."""
    exercises = work.exercises
    if marks and open_gradebook(lab).exercises() != exercises:
        raise CourseError(
            f"'{lab.name}' has other exercises in the gradebook than here. "
            f"Run `autograder release {lab.name}` first."
        )
    return Desk(lab, sum(exercises.values()), work.layers, dry_run=dry_run, marks=marks)


def _tell(desk: Desk, changed: Changed) -> None:
    for change in desk.changes:
        changed(change)
    if desk.refused:
        said = " ".join(f"{student}: {why}" for student, why in sorted(desk.refused.items()))
        raise CourseError(f"All is graded, but the gradebook lacks marks. {said}")


def _chosen(submissions: list[Submission], only: str | None, lab: Lab) -> list[Submission]:
    chosen = [s for s in submissions if only in (None, s.student)]
    if not chosen:
        close = difflib.get_close_matches(str(only), [s.student for s in submissions])
        raise CourseError(
            f"No submission of student '{only}' for '{lab.name}', of {len(submissions)} that are "
            f"there. Did you mean: {', '.join(close) or 'none is similar'}?"
        )
    return chosen


@contextlib.contextmanager
def _workers(count: int | None, dask: str | None) -> Iterator[tuple[Mapping[str, str], Mark]]:
    """Why layers of the sandbox do not work where students' code will run, and what marks."""
    if dask is None:
        here = partial(grade_here, workers=_processors() if count is None else count)
        yield available(), here
        return
    try:
        from autograder.run.cluster import cluster
    except ImportError as error:
        raise CourseError(
            f"A Dask cluster needs Dask: {error}. Run `python -m pip install distributed`."
        ) from error
    with cluster(dask) as there:
        yield there.problems(), there.mark


def _processors() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _cell_timeout(lab: Lab, given: int | None) -> int:
    """Seconds that one cell may run."""
    seconds = given or setting(lab.course.root, "Execute", "timeout")
    if not isinstance(seconds, int) or not 1 <= seconds <= LONGEST_CELL:
        raise CourseError(
            f"The seconds that a cell may run, c.Execute.timeout in {lab.course.root / CONFIG}, "
            f"must be a whole number from 1 to {LONGEST_CELL:,}. Got {seconds!r}."
        )
    return seconds


def _layers(problems: Mapping[str, str], require: Collection[str]) -> tuple[str, ...]:
    """The layers of the sandbox to put on; CourseError unless those that are required work."""
    if unknown := sorted(set(require) - problems.keys()):
        raise CourseError(
            f"No layer of the sandbox is called {', '.join(unknown)}. "
            f"Expected some of: {', '.join(problems)}."
        )
    missing = [f"{layer}: {problems[layer]}" for layer in require if problems[layer]]
    if missing:
        raise CourseError(f"This machine lacks what is required. {' '.join(missing)}")
    return tuple(layer for layer, problem in problems.items() if not problem)


def _alone(lab: Lab) -> AcquireReturnProxy:
    """A lock, for a `with`, that one grader of a lab has; a process that is killed loses it."""
    lab.results.mkdir(parents=True, exist_ok=True)
    try:
        return FileLock(lab.results / ".lock").acquire(timeout=0)
    except Timeout:
        raise CourseError(
            f"'{lab.name}' is being graded by another process. Wait until it is done."
        ) from None
