"""The two runs and the comparison."""

import os
import random
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from autograder.course import Course, Lab
from tests.autograder.soak import evidence
from tests.autograder.soak.classroom import hand_in, open_course, outside
from tests.autograder.soak.grading import Grading, left_over, wait

Shown = Callable[[str, int], None]  # what is being done, and how many results are there
_PARTS = {"worker": 1, "nursery": 2, "guardian": 3}
_KINDS = ("the coordinator", "everything", "the coordinator", "everything", *_PARTS)
_GONE = 30  # seconds until all that was killed or orphaned must be gone


@dataclass
class Figures:
    """What came of a soak; `wrong` says in words what should not be."""

    students: int
    attackers: int
    seconds: dict[str, float] = field(default_factory=dict)
    rates: list[float] = field(default_factory=list)
    memory: int = 0
    kills: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


class Soak:
    """A class in the empty folder `root`, graded undisturbed, then with kills.

    options: more words for `autograder grade`. show: is told how it goes on.
    """

    def __init__(self, root: Path, figures: Figures, options: list[str], show: Shown) -> None:
        root.chmod(0o755)  # students' code may run as another user
        self._root, self._figures, self._options, self._show = root, figures, options, show
        self._seen: set[psutil.Process] = set()
        self._cases: dict[str, str] = {}

    def run(self, lab: str, kills: int, draw: random.Random, *, hanging: bool) -> None:
        """Grade twice, and fill the figures."""
        course = self._root / "course"
        here = open_course(course, lab)
        figures = self._figures
        self._cases = hand_in(here, figures.students, figures.attackers, draw, hanging=hanging)
        shutil.copytree(course, self._root / "untouched")
        self._timed("undisturbed", lambda: self._undisturbed(here))
        course.rename(self._root / "undisturbed")
        (self._root / "untouched").rename(course)  # the same paths, so the same papers
        self._timed("disturbed", lambda: self._disturbed(here, kills, draw))
        self._compare(here, Course(self._root / "undisturbed").lab(lab))

    def _timed(self, name: str, work: Callable[[], None]) -> None:
        started = time.monotonic()
        work()
        self._figures.seconds[name] = time.monotonic() - started

    def _undisturbed(self, lab: Lab) -> None:
        started = time.time()
        self._finish(lab, "undisturbed")
        self._figures.rates = evidence.rates(lab, started)

    def _disturbed(self, lab: Lab, kills: int, draw: random.Random) -> None:
        left = sorted(draw.sample(range(self._figures.students), kills))
        while left:
            with Grading(lab, self._options, self._log) as run:
                self._live(run, lab, left, draw)
            self._take_in(run)
        self._finish(lab, "disturbed")
        self._age()
        said = self._finish(lab, "disturbed")  # nothing is left to do, but to sweep
        if f" {self._figures.students} of them before" not in said:
            self._figures.wrong.append("the last run did not find all results of those before")

    def _age(self) -> None:
        """What killed runs left behind is swept once it is a minute old: let it be older."""
        for path in (self._root / "course" / "tmp").rglob("*"):
            os.utime(path, (0, 0))

    def _live(self, run: Grading, lab: Lab, left: list[int], draw: random.Random) -> None:
        """One life of the coordinator, which it may end itself."""
        while left and run.process.poll() is None:
            self._wait(run, lab, "disturbed", left[0])
            time.sleep(draw.uniform(0, 0.5))
            kind = draw.choice(_KINDS)
            if kind in _PARTS:
                killed = run.kill_part(_PARTS[kind], draw)
            else:
                killed = run.process.poll() is None
                (run.kill_tree if kind == "everything" else run.kill_coordinator)()
            if killed:
                self._figures.kills.append(f"{kind} at {evidence.count(lab)}")
                left.pop(0)

    def _finish(self, lab: Lab, name: str) -> str:
        """What a run says that is left in peace."""
        before = self._log.stat().st_size if self._log.exists() else 0
        with Grading(lab, self._options, self._log) as run:
            self._wait(run, lab, name, self._figures.students + 1)
        self._take_in(run)
        said = self._log.read_bytes()[before:].decode()
        if status := run.process.wait():
            words = said.strip().split("\n")[-1]
            self._figures.wrong.append(f"{name}: the run ended with status {status}: {words}")
        return said

    def _wait(self, run: Grading, lab: Lab, name: str, results: int) -> None:
        def is_time() -> bool:
            there = evidence.count(lab)
            self._show(name, there)
            return there >= results

        wait(run, is_time)

    def _take_in(self, run: Grading) -> None:
        self._seen |= run.seen
        self._figures.memory = max(self._figures.memory, run.memory)

    def _compare(self, lab: Lab, undisturbed: Lab) -> None:
        wrong = self._figures.wrong
        for words in evidence.differences(lab, undisturbed):
            cases = [case for student, case in self._cases.items() if student in words]
            wrong.append(" ".join([words, *map(repr, cases)]))
        if evidence.count(lab) != self._figures.students:
            wrong.append(f"{evidence.count(lab)} results")
        wrong += [f"still there: process {said}" for said in left_over(self._seen, _GONE)]
        wrong += [f"still there: {path.name}" for path in (lab.course.root / "tmp").iterdir()]
        if outside(lab).exists():
            wrong.append("an attack wrote a file outside")

    @property
    def _log(self) -> Path:
        return self._root / "log"
