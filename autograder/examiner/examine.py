"""Go through a submission cell by cell: the student's in a candidate, the tests here.

All cells run first. Snapshots of the candidate are taken at the places of tests, or one at the end
for the tests that can wait, and the tests run in these afterwards: what the tests call cannot be
told to a cell whose output is shown. What ends or hangs a snapshot costs one exercise. A cell that
does so is left out when all others are run again, in a new candidate.

A test that fails quotes what the student's code gave. That code may have seen the hidden tests of
earlier exercises, and kept their values in a file: so all is run once more, with no hidden test, in
a new candidate, and the page has the words of that.
"""

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from autograder.examiner.candidate import Candidate, Line, Lost, Snapshot
from autograder.examiner.exam import Exam, Test, quiet
from autograder.examiner.kept import Kept
from autograder.examiner.memory import bounded_memory
from autograder.examiner.points import share_of
from autograder.examiner.times import Times
from autograder.examiner.waiting import waiting
from autograder.results import Status

_LONGEST_MESSAGE, _LONGEST_PRINT = 10_000, 100_000  # characters: what students return is quoted
_FAILS_LATE = "it goes wrong only after the tests of other exercises have called your code"
_NO_TIME = "it goes wrong; how cannot be told, since your notebook takes so long"
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
    """What became of a cell: `share` of the points is for tests, `hint` the mistake's name.

    unseen: the tests failed where students do not see them.
    """

    status: Status = Status.GRADED
    message: str = ""
    share: float = 0.0
    hint: str | None = None
    outputs: list[dict[str, Any]] = field(default_factory=list)
    unseen: bool = False


class Examination:
    """One submission on its way through the exam.

    start: gives a new candidate; times: the limits; hidden: whether to run the hidden tests.
    """

    def __init__(
        self, exam: Exam, start: Callable[[], Candidate], times: Times, *, hidden: bool = True
    ) -> None:
        self._exam, self._start, self._times, self._hidden = exam, start, times, hidden
        self._begun = time.monotonic()
        self._until = self._begun + times.notebook
        self._doubtful: list[int] = []  # places of tests whose words may be hidden values
        self._may_wait = True

    def run(self, steps: Sequence[Step]) -> list[Outcome]:
        """What became of each step, in order."""
        lost: dict[int, Outcome] = {}
        while (outcomes := self._go_through(steps, lost)) is None:
            continue
        if self._doubtful:
            outcomes |= self._retold(steps, outcomes)
        return [(outcomes | lost)[place] for place in range(len(steps))]

    def _retold(self, steps: Sequence[Step], outcomes: dict[int, Outcome]) -> dict[int, Outcome]:
        """What failed, in the words of a candidate that knows no hidden test. Marks do not rise."""
        now = time.monotonic()
        left = self._until - now
        if left < now - self._begun:
            return {place: _worded(outcomes[place], _NO_TIME) for place in self._doubtful}
        needed = self._exam.leading_to(steps[place].test or "" for place in self._doubtful)
        # In their order: what a test sees depends on its place.
        places = sorted(p for p in outcomes if steps[p].test is None or steps[p].test in needed)
        times = replace(self._times, notebook=left)
        fresh = Examination(self._exam, self._start, times, hidden=False)
        again = dict(zip(places, fresh.run([steps[p] for p in places]), strict=True))
        return {
            place: again[place] if again[place].message else _worded(outcomes[place], _FAILS_LATE)
            for place in self._doubtful
        }

    def _go_through(
        self, steps: Sequence[Step], lost: dict[int, Outcome]
    ) -> dict[int, Outcome] | None:
        """Take all steps that are not `lost`; None if one more is, since it cost the candidate."""
        candidate, outcomes, snapshots, place = self._start(), {}, {}, None
        candidate.classes = self._exam.classes
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
        outcomes, end, kept = {}, None, Kept(self._exam, hidden=self._hidden)
        self._doubtful.clear()
        with self._exam.sitting():
            for place, snapshot in snapshots.items():
                if snapshot is None:
                    end = snapshot = end if end and not end.lost else candidate.snapshot()
                outcomes[place] = outcome = self._judge(steps[place], snapshot, kept)
                is_quoted = outcome.message and not (outcome.unseen or snapshot.lost)
                if is_quoted and kept.has_run_hidden(besides=steps[place].test or ""):
                    self._doubtful.append(place)
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
                outcome = _failed(error, test)
        if student.lost:  # whatever the test made of it
            outcome = _lost(student.lost)
        if printed := _cut(text.getvalue(), _LONGEST_PRINT):
            stream = {"output_type": "stream", "name": "stdout", "text": printed}
            outcome.outputs.insert(0, stream)
        return outcome


def _ran(success: bool, outputs: list[dict[str, Any]]) -> Outcome:
    return Outcome(Status.GRADED if success else Status.ERROR, outputs=outputs)


def _passed(value: Any, test: Test) -> Outcome:
    return Outcome(share=share_of(value, test.points))


def _failed(error: BaseException, test: Test) -> Outcome:
    name, words = _said(error, test)
    hint = getattr(error, "misconception", None)
    untouched = ("NotAttempted", "NotImplementedError")
    verdict = isinstance(error, AssertionError) or not isinstance(error, Exception)
    wrong = verdict and name not in ("AnswerRaised", *untouched)
    status = Status.GRADED if wrong else Status.ERROR
    return Outcome(
        Status.NOT_ATTEMPTED if name in untouched else status,
        f"{name}: {words}",
        hint=hint if isinstance(hint, str) else None,
        outputs=[_error_output(name, words)],
        unseen=test.fails_hidden(error),
    )


def _worded(outcome: Outcome, words: str) -> Outcome:
    """The same status, with nothing of what was told."""
    return Outcome(outcome.status, words, outputs=[_error_output("Failed", words)])


def _said(error: BaseException, test: Test) -> tuple[str, str]:
    """The name of an error, and what it says.

    It may hold an object of the student's, which is asked for its own words. The words of student
    code that fails in a hidden test are not told: they may be what the test has passed.
    """
    if hasattr(error, "student_line") and test.fails_hidden(error):
        kinds = type(error).__mro__
        return next(k.__name__ for k in kinds if k.__module__ == "builtins"), "in a hidden test"
    name = type(error).__name__
    try:
        words = str(error)
    except (Exception, Lost):  # in this case, the line says what became of it
        return name, "an error that cannot be printed"
    return name, _cut(words, _LONGEST_MESSAGE)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}\n[The rest was cut.]\n"


def _lost(lost: Lost) -> Outcome:
    status = Status.TIME_OUT if lost.late else Status.CRASHED
    name = "TimeOut" if lost.late else "Crashed"
    return Outcome(status, lost.how, outputs=[_error_output(name, lost.how)])


def _error_output(name: str, text: str) -> dict[str, Any]:
    sentence = f"{name}: {text}"
    return {"output_type": "error", "ename": name, "evalue": text, "traceback": [sentence]}
