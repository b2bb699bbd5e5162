"""What a result is kept under: the content of the grader, the lab and the submission."""

import functools
import hashlib
from dataclasses import astuple

import autograder
import coursekit
from autograder.intake import Handed
from autograder.run.work import Work
from autograder.stamps import fingerprint, package_folder


@functools.cache
def code() -> str:
    """A hash of all code that this process marks with."""
    return fingerprint([package_folder(autograder), package_folder(coursekit)])


def grader_of(work: Work) -> str:
    """A hash of the code and of what is the same for all submissions of a run."""
    return hashlib.sha256(f"{code()}{work!r}".encode()).hexdigest()


def key_of(grader: str, handed: Handed) -> str:
    """The key of a submission's result."""
    return hashlib.sha256(repr((grader, astuple(handed))).encode()).hexdigest()
