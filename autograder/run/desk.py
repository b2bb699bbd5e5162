"""The one writer: results and papers on disk, marks in the gradebook.

A submission is done when its result file is there; papers are written before it, marks after it.
So a run that is killed at any moment leaves either everything of a submission or what the next run
makes again, and the gradebook is brought up to the results at the end of each.
"""

from collections.abc import Iterable
from pathlib import Path

from autograder.course import Lab
from autograder.examiner.mark import Marked
from autograder.files import write_text
from autograder.gradebook import LabGradebook, configured_penalty, marks_of, read_timestamp
from autograder.gradebook.marks import Change, Marks
from autograder.results import Status, SubmissionResult, grades_csv

_BATCH = 100  # results between two writes to the gradebook


class Desk:
    """Keeps what is known of one lab's submissions.

    layers: of the sandbox, that hold meanwhile; dry_run: write nothing, find out what would change.
    `changes` are the automatic marks that become others, `refused` those that the gradebook did not
    take, with a reason for each student.
    """

    def __init__(
        self, lab: Lab, max_points: float, layers: tuple[str, ...], *, dry_run: bool = False
    ) -> None:
        self._dry_run = dry_run
        self.lab, self._max_points, self._layers = lab, max_points, layers
        penalty = configured_penalty(lab.course.root)
        self._gradebook = LabGradebook(lab.course.gradebook_url, lab.name, penalty=penalty)
        self._unwritten: list[SubmissionResult] = []
        self.refused: dict[str, str] = {}
        self.changes: list[Change] = []

    def known(self, student: str, key: str) -> SubmissionResult | None:
        """An earlier result that still holds: of the same content, final, and with its papers."""
        result = SubmissionResult.read(self.lab.results / f"{student}.json")
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
            for paper, text in zip(
                self._papers(result.student), (marked.notebook, marked.page), strict=True
            ):
                if text:
                    write_text(paper, text)
                else:  # of an earlier submission that this one replaces
                    paper.unlink(missing_ok=True)
        result.write(self.lab.results)

    def enter(self, result: SubmissionResult) -> None:
        """See to it that the gradebook has the marks of a result."""
        self._unwritten.append(result)
        if len(self._unwritten) >= _BATCH:
            self.flush()

    def flush(self) -> None:
        """Write the marks that are not in the gradebook yet."""
        results, self._unwritten = self._unwritten, []
        marks = filter(None, map(self._marks, results))
        written = self._gradebook.write(marks, dry_run=self._dry_run)
        self.refused |= written.refused
        self.changes += written.changes

    def write_csv(self, students: Iterable[str]) -> None:
        """All results, of this run and of earlier ones, of students who are in the class."""
        there = set(students)
        found = [SubmissionResult.read(path) for path in sorted(self.lab.results.glob("*.json"))]
        current = [r for r in found if r is not None and r.student in there]
        write_text(self.lab.results / "grades.csv", grades_csv(current))

    def _marks(self, result: SubmissionResult) -> Marks | None:
        submitted = self.lab.course.nbgrader / "submitted" / result.student / self.lab.name
        unanswered = [e.name for e in result.exercises if e.status is Status.NOT_ATTEMPTED]
        return marks_of(result, unanswered=unanswered, timestamp=read_timestamp(submitted))

    def _papers(self, student: str) -> tuple[Path, Path]:
        return self.lab.autograded(student), self.lab.feedback(student)
