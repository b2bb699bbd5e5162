"""Refuse a lesson whose tests do not tell right from wrong.

Every answer of `variants.py` is run against the lesson's own test cells, in an IPython shell as in
a notebook: the solution and right variants must keep full marks, an untouched notebook must get
nothing, a wrong variant must lose its points with the hint of its misconception. Then the right
answers are marked as students' work is, where tests run in another process than answers.
"""

import importlib.util
import itertools
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from types import ModuleType

from IPython.core.interactiveshell import ExecutionResult, InteractiveShell
from IPython.utils.capture import capture_output
from nbformat import NotebookNode

from autograder.course import Lab
from autograder.errors import CourseError
from autograder.examiner.times import Times
from autograder.files import notebook_text
from autograder.intake import Handed, HandedFile
from autograder.lesson import answers, graded_cells, is_skipped, solution_cells
from autograder.projections import clear
from autograder.run.task import forget, grade
from autograder.run.work import Work
from autograder.sandbox import available
from autograder.sandbox.limits import Limits
from autograder.variants import Right, Wrong

MIN_WRONG, MIN_RIGHT = 10, 3
_TIMES = Times(cell=60, exercise=120, notebook=720)  # answers of the course's own are not slow


@dataclass(frozen=True)
class Outcome:
    """What a test cell did: passed, or the error, its sentence and its misconception."""

    passed: bool
    message: str = ""
    misconception: str | None = None


def load_variants(lab: Lab) -> ModuleType:
    """The lab's variants.py as a module with WRONG and RIGHT; CourseError when that fails."""
    if not lab.variants.is_file():
        raise CourseError(f"Lab '{lab.name}' has no variants.py. Expected {lab.variants}.")
    spec = importlib.util.spec_from_file_location(f"variants_{lab.name}", lab.variants)
    module = importlib.util.module_from_spec(spec)  # pyright: ignore[reportArgumentType]
    try:
        spec.loader.exec_module(module)  # pyright: ignore[reportOptionalMemberAccess]
    except Exception as error:
        raise CourseError(f"{lab.variants} does not run: {_named(error)}.") from error
    for name, kind in (("WRONG", Wrong), ("RIGHT", Right)):
        table = getattr(module, name, None)
        if not isinstance(table, dict) or not all(_all_of(kind, v) for v in table.values()):
            raise CourseError(
                f"{lab.variants}: expected {name} to be a dict with a list of "
                f"{kind.__name__} for each exercise."
            )
    return module


def _all_of(kind: type, variants: object) -> bool:
    return isinstance(variants, list) and all(isinstance(v, kind) for v in variants)


class Bench:
    """A notebook's code run cell by cell in one shell, with single answers exchanged."""

    def __init__(self, source: NotebookNode):
        self.source = source
        self.solutions = answers(source)
        self.tests = {name: cell.source for name, cell in graded_cells(source).items()}
        self.shell = InteractiveShell()
        self._setup()

    def outcome(self, exercise: str, answer: str) -> Outcome:
        """Put `answer` in the place of the exercise's solution and run its test cell."""
        self._reset()
        self.shell.user_ns.pop(exercise, None)
        self._run(answer)  # an error here shows in the test, as in a student's notebook
        return self._test(exercise)

    def passes(self, given: dict[str, str]) -> bool:
        """True when these answers, together in one notebook, get full marks."""
        self._reset()
        for answer in given.values():
            self._run(answer)
        return all(self._test(exercise).passed for exercise in self.tests)

    def _setup(self) -> None:
        tests = self.tests.values()
        for cell in self.source.cells:
            if cell.cell_type == "code" and not is_skipped(cell) and cell.source not in tests:
                error = self._run(cell.source)[0].error_in_exec
                if error is not None:
                    raise CourseError(f"A cell of the lesson fails: {_named(error)}")
        self.solved = dict(self.shell.user_ns)

    def _reset(self) -> None:
        """The names of the solved notebook again, and no others: no answer sees another's."""
        self.shell.user_ns.clear()
        self.shell.user_ns.update(self.solved)

    def _run(self, code: str) -> tuple[ExecutionResult, str]:
        with capture_output() as captured:
            result = self.shell.run_cell(code)
        return result, captured.stderr

    def _test(self, exercise: str) -> Outcome:
        """As nbgrader would mark it: an error, stderr or a value shown cost the points."""
        result, stderr = self._run(self.tests[exercise])
        error = result.error_before_exec or result.error_in_exec
        if error is not None:
            return Outcome(False, _named(error), getattr(error, "misconception", None))
        if stderr:
            return Outcome(False, f"it writes to stderr, which costs the mark: {stderr!r}")
        if result.result is not None:
            return Outcome(False, f"it ends in a value, {result.result!r}, taken for a grade")
        return Outcome(True)


