"""One submission as a task: data in, data out, in any process of any machine."""

import functools
import json
import os
import platform
import weakref
import zlib
from pathlib import Path

from filelock import FileLock

from autograder.examiner.exam import Exam
from autograder.examiner.mark import Marker
from autograder.examiner.marked import Marked
from autograder.examiner.nursery import InfrastructureError, Nursery
from autograder.intake import Handed, Template, take_in
from autograder.library import build_library
from autograder.results import Status
from autograder.run.scratch import Scratch
from autograder.run.warm import warm_modules, warm_up
from autograder.run.work import Work

_TRIES = 2  # of a submission, when it is the machine that failed


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
        nursery = Nursery(warm=warm_modules(texts), folder=place)  # it begins while we go on here
        self.close = weakref.finalize(self, _close, nursery, own)
        warm_up(texts)
        exam = Exam(source)
        with FileLock(place / "library.lock"):  # who comes second finds it there
            library = build_library(exam.tests, into=place / "library")
        nursery.open(library, layers=work.layers, slot=slot_of(os.getpid()), limits=work.limits)
        template = Template.of(work.lab, json.loads(work.release))
        start = functools.partial(nursery.candidate, seconds=work.times.cell)
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
