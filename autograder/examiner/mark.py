"""One submission from what was handed in to marks and papers: data in, data out."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from autograder.examiner.candidate import Candidate
from autograder.examiner.exam import Exam
from autograder.examiner.examine import Examination, Outcome, Step
from autograder.examiner.marked import Marked
from autograder.examiner.memory import tidied
from autograder.examiner.times import Times
from autograder.intake import Cell, Intake, IntakeStatus, Role, Template
from autograder.papers import model
from autograder.papers.notebook import notebook_text
from autograder.papers.page import feedback_page
from autograder.results import ExerciseResult, Status, note_of, overall_status

_ROLES: dict[Role, model.Role] = {
    Role.SOLUTION: "solution",
    Role.TESTS: "test",
    Role.LOCKED: "locked",
    Role.LESSON: "text",
    Role.OWN: "free",
}


@dataclass(frozen=True)
class Marker:
    """Marks submissions of one lab.

    exam and template: the instructor's source and the release; start: gives a new candidate;
    times: the limits.
    """

    exam: Exam
    template: Template
    start: Callable[[], Candidate]
    times: Times

    def mark(self, student: str, intake: Intake) -> Marked:
        """Marks, and the two papers. Raises InfrastructureError when no candidate can be had."""
        if intake.status in (IntakeStatus.UNREADABLE, IntakeStatus.REFUSED):
            return Marked(Status(intake.status.value), intake.said)
        outcomes = self._outcomes(intake.cells)
        exercises = tuple(self._exercises(intake.cells, outcomes))
        status = overall_status(exercises, repaired=intake.status is IntakeStatus.REPAIRED)
        note = note_of(exercises, intake.notes)
        paper = model.Paper(
            student=student,
            lab=self.template.lab,
            status=status.value,
            note=note,
            total=sum(e.points for e in exercises),
            cells=[self._shown(cell, outcomes.get(cell.id)) for cell in intake.cells],
            exercises=[_on_paper(exercise) for exercise in exercises],
        )
        return Marked(status, note, exercises, notebook_text(paper), feedback_page(paper))

    def _outcomes(self, cells: Iterable[Cell]) -> dict[str, Outcome]:
        """What became of each cell that is run, by its id."""
        runs = [cell for cell in cells if cell.kind == "code" and not cell.is_skipped]
        steps = [
            Step(
                cell.text,
                test=_exercise(cell) if cell.role is Role.TESTS else None,
                trusted=cell.role is Role.LOCKED,
            )
            for cell in runs
        ]
        with tidied():
            outcomes = Examination(self.exam, self.start, self.times).run(steps)
        return {cell.id: outcome for cell, outcome in zip(runs, outcomes, strict=True)}

    def _exercises(
        self, cells: Iterable[Cell], outcomes: dict[str, Outcome]
    ) -> Iterator[ExerciseResult]:
        """The marks of each exercise, in the order of the lab."""
        by_name = {cell.name: cell for cell in cells}
        for name, test in self.exam.tests.items():
            answer = by_name[self.template.solution_of.get(f"{name}-tests", name)]
            outcome = _worse(outcomes.get(answer.id), outcomes[by_name[f"{name}-tests"].id])
            is_tried = answer.answered or outcome.share > 0  # other cells may have what it asks for
            yield ExerciseResult(
                name,
                points=outcome.share * test.points,
                max_points=test.points,
                status=outcome.status if is_tried else Status.NOT_ATTEMPTED,
                message=outcome.message,
                misconception=outcome.hint,
            )

    def _shown(self, cell: Cell, outcome: Outcome | None) -> model.Cell:
        released = self.template.by_id.get(cell.id)
        edited = cell.role is Role.LESSON and (not released or released.text != cell.text)
        return model.Cell(
            kind=cell.kind,  # pyright: ignore[reportArgumentType]
            source=cell.text,
            role="free" if edited else _ROLES[cell.role],
            id=cell.id,
            metadata=cell.metadata if cell.is_of_lab else {},
            outputs=outcome.outputs if outcome else (),
            ran=outcome is not None,
        )


def _exercise(cell: Cell) -> str:
    return cell.name.removesuffix("-tests")


def _worse(answer: Outcome | None, test: Outcome) -> Outcome:
    """A time-out or a crash in the answer's own cell, else what its test says."""
    stopped = answer and answer.status in (Status.TIME_OUT, Status.CRASHED)
    return answer if answer and stopped else test


def _on_paper(exercise: ExerciseResult) -> model.Exercise:
    return model.Exercise(
        name=exercise.name,
        points=exercise.points,
        max_points=exercise.max_points,
        status=exercise.status.value,
        message=exercise.message,
    )