def _named(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


def verify(lab: Lab, source: NotebookNode) -> int:
    """Run all answers; the number of them, or CourseError naming everything that went wrong."""
    variants = load_variants(lab)
    bench = Bench(source)
    problems = list(_unknown_exercises(variants, bench))
    count = 0
    stubs = {name: cell.source for name, cell in solution_cells(clear(source)).items()}
    for name, solution in bench.solutions.items():
        right = [Right("solution", code=solution), *variants.RIGHT.get(name, [])]
        wrong = variants.WRONG.get(name, [])
        count += len(right) + len(wrong) + 1
        problems += _count_problems(name, right[1:], wrong)
        problems += _untouched_problems(name, bench, stubs[name])
        problems += [p for v in right for p in _right_problems(name, bench, v, solution)]
        problems += [p for v in wrong for p in _wrong_problems(name, bench, v, solution)]
    problems = problems or [*_lost_when_marked(lab, source, variants.RIGHT)]
    if problems:
        raise CourseError(f"{lab.name} is refused:\n" + "\n".join(f"  - {p}" for p in problems))
    return count


def _unknown_exercises(variants: ModuleType, bench: Bench) -> Iterator[str]:
    for name in sorted({*variants.WRONG, *variants.RIGHT} - set(bench.solutions)):
        yield f"variants.py speaks of '{name}', which is no exercise of the lesson."


def _count_problems(name: str, right: list[Right], wrong: list[Wrong]) -> Iterator[str]:
    for kind, found, least in (("wrong", wrong, MIN_WRONG), ("right", right, MIN_RIGHT)):
        if len(found) < least:
            yield f"{name}: {len(found)} {kind} variants, expected at least {least}."
        names = [v.name for v in found]
        for repeated in sorted({n for n in names if names.count(n) > 1}):
            yield f"{name}: the {kind} variant '{repeated}' is there twice."


def _untouched_problems(name: str, bench: Bench, stub: str) -> Iterator[str]:
    outcome = bench.outcome(name, stub)
    if outcome.passed:
        yield f"{name}: an untouched cell gets the points. The tests must call the function."
    elif "not implemented" not in outcome.message:
        yield f"{name}: an untouched cell is not reported as such, but as: {outcome.message}"


def _right_problems(name: str, bench: Bench, variant: Right, solution: str) -> Iterator[str]:
    outcome = bench.outcome(name, variant.apply(solution))
    if not outcome.passed:
        yield f"{name}: the right answer '{variant.name}' loses its points: {outcome.message}"


def _wrong_problems(name: str, bench: Bench, variant: Wrong, solution: str) -> Iterator[str]:
    outcome = bench.outcome(name, variant.apply(solution))
    if outcome.passed:
        yield f"{name}: the wrong answer '{variant.name}' keeps its points."
    elif outcome.misconception != variant.name:
        yield (
            f"{name}: the wrong answer '{variant.name}' is told about "
            f"'{outcome.misconception}': {outcome.message}"
        )
    elif not variant.word or variant.word not in outcome.message:
        yield (
            f"{name}: the hint for '{variant.name}' lacks the word '{variant.word}': "
            f"{outcome.message}"
        )


class Marking:
    """The lab as students' work is marked: what answers do is in another process than tests."""

    def __init__(self, lab: Lab, source: NotebookNode) -> None:
        self._solutions, self._released = answers(source), clear(source)
        layers = tuple(layer for layer, problem in available().items() if not problem)
        texts = (notebook_text(source), notebook_text(self._released))
        self._work = Work(lab.name, *texts, _TIMES, Limits(), layers)

    def lost(self, given: Mapping[str, str]) -> dict[str, str]:
        """What the tests say by exercise, where points are lost with these answers.

        All other exercises have their solutions. CourseError where nothing can be marked.
        """
        notebook = deepcopy(self._released)
        for name, cell in solution_cells(notebook).items():
            cell.source = {**self._solutions, **given}[name]
        file = HandedFile("lesson.ipynb", notebook_text(notebook).encode())
        marked = grade(self._work, "lesson", Handed((file,)))
        if not marked.exercises:
            raise CourseError(f"{self._work.lab} cannot be marked: {marked.note}")
        return {e.name: e.message for e in marked.exercises if e.points < e.max_points}


def _lost_when_marked(
    lab: Lab, source: NotebookNode, right: Mapping[str, list[Right]]
) -> Iterator[str]:
    """A sentence for each exercise whose right answers keep their points in a notebook only."""
    said: set[str] = set()
    try:
        marking = Marking(lab, source)
        for given in together(answers(source), right):
            for name, message in really_lost(marking, given).items():
                if name not in said:
                    said.add(name)
                    answer = next(iter(given.get(name, ())), "solution")
                    yield (
                        f"{name}: the right answer '{answer}' has full marks in a notebook, but "
                        f"loses points where it is marked, in another process: {message}"
                    )
    finally:
        forget()


def together(
    solutions: dict[str, str], right: Mapping[str, list[Right]]
) -> Iterator[dict[str, tuple[str, str]]]:
    """Names and texts of answers by exercise: the solutions, each one's first variant, and so on.

    One notebook has an answer to each exercise: there are few to mark.
    """
    yield {}
    tables = [[(name, v) for v in variants] for name, variants in right.items()]
    for row in itertools.zip_longest(*tables):
        found = [pair for pair in row if pair]
        yield {name: (v.name, v.apply(solutions[name])) for name, v in found}


def really_lost(marking: Marking, given: dict[str, tuple[str, str]]) -> dict[str, str]:
    """What is lost by these answers, each alone with the solutions of all other exercises."""
    texts = {name: text for name, (_, text) in given.items()}
    lost = marking.lost(texts)
    if len(texts) < 2:
        return lost
    alone = [name for name in texts if name in lost]
    each = {name: marking.lost({name: texts[name]}).get(name) for name in alone}
    return {name: message for name, message in each.items() if message is not None}
