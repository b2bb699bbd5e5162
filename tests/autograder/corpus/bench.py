"""Marks the cases as a worker of `autograder grade` does, and looks for what they leave behind."""

import functools
import json
import os
import resource
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psutil
from nbformat import NotebookNode

from autograder.examiner.exam import Exam
from autograder.examiner.mark import Marker
from autograder.examiner.marked import Marked
from autograder.examiner.nursery import Nursery
from autograder.examiner.times import Times
from autograder.intake import Template, take_in
from autograder.lesson import answers, read_lesson, solution_cells
from autograder.library import build_library
from autograder.projections import clear
from autograder.sandbox import available, privileges
from autograder.sandbox.limits import Limits
from tests.autograder.conftest import REAL, small_lesson
from tests.autograder.corpus.case import SMALL, Case

PATIENT = Times(cell=30, exercise=60, notebook=120)
SHORT = Times(cell=1.5, exercise=3, notebook=12)
LIMITS = Limits(memory=300 << 20, cpu_seconds=10, processes=20, file_size=8 << 20)
_WARM = ("numpy", "coursekit.check", "coursekit.explore", "matplotlib.pyplot")
_SOON = 5  # seconds until a process that was killed is gone


class Lesson:
    """A lab: its exam, its template, and a notebook with right answers."""

    def __init__(self, path: Path, name: str) -> None:
        source = read_lesson(path)
        released = clear(source)
        self.source = source
        self.exam = Exam(source)
        self.template = Template.of(name, json.loads(json.dumps(released)))
        self.solved = _solved(released, source)


def _solved(released: NotebookNode, source: NotebookNode) -> dict[str, Any]:
    given = answers(source)
    for name, cell in solution_cells(released).items():
        cell.source = given[name]
    return json.loads(json.dumps(released))


class Bench:
    """Examiners of the two labs, each with its nursery, in a folder `root` of their own.

    Around them lies what a thief looks for; `tokens` say where.
    """

    def __init__(self, root: Path, stack: ExitStack, layers: tuple[str, ...]) -> None:
        self.root, self._stack, self._layers = root, stack, layers
        self._not_ours = {*psutil.Process().children()}, threading.active_count(), _peak()
        self._course = root / "course"
        stack.callback(os.environ.pop, "CORPUS", None)
        os.environ["CORPUS"] = "corpus-secret"
        self._server = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        self.tokens = {
            "COURSE": str(self._course),
            "OUTSIDE": str(root / "outside"),
            "PORT": str(self._server.getsockname()[1]),
            "PARENT": str(os.getpid()),
            "SECRET": "corpus-secret",
        }
        self._fill_course()

    def _fill_course(self) -> None:
        self._course.mkdir()
        for name, text in (
            ("source.ipynb", json.dumps(self.lesson(SMALL).source)),
            ("gradebook.db", "SQLite format 3"),
            ("submitted/ada/lab.ipynb", "SECRET"),
            ("coursekit/regularizers.py", "SECRET = 1"),
        ):
            (self._course / name).parent.mkdir(parents=True, exist_ok=True)
            (self._course / name).write_text(text, encoding="utf-8")
            (self._course / name).chmod(0o666)

    @functools.cache  # noqa: B019
    def lesson(self, lab: str) -> Lesson:
        """The lab of that name."""
        path = REAL / "lesson.py"
        if lab == SMALL:
            path = self.root / "lesson.py"
            path.write_text(small_lesson(), encoding="utf-8")
        return Lesson(path, lab)

    @functools.cache  # noqa: B019
    def nursery(self, lab: str) -> Nursery:
        """Where the lab's candidates come from."""
        folder = self.root / f"library-{lab}"
        folder.mkdir()
        library = build_library(self.lesson(lab).exam.tests, into=folder)
        nursery = self._stack.enter_context(Nursery(warm=_WARM))
        nursery.open(library, layers=self._layers, limits=LIMITS, slot=os.getpid())
        return nursery

    def mark(self, case: Case) -> tuple[Marked, float]:
        """What becomes of a case, and the seconds that it took."""
        lesson, times = self.lesson(case.lab), SHORT if case.hangs else PATIENT
        start = functools.partial(self.nursery(case.lab).candidate, seconds=times.cell)
        marker = Marker(lesson.exam, lesson.template, start, times)
        handed = case.handed(lesson.solved, self.tokens, self.root / "handed" / case.name)
        begun = time.monotonic()
        marked = marker.mark(case.name, take_in(handed, lesson.template))
        return marked, time.monotonic() - begun

    def exercises(self, case: Case) -> set[str]:
        """The exercises of the case's lab."""
        return set(self.lesson(case.lab).exam.tests)

    def points(self, case: Case) -> tuple[float, float]:
        """What a case must get, and what there is to get."""
        tests = self.lesson(case.lab).exam.tests
        most = sum(test.points for test in tests.values())
        return most - sum(tests[name].points for name in case.lost), most

    def nurseries(self) -> set[psutil.Process]:
        """The processes that candidates come from."""
        return {*psutil.Process().children()} - self._not_ours[0]

    def grown(self) -> int:
        """By how many bytes this process was larger, at its largest, than before."""
        return _peak() - self._not_ours[2]

    def leftovers(self) -> list[str]:
        """What is there now that was not there before any case: should be nothing."""
        until = time.monotonic() + _SOON
        while (found := [*self._running(), *self._files()]) and time.monotonic() < until:
            time.sleep(0.01)
        return found

    def _running(self) -> Iterator[str]:
        uid = privileges.uid_for(os.getpid())
        for nursery in self.nurseries():
            yield from (f"process {child}" for child in nursery.children(recursive=True))
        for process in psutil.process_iter():
            try:
                if uid is not None and process.uids().real == uid:
                    yield f"process {process} of the candidates' user"
            except psutil.NoSuchProcess:
                continue
        if threading.active_count() > self._not_ours[1]:
            yield f"{threading.active_count()} threads in the examiner"

    def _files(self) -> Iterator[str]:
        yield from (f"folder {path}" for path in self.root.glob("candidates-*/work-*"))
        if (self.root / "outside").exists():
            yield "a file outside"

    def course(self) -> dict[str, tuple[bytes, float, int]]:
        """All files that a thief could have changed."""
        files = (path for path in sorted(self._course.rglob("*")) if path.is_file())
        return {
            str(path): (path.read_bytes(), path.stat().st_mtime, path.stat().st_mode)
            for path in files
        }


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@contextmanager
def bench(layers: tuple[str, ...] | None = None) -> Iterator[Bench]:
    """A bench whose folder every user may enter; all that the machine has of layers, if None."""
    before = tempfile.tempdir
    if layers is None:
        layers = tuple(layer for layer, problem in available().items() if not problem)
    with tempfile.TemporaryDirectory(prefix="corpus-") as name, ExitStack() as stack:
        Path(name).chmod(0o777)
        tempfile.tempdir = name
        stack.callback(setattr, tempfile, "tempdir", before)
        yield Bench(Path(name), stack, layers)
