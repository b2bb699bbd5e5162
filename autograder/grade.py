"""Grade a class: every submission gets one result, and none stops the run."""

import difflib
import time
from collections.abc import Callable, Iterable

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import determine_grade

import autograder
import coursekit
from autograder.course import Lab
from autograder.engine import Engine, EngineError
from autograder.errors import CourseError
from autograder.files import write_notebook, write_text
from autograder.ingest import rebuild
from autograder.lesson import graded_cells, solution_cells
from autograder.release import refuse_stale_release
from autograder.results import (
    ExerciseResult,
    Status,
    SubmissionResult,
    grades_csv,
    overall_status,
)
from autograder.stamps import fingerprint, package_folder
from autograder.submission import Submission, UnreadableError, find_submissions

_STATUS_OF_ERROR = {
    "NotAttempted": Status.NOT_ATTEMPTED,
    "NotImplementedError": Status.NOT_ATTEMPTED,
    "CellTimeoutError": Status.TIME_OUT,
    "KeyboardInterrupt": Status.TIME_OUT,
    "CheckFailed": Status.GRADED,
    "AssertionError": Status.GRADED,
}


Marking = tuple[Status, str, tuple[ExerciseResult, ...]]  # status, note, exercises


class Grader:
    """Marks submissions of one lab with nbgrader, and remembers what is already marked."""

    def __init__(self, lab: Lab, *, cell_timeout: int | None, force: bool = False):
        self.lab, self.force = lab, force
        self.engine = Engine(lab.course, cell_timeout=cell_timeout)
        refuse_stale_release(lab, self.engine)
        self.source = nbformat.read(lab.source, as_version=4)
        self.released = nbformat.read(lab.release, as_version=4)
        self.max_points = sum(
            float(cell.metadata.nbgrader.points) for cell in graded_cells(self.source).values()
        )
        self.in_gradebook = self.engine.students_with_marks(lab)
        code = [package_folder(autograder), package_folder(coursekit)]
        timeout = str(self.engine.cell_timeout)
        self.grader_key = fingerprint([lab.source, *code], timeout)

    def grade(self, submission: Submission) -> tuple[SubmissionResult, bool]:
        """The result of a submission, and whether it is an earlier one that still holds."""
        key = self._key(submission)
        known = SubmissionResult.read(self.lab.results / f"{submission.student}.json")
        if known and known.key == key and self._still_holds(known):
            return known, True
        started = time.perf_counter()
        status, note, exercises = self._mark_or_say_why_not(submission)
        result = SubmissionResult(
            student=submission.student,
            lab=self.lab.name,
            status=status,
            note=note,
            exercises=exercises,
            max_points=self.max_points,
            seconds=round(time.perf_counter() - started, 2),
            key=key,
        )
        result.write(self.lab.results)
        return result, False

    def _key(self, submission: Submission) -> str:
        """What the result depends on; a file that may not be read is reported when it is marked."""
        try:
            return fingerprint([submission.folder], self.grader_key)
        except PermissionError:
            return fingerprint([], self.grader_key, "a file that may not be read")

    def _still_holds(self, known: SubmissionResult) -> bool:
        """True for a final result that gradebook and folders still show."""
        papers = (self.lab.feedback(known.student), self.lab.autograded(known.student))
        shown = known.student in self.in_gradebook and all(paper.is_file() for paper in papers)
        return known.is_final and (shown or not known.exercises) and not self.force

    def _mark_or_say_why_not(self, submission: Submission) -> Marking:
        """Mark it; whatever goes wrong, it is this submission's affair and not the class's."""
        try:
            marking = self._mark(submission)
        except EngineError as error:
            marking = _engine_failure(str(error))
        except (OSError, CourseError):
            raise  # a full disk or a broken gradebook: nothing further can be graded
        except Exception as error:
            return Status.INFRASTRUCTURE_FAILURE, f"{type(error).__name__}: {error}", ()
        if not marking[2] and marking[0] is not Status.INFRASTRUCTURE_FAILURE:
            self._withdraw(submission.student)
        return marking

    def _withdraw(self, student: str) -> None:
        """Take back the marks and the papers of an earlier submission that this one replaces."""
        if student in self.in_gradebook:
            self.engine.withdraw(self.lab, student)
        for paper in (self.lab.feedback(student), self.lab.autograded(student)):
            paper.unlink(missing_ok=True)

    def _mark(self, submission: Submission) -> Marking:
        try:
            submitted = submission.read()
        except UnreadableError as error:
            return Status.UNREADABLE, str(error), ()
        rebuilt, repairs = rebuild(submitted, self.released)
        write_notebook(self.lab.ingested(submission.student), rebuilt)
        self.engine.autograde(self.lab, submission.student)
        self.engine.feedback(self.lab, submission.student)
        marked = nbformat.read(self.lab.autograded(submission.student), as_version=4)
        exercises = tuple(self._exercises(marked))
        status = overall_status(exercises, repaired=bool(repairs))
        return status, _note(exercises, repairs), exercises

    def _exercises(self, marked: NotebookNode) -> Iterable[ExerciseResult]:
        stubs, answered = solution_cells(self.released), solution_cells(marked)
        for name, test in graded_cells(marked).items():
            possible = float(test.metadata.nbgrader.points)
            points = float(determine_grade(test)[0] or 0)
            status, message = _status_of(answered[name], test)
            if answered[name].source == stubs[name].source:
                status = Status.NOT_ATTEMPTED
            yield ExerciseResult(name, points, possible, status, message)


