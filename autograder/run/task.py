"""One submission as a task: data in, data out, in any process of any machine."""

import functools
import json
import os
import tempfile
import weakref
from dataclasses import dataclass
from pathlib import Path

from nbformat import reads

from autograder.examiner.exam import Exam
from autograder.examiner.examine import Times
from autograder.examiner.mark import Marked, Marker
from autograder.examiner.nursery import InfrastructureError, Nursery
from autograder.intake import Handed, Template, take_in
from autograder.library import build_library
from autograder.results import Status
from autograder.sandbox.limits import Limits

_WARM = ("numpy", "coursekit.check", "coursekit.explore", "matplotlib.pyplot")
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


def grade(work: Work, student: str, handed: Handed) -> Marked:
    """Mark a submission. What `work` needs is prepared once in each process."""
    said = ""
    for _ in range(_TRIES):
        try:
            return _examiner(work).mark(student, handed)
        except InfrastructureError as error:
            said = str(error)
        except Exception as error:  # the course's own mistake stops no class either
            said = f"the examiner failed: {type(error).__name__}: {error}"
        _examiner.cache_clear()
    return Marked(Status.INFRASTRUCTURE_FAILURE, said)


@functools.lru_cache(maxsize=1)
def _examiner(work: Work) -> "_Examiner":
    return _Examiner(work)


class _Examiner:
    """What a process needs to mark submissions of a lab: the exam, and a nursery."""

    def __init__(self, work: Work) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="library-")
        exam = Exam(reads(work.source, as_version=4))
        library = build_library(exam.tests, into=Path(self._folder.name))
        self._nursery = Nursery(
            library, warm=_WARM, layers=work.layers, limits=work.limits, slot=os.getpid()
        )
        weakref.finalize(self, _close, self._nursery, self._folder)
        template = Template.of(work.lab, json.loads(work.release))
        start = functools.partial(self._nursery.candidate, seconds=work.times.cell)
        self._marker = Marker(exam, template, start, work.times)

    def mark(self, student: str, handed: Handed) -> Marked:
        """Mark one submission. Raises InfrastructureError."""
        return self._marker.mark(student, take_in(handed, self._marker.template))


def _close(nursery: Nursery, folder: tempfile.TemporaryDirectory) -> None:
    nursery.close()
    folder.cleanup()
