"""What tests leave for later tests: the names that they bind, as in a kernel that runs them all."""

import contextlib
import gc
from collections.abc import Iterable
from dataclasses import dataclass
from types import FunctionType, GeneratorType, ModuleType
from typing import Any

import numpy as np

from autograder.examiner.candidate import Line, Lost
from autograder.examiner.exam import Exam, Test, quiet
from autograder.wire.peer import Peer

_ATOMS = str | bytes | int | float | complex | bool | type(None)
_MOST = 100_000  # objects that are looked through


@dataclass(frozen=True)
class _Run:
    """A test that was run: with which copy of the student's notebook, and what it bound."""

    student: Line
    bound: dict[str, Any]


class Kept:
    """The names of one submission's tests, run one after the other; hidden: with hidden tests."""

    def __init__(self, exam: Exam, *, hidden: bool) -> None:
        self._exam, self._hidden = exam, hidden
        self._runs: dict[str, _Run] = {}

    def has_run_hidden(self, *, besides: str) -> bool:
        """Whether hidden tests of other exercises than this one have been run."""
        others = (name for name in self._runs if name != besides)
        return self._hidden and any(self._exam.tests[name].hidden for name in others)

    def run(self, test: Test, student: Line) -> Any:
        """Run a test on what `student` is at its place; the value that it ends in.

        Raises what the test raises: it has bound what it had bound until then.
        """
        space = self._space(test, student)
        before = dict(space)
        try:
            return test.run(space, hidden=self._hidden)
        finally:
            now = {n: v for n, v in space.items() if n not in before or before[n] is not v}
            self._runs[test.exercise] = _Run(student, now)

    def _space(self, test: Test, student: Line) -> dict[str, Any]:
        """The names that the test finds: the lab's, those of earlier tests, the student's."""
        kept = self._kept(test, student)
        space = self._exam.space(test)
        student.begin(space, self._exam.signs(test))
        for name in self._exam.wanted(test):
            if name not in kept:
                with contextlib.suppress(NameError):  # the test says so better, if it needs it
                    space[name] = student.look(name)
        space.update(kept)
        return space

    def _kept(self, test: Test, student: Line) -> dict[str, Any]:
        """What earlier tests have bound of the names that it reads."""
        found: dict[str, Any] = {}
        for earlier, names in self._exam.sources(test):
            run = self._runs.get(earlier.exercise)
            if run and names & run.bound.keys():
                run = self._here(earlier, run, student, names)
                found |= {name: run.bound[name] for name in names & run.bound.keys()}
        return found

    def _here(self, test: Test, run: _Run, student: Line, names: Iterable[str]) -> _Run:
        """The run, or another one where it has bound what is only known to another copy."""
        if run.student is student:
            return run
        alone = {n: v for n, v in run.bound.items() if n in names and not _reaches_a_line(v)}
        if run.student.lost or alone.keys() >= run.bound.keys() & {*names}:
            return _Run(student, alone)
        with quiet():
            try:
                self.run(test, student)
            except (Lost, KeyboardInterrupt):
                raise
            except BaseException:
                pass  # it was told when the test was run for itself
        return self._runs[test.exercise]


def _reaches_a_line(value: Any) -> bool:
    """Whether there is a student's object in it; True where that would take long to find out."""
    waiting, seen = [value], {}
    while waiting:
        thing = waiting.pop()
        if isinstance(thing, Peer | GeneratorType) or len(seen) > _MOST:
            return True
        if not isinstance(thing, _ATOMS) and id(thing) not in seen:
            seen[id(thing)] = thing
            waiting += _parts(thing)
    return False


def _parts(thing: Any) -> Iterable[Any]:
    if isinstance(thing, FunctionType):  # not the names around it
        return (thing.__closure__, thing.__defaults__, thing.__kwdefaults__, vars(thing))
    if isinstance(thing, np.ndarray):
        return thing.ravel().tolist() if thing.dtype.hasobject else ()
    is_far = isinstance(thing, type) and thing.__module__ != "__main__"
    return () if is_far or isinstance(thing, ModuleType) else gc.get_referents(thing)
