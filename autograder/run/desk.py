"""The one writer: results and papers on disk, marks in the gradebook.

A submission is done when its result file is there; papers are written before it, marks after it.
So a run that is killed at any moment leaves either everything of a submission or what the next run
makes again. Whose marks the gradebook still lacks is written down as well, before the result: any
next run, be it for one student alone, brings the gradebook up to the results.
"""

import contextlib
from collections.abc import Iterable
from pathlib import Path

from autograder.course import Lab
from autograder.errors import CourseError
from autograder.examiner.marked import Marked
from autograder.files import sweep, write_text
from autograder.gradebook import (
    GradebookError,
    LabGradebook,
    configured_penalty,
    marks_of,
    read_timestamp,
)
from autograder.gradebook.marks import Change, Marks
from autograder.results import Status, SubmissionResult, grades_csv

_BATCH = 100  # results between two writes to the gradebook


def open_gradebook(lab: Lab) -> LabGradebook:
    """The lab's part of the course's gradebook."""
    penalty = configured_penalty(lab.course.root)
    return LabGradebook(lab.course.gradebook_url, lab.name, penalty=penalty)


class Desk:
    """Keeps what is known of one lab's submissions; nobody else may do so at the same time.

    layers: of the sandbox, that hold meanwhile; dry_run: write nothing, find out what would change;
    marks: False keeps results and papers alone.
    `changes` are the automatic marks that become others, `refused` those that the gradebook did not
    take, with a reason for each student.
    """

    def __init__(
        self,
        lab: Lab,
        max_points: float,
        layers: tuple[str, ...],
        *,
        dry_run: bool = False,
        marks: bool = True,
    ) -> None:
        self._dry_run = dry_run
        self.lab, self._max_points, self._layers = lab, max_points, layers
        self._gradebook = open_gradebook(lab) if marks else None
        self._owed = lab.results / ".owed"  # the students whose marks may not be written yet
        self._begun: set[str] = set()  # those of them whose result is not entered yet
        self._seen: dict[str, SubmissionResult] = {}
        self._unwritten: list[SubmissionResult] = []
        self.refused: dict[str, str] = {}
        self.changes: list[Change] = []
        if not dry_run:
            sweep(lab.results)
            self._enter_what_is_owed()

    def known(self, student: str, key: str) -> SubmissionResult | None:
        """An earlier result that still holds: of the same content, final, and with its papers."""
        result = self._result(student)
        if result is None or result.key != key or not result.is_final:
            return None
        there = all(paper.is_file() for paper in self._papers(student))
        return result if there or not result.exercises else None

    def keep(self, student: str, marked: Marked, key: str) -> SubmissionResult:
        """Write papers and result; marks follow with those of others."""
        result = SubmissionResult(
            student=student,
            lab=self.lab.name,
            status=marked.status,
            note=marked.note,
            exercises=marked.exercises,
            max_points=self._max_points,
            key=key,
            layers=self._layers,
        )
        if not self._dry_run:
            self._write(result, marked)
        self.enter(result)
        return result

    def _write(self, result: SubmissionResult, marked: Marked) -> None:
        """Papers first: once the result is there, the submission is done."""
        if result.is_final:
            earlier = self._result(result.student)
            if earlier and earlier.key != result.key:  # its papers are about to go
                (self.lab.results / f"{result.student}.json").unlink()
            for paper, text in zip(
                self._papers(result.student), (marked.notebook, marked.page), strict=True
            ):
                sweep(paper.parent, paper.name)
                if text:
                    write_text(paper, text)
                else:  # of an earlier submission that this one replaces
                    paper.unlink(missing_ok=True)
        self._owe(result.student)
        result.write(self.lab.results)

    def enter(self, result: SubmissionResult) -> None:
        """See to it that the gradebook has the marks of a result."""
        self._seen[result.student] = result
        self._begun.discard(result.student)
        self._unwritten.append(result)
        if len(self._unwritten) == _BATCH:  # not again where that failed: it may take long
            with contextlib.suppress(GradebookError):
                self.flush()

    def flush(self) -> None:
        """Write the marks that are not in the gradebook yet; GradebookError keeps them for later.

        Nobody's timestamp that cannot be read keeps out the marks of others.
        """
        while batch := self._unwritten[:_BATCH]:
            if self._gradebook:
                marks = list(filter(None, map(self._marks, batch)))
                written = self._gradebook.write(marks, dry_run=self._dry_run)
                self.refused |= written.refused
                self.changes += written.changes
            del self._unwritten[: len(batch)]
        if not self._dry_run and not self._begun:
            self._owed.unlink(missing_ok=True)

    def write_csv(self, students: Iterable[str]) -> None:
        """All results, of this run and of earlier ones, of students who are in the class."""
        found = (self._seen.get(student) or self._result(student) for student in sorted(students))
        write_text(self.lab.results / "grades.csv", grades_csv([r for r in found if r]))

    def _owe(self, student: str) -> None:
        self._begun.add(student)
        self._owed.parent.mkdir(parents=True, exist_ok=True)
        with self._owed.open("a", encoding="utf-8") as file:
            file.write(f"{student}\n")

    def _enter_what_is_owed(self) -> None:
        """The results of a run that ended before their marks were in the gradebook."""
        with contextlib.suppress(FileNotFoundError):
            students = self._owed.read_text(encoding="utf-8", errors="replace").split("\n")
            results = map(self._result, filter(None, dict.fromkeys(students)))
            self._unwritten += filter(None, results)

    def _result(self, student: str) -> SubmissionResult | None:
        return SubmissionResult.read(self.lab.results / f"{student}.json")

    def _marks(self, result: SubmissionResult) -> Marks | None:
        submitted = self.lab.course.nbgrader / "submitted" / result.student / self.lab.name
        unanswered = [e.name for e in result.exercises if e.status is Status.NOT_ATTEMPTED]
        try:
            return marks_of(result, unanswered=unanswered, timestamp=read_timestamp(submitted))
        except CourseError as error:
            self.refused[result.student] = str(error)
            return None

    def _papers(self, student: str) -> tuple[Path, Path]:
        return self.lab.autograded(student), self.lab.feedback(student)
