"""Go through a submission cell by cell: the student's in a candidate, the tests here.

All cells run first. Snapshots of the candidate are taken at the places of tests, or one at the end
for the tests that can wait, and the tests run in these afterwards: what the tests call cannot be
told to a cell whose output is shown. What ends or hangs a snapshot costs one exercise. A cell that
does so is left out when all others are run again, in a new candidate.
"""

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograder.examiner.candidate import Candidate, Line, Lost, Snapshot
from autograder.examiner.exam import Exam, Test, quiet
from autograder.examiner.kept import Kept
from autograder.examiner.memory import bounded_memory
from autograder.examiner.points import share_of
from autograder.examiner.waiting import waiting
from autograder.results import Status


@dataclass(frozen=True)
class Times:
    """Seconds: for one cell or call of the student's, for the tests of one exercise, for all."""

    cell: float = 10
    exercise: float = 20
    notebook: float = 120


_TIME_UP = Lost("the notebook's time was used up before this cell", late=True)


@dataclass(frozen=True)
class Step:
    """A cell to run: in the candidate, or the tests of the exercise `test`.

    trusted: its text is the course's own.
    """

    source: str
    test: str | None = None
    trusted: bool = False


@dataclass
class Outcome:
    """What became of a cell: `share` of the points is for tests, `hint` the mistake's name."""

    status: Status = Status.GRADED
    message: str = ""
    share: float = 0.0
    hint: str | None = None
    outputs: list[dict[str, Any]] = field(default_factory=list)


class Examination:
    """One submission on its way through the exam.

    start: gives a new candidate; times: the limits.
    """

    def __init__(self, exam: Exam, start: Callable[[], Candidate], times: Times) -> None:
        self._exam, self._start, self._times = exam, start, times
        self._until = time.monotonic() + times.notebook
        self._may_wait = True

    def run(self, steps: Sequence[Step]) -> list[Outcome]:
        """What became of each step, in order."""
        lost: dict[int, Outcome] = {}
        while (outcomes := self._go_through(steps, lost)) is None:
            continue
        return [(outcomes | lost)[place] for place in range(len(steps))]

    def _go_through(
        self, steps: Sequence[Step], lost: dict[int, Outcome]
    ) -> dict[int, Outcome] | None:
        """Take all steps that are not `lost`; None if one more is, since it cost the candidate."""
        candidate, outcomes, snapshots, place = self._start(), {}, {}, None
        candidate.allowed, candidate.classes = self._exam.signs, self._exam.classes
        try:
            if self._exam.has_classes:
                candidate.share_arrays()
            can_wait = self._can_wait(steps, candidate)
            for place, step in enumerate(steps):
                if place in lost:
                    continue
                if self._time_is_up:
                    lost[place] = _lost(_TIME_UP)
                elif step.test is None:
                    outcomes[place] = _ran(*candidate.run(step.source))
                else:
                    snapshots[place] = None if place in can_wait else candidate.snapshot()
            place = None
            return outcomes | self._judged(steps, snapshots, candidate)
        except Lost as error:
            if place is None:  # no cell's doing: without waiting, it is known whose it is
                self._may_wait = False
            else:
                lost[place] = _lost(error)
            return None
        finally:
            candidate.end()

    def _can_wait(self, steps: Sequence[Step], candidate: Candidate) -> set[int]:
        """The places of the tests that need no snapshot of their own."""
        cells = [(step.source, step.trusted) for step in steps if step.test is None]
        if not self._may_wait:
            return set()
        effects = iter(candidate.foresee(cells))
        return {*waiting([self._concerning(s.test) if s.test else next(effects) for s in steps])}

    def _concerning(self, exercise: str) -> Collection[str]:
        return self._exam.concerning(self._exam.tests[exercise])

    def _judged(
        self, steps: Sequence[Step], snapshots: dict[int, Snapshot | None], candidate: Candidate
    ) -> dict[int, Outcome]:
        """What became of the tests, by place; those without a snapshot share one of the end."""
        outcomes, end, kept = {}, None, Kept(self._exam)
        with self._exam.sitting():
            for place, snapshot in snapshots.items():
                if snapshot is None:
                    end = snapshot = end if end and not end.lost else candidate.snapshot()
                outcomes[place] = self._judge(steps[place], snapshot, kept)
        return outcomes

    @property
    def _time_is_up(self) -> bool:
        return time.monotonic() > self._until

    def _judge(self, step: Step, student: Line, kept: Kept) -> Outcome:
        """Run a test on what the notebook had defined at its place."""
        if self._time_is_up:
            return _lost(_TIME_UP)
        test = self._exam.tests[step.test or ""]
        with quiet() as text, student.within(self._times.exercise), bounded_memory():
            try:
                outcome = _passed(kept.run(test, student), test)
            except Lost as error:
                outcome = _lost(error)
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # pytest's own verdicts are no Exceptions
                outcome = _failed(error)
        if student.lost:  # whatever the test made of it
            outcome = _lost(student.lost)
        if text.getvalue():
            stream = {"output_type": "stream", "name": "stdout", "text": text.getvalue()}
            outcome.outputs.insert(0, stream)
        return outcome


def _ran(success: bool, outputs: list[dict[str, Any]]) -> Outcome:
    return Outcome(Status.GRADED if success else Status.ERROR, outputs=outputs)


def _passed(value: Any, test: Test) -> Outcome:
    return Outcome(share=share_of(value, test.points))


def _failed(error: BaseException) -> Outcome:
    name, sentence = type(error).__name__, f"{type(error).__name__}: {error}"
    untouched = ("NotAttempted", "NotImplementedError")
    verdict = isinstance(error, AssertionError) or not isinstance(error, Exception)
    wrong = verdict and name not in ("AnswerRaised", *untouched)
    status = Status.GRADED if wrong else Status.ERROR
    return Outcome(
        Status.NOT_ATTEMPTED if name in untouched else status,
        sentence,
        hint=getattr(error, "misconception", None),
        outputs=[_error_output(name, str(error))],
    )


def _lost(lost: Lost) -> Outcome:
    status = Status.TIME_OUT if lost.late else Status.CRASHED
    name = "TimeOut" if lost.late else "Crashed"
    return Outcome(status, lost.how, outputs=[_error_output(name, lost.how)])


def _error_output(name: str, text: str) -> dict[str, Any]:
    sentence = f"{name}: {text}"
    return {"output_type": "error", "ename": name, "evalue": text, "traceback": [sentence]}
