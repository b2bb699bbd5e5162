"""What a run leaves on disk, and in which ways two runs differ."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path

from autograder.course import Lab
from tests.autograder.gradebook.stock import content

Files = Mapping[str, str]  # hashes by path
_KINDS = ("submitted", "autograded", "feedback")
_CHANCE = re.compile(  # what a student's cell may show that is never twice the same
    rb"0x[0-9a-f]{6,}"  # an address in memory
    rb"|grading-\w+"  # the name of a temporary folder
    rb"|(CPU times|Wall time): [^\\\n]*"  # how long a cell took
    rb"|uid not found: \d+"  # the user that students' code runs as
)


def count(lab: Lab) -> int:
    """How many results are there."""
    return sum(1 for _ in lab.results.glob("*.json"))


def files(lab: Lab) -> dict[str, Files]:
    """All files of a class, by what they are: hidden ones as well."""
    folders = {kind: lab.course.nbgrader / kind for kind in _KINDS} | {"results": lab.results}
    return {kind: dict(_hashes(folder)) for kind, folder in folders.items()}


def _hashes(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            name = str(path.relative_to(folder))
            yield name, hashlib.sha256(_CHANCE.sub(b"", path.read_bytes())).hexdigest()


def differences(lab: Lab, undisturbed: Lab) -> list[str]:
    """What is not the same after both runs, in words."""
    mine, theirs = files(lab), files(undisturbed)
    said = [words for kind in mine for words in _differing(kind, mine[kind], theirs[kind])]
    ours, expected = (content(one.course.gradebook_url) for one in (lab, undisturbed))
    tables = [table for table in expected if ours[table] != expected[table]]
    return [*said, *(f"gradebook: the table {table} differs" for table in tables)]


def _differing(kind: str, mine: Files, theirs: Files) -> Iterator[str]:
    for name in sorted(mine.keys() | theirs.keys()):
        if mine.get(name) != theirs.get(name):
            how = "differs" if name in theirs else "is too much"
            yield f"{kind}: {name} {how if name in mine else 'is missing'}"


def rates(lab: Lab, started: float) -> list[float]:
    """Submissions a minute in each tenth of the class, by the times of its results.

    started: when the run was, in seconds since the epoch.
    """
    times = [started, *sorted(path.stat().st_mtime for path in lab.results.glob("*.json"))]
    marks = [(len(times) - 1) * tenth // 10 for tenth in range(11)]
    spans = [(a, b) for a, b in pairwise(marks) if b > a]
    return [60 * (b - a) / max(times[b] - times[a], 1e-9) for a, b in spans]