def grade_class(
    lab: Lab,
    *,
    cell_timeout: int | None = None,
    force: bool = False,
    only: str | None = None,
    report: Callable[[SubmissionResult, bool, int], None],
) -> list[SubmissionResult]:
    """Grade all submissions of a lab (or the one of student `only`) and write grades.csv.

    `report(result, reused, total)` is called after each submission.
    """
    submissions = find_submissions(lab)
    chosen = [s for s in submissions if only in (None, s.student)]
    if not chosen:
        close = difflib.get_close_matches(str(only), [s.student for s in submissions])
        raise CourseError(
            f"No submission of student '{only}' for '{lab.name}', of {len(submissions)} that are "
            f"there. Did you mean: {', '.join(close) or 'none is similar'}?"
        )
    grader = Grader(lab, cell_timeout=cell_timeout, force=force)
    results = []
    for submission in chosen:
        result, reused = grader.grade(submission)
        results.append(result)
        report(result, reused, len(chosen))
    _write_csv(lab, {s.student for s in submissions})
    return results


def _write_csv(lab: Lab, students: set[str]) -> None:
    """All results, of this run and of earlier ones, of students who are in the class."""
    found = [SubmissionResult.read(path) for path in sorted(lab.results.glob("*.json"))]
    current = [r for r in found if r is not None and r.student in students]
    write_text(lab.results / "grades.csv", grades_csv(current))


def _status_of(answer: NotebookNode, test: NotebookNode) -> tuple[Status, str]:
    """A time-out in the answer's own cell, else what its test says."""
    defined = _status_of_cell(answer)
    return defined if defined[0] is Status.TIME_OUT else _status_of_cell(test)


def _status_of_cell(cell: NotebookNode) -> tuple[Status, str]:
    for output in cell.outputs:
        if output.output_type == "error":
            status = _STATUS_OF_ERROR.get(output.ename, Status.ERROR)
            late = status is Status.TIME_OUT
            return status, "no answer in time" if late else f"{output.ename}: {output.evalue}"
        if output.output_type == "stream" and output.name == "stderr":
            return Status.ERROR, f"printed on stderr, which costs the mark: {output.text.strip()}"
    return Status.GRADED, ""


def _engine_failure(said: str) -> Marking:
    """What the notebook did to its kernel is its doing; nothing else is held against a student."""
    if "Kernel died" in said:
        return Status.CRASHED, "the notebook ended its own Python process; nothing was marked", ()
    if "CellTimeoutError" in said or "UnresponsiveKernelError" in said:
        return Status.TIME_OUT, "a cell could not be interrupted; nothing was marked", ()
    return Status.INFRASTRUCTURE_FAILURE, said, ()


def _note(exercises: tuple[ExerciseResult, ...], repairs: list[str]) -> str:
    words = [f"{note}; put right" for note in repairs]
    lost = [e for e in exercises if e.points < e.max_points]
    for status in (Status.TIME_OUT, Status.ERROR, Status.NOT_ATTEMPTED, Status.GRADED):
        kind = "wrong" if status is Status.GRADED else status.value
        names = [e.name for e in lost if e.status is status]
        if names:
            where = "every exercise" if len(names) == len(exercises) else ", ".join(names)
            words.append(f"{kind}: {where}")
    return "; ".join(words)
