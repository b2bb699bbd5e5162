"""One submission as a task: data in, data out, in any process of any machine."""

import functools
import json
import os
import platform
import weakref
import zlib
from dataclasses import dataclass
from pathlib import Path

from autograder.cells import graded_cells, grading
from autograder.course import Lab
from autograder.examiner.exam import Exam
from autograder.examiner.examine import Times
from autograder.examiner.mark import Marked, Marker
from autograder.examiner.nursery import InfrastructureError, Nursery
from autograder.intake import Handed, Template, take_in
from autograder.library import build_library
from autograder.results import Status
from autograder.run.scratch import Scratch
from autograder.run.warm import warm_modules, warm_up
from autograder.sandbox.limits import Limits

GRACE = 60  # seconds on top of a notebook's time: to warm up, and to write the papers
_TRIES = 2  # of a submission, when it is the machine that failed


@dataclass(frozen=True)
class Work:
    """What is the same for all submissions of a run.

    lab: its name; source and release: the two notebooks as JSON text; times and limits: of each
    submission; layers: of the sandbox, to put on.
    """

    lab: str
    source: str
    release: str
    times: Times
    limits: Limits
    layers: tuple[str, ...]

    @classmethod
    def of(cls, lab: Lab, cell_timeout: int, layers: tuple[str, ...]) -> "Work":
        """The work that a lab is, when one cell may run so many seconds."""
        source, release = (path.read_text(encoding="utf-8") for path in (lab.source, lab.release))
        times = Times(cell_timeout, exercise=2 * cell_timeout, notebook=12 * cell_timeout)
        return cls(lab.name, source, release, times, Limits(), layers)

    @property
    def exercises(self) -> dict[str, float]:
        """The points of each exercise."""
        cells = graded_cells(json.loads(self.source))
        return {name: float(grading(cell)["points"]) for name, cell in cells.items()}


def grade(work: Work, student: str, handed: Handed, folder: Path | None = None) -> Marked:
    """Mark a submission. What `work` needs is prepared once in each process.

    folder: for temporary files, shared with other processes; the process makes its own with None.
    One task at a time in a process: while the tests run, what is printed is theirs.
    """
    said = ""
    for _ in range(_TRIES):
        try:
            return _examiner(work, folder).mark(student, handed)
        except InfrastructureError as error:
            said = str(error)
        except Exception as error:  # the course's own mistake stops no class either
            said = f"the examiner failed: {type(error).__name__}: {error}"
        forget()
    return Marked(Status.INFRASTRUCTURE_FAILURE, said)


def forget() -> None:
    """End what this process has prepared."""
    while _prepared:
        _prepared.popitem()[1].close()


def _examiner(work: Work, folder: Path | None) -> "_Examiner":
    if (work, folder) not in _prepared:
        forget()
        _prepared[work, folder] = _Examiner(work, folder)
    return _prepared[work, folder]


class _Examiner:
    """What a process needs to mark submissions of a lab: the exam, and a nursery."""

    def __init__(self, work: Work, folder: Path | None) -> None:
        own = None if folder else Scratch()
        place = folder or own.path  # pyright: ignore[reportOptionalMemberAccess]
        source = json.loads(work.source)
        texts = ["".join(cell["source"]) for cell in source["cells"]]
        warm_up(texts)
        exam = Exam(source)
        library = build_library(exam.tests, into=place / "library")
        self._nursery = Nursery(
            library,
            warm=warm_modules(texts),
            layers=work.layers,
            limits=work.limits,
            slot=slot_of(os.getpid()),
            folder=place,
        )
        self.close = weakref.finalize(self, _close, self._nursery, own)
        template = Template.of(work.lab, json.loads(work.release))
        start = functools.partial(self._nursery.candidate, seconds=work.times.cell)
        self._marker = Marker(exam, template, start, work.times)

    def mark(self, student: str, handed: Handed) -> Marked:
        """Mark one submission. Raises InfrastructureError."""
        return self._marker.mark(student, take_in(handed, self._marker.template))


def slot_of(pid: int) -> int:
    """A number for a worker of this machine; in two containers of it, two may have one `pid`."""
    return (pid + zlib.crc32(platform.node().encode())) % 2**22  # no process id is larger


def _close(nursery: Nursery, own: Scratch | None) -> None:
    nursery.close()
    if own:
        own.remove()


_prepared: dict[tuple[Work, Path | None], _Examiner] = {}  # one at most
