"""What shards have graded, as if workers of this machine had.

Files are looked for under the names of students who are here, never under names that are found in
a shard, and nothing in them is trusted to be right.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.class_report.words import names
from autograder.course import Course, Lab
from autograder.errors import CourseError
from autograder.examiner.marked import Marked
from autograder.results import Status, SubmissionResult
from autograder.run.keys import grader_of, key_of
from autograder.run.pool import Outcomes, Tasks
from autograder.run.shard import ABOUT, Shard
from autograder.run.work import Work

_MOST = 64 << 20  # bytes of a file
_ANEW = "Grade that shard anew."


class Merge:
    """Gives back what the shards in these folders, or anywhere below them, have graded.

    Raises CourseError where they are no shards of the lab as it is here, or not graded alike.
    `absent` are the students whom no shard had.
    """

    def __init__(self, lab: Lab, folders: Iterable[Path]) -> None:
        self._shards = [_Graded.read(about, lab) for about in _find(folders)]
        self.work = self._shards[0].work
        self._points = self.work.exercises
        self.absent: list[str] = []
        for shard in self._shards:
            if shard.work != self.work:
                raise CourseError(
                    "Shards must be graded under one time limit and the same layers of the "
                    f"sandbox. {self._shards[0]}; {shard}. Grade one of them anew."
                )

    def mark(self, work: Work, tasks: Tasks) -> Outcomes:
        """Yield each student with what became of the submission."""
        grader = grader_of(work)
        for student, handed in tasks:
            if found := self._found(student, key_of(grader, handed)):
                yield student, found
            else:
                self.absent.append(student)

    def problem(self, students: Iterable[str]) -> str:
        """Which of the `students` are in no shard, and who else is in one; "" where all is well."""
        said = []
        if self.absent:
            count = self._shards[0].shard.count
            shards = sorted({Shard.of(student, count) for student in self.absent})
            said.append(
                f"No shard has a result of {names(self.absent)}. Grade "
                f"{', '.join(map(str, shards))}, and name all folders."
            )
        found = {path.stem for s in self._shards for path in s.place.results.glob("*.json")}
        if strangers := sorted(found - set(students)):
            said.append(f"Of {names(strangers)} there is a result, but no submission here.")
        return " ".join(said)

    def _found(self, student: str, key: str) -> Marked | None:
        """What became of a submission; where it was graded twice, the machine failed once."""
        graded = [(s, m) for s in self._shards if (m := self._marked(s, student, key))]
        final = [g for g in graded if g[1].status is not Status.INFRASTRUCTURE_FAILURE] or graded
        if not final:
            return None
        (first, marked), *others = final
        for other, differently in others:
            if differently != marked:
                raise CourseError(
                    f"{first.folder} and {other.folder} say different things of '{student}'. "
                    "Leave one of them out."
                )
        return marked

    def _marked(self, graded: "_Graded", student: str, key: str) -> Marked | None:
        path = graded.place.results / f"{student}.json"
        if not _is_there(path, graded.folder):
            return None
        result = SubmissionResult.read(path)
        if result is None or not self._may_be(result):
            raise CourseError(f"{path} is no result of '{self.work.lab}'. {_ANEW}")
        if result.key != key:
            raise CourseError(
                f"{path} is of another submission than the one of '{student}' that is here. {_ANEW}"
            )
        papers = [graded.place.autograded(student), graded.place.feedback(student)]
        texts = [graded.read_text(path) for path in papers] if result.exercises else ["", ""]
        return Marked(result.status, result.note, result.exercises, *texts)

    def _may_be(self, result: SubmissionResult) -> bool:
        """Whether this run could have come to such a result."""
        points = {e.name: e.max_points for e in result.exercises}
        return (
            (result.lab, result.layers) == (self.work.lab, self.work.layers)
            and result.max_points == sum(self._points.values())
            and points in ({}, self._points)
            and len(points) == len(result.exercises)
            and all(0 <= e.points <= e.max_points for e in result.exercises)
        )


@dataclass(frozen=True)
class _Graded:
    """A shard's folder; its results are where the lab `place` has them."""

    place: Lab
    shard: Shard
    work: Work

    @property
    def folder(self) -> Path:
        return self.place.course.root

    def __str__(self) -> str:
        layers = ", ".join(self.work.layers) or "no layers"
        return f"{self.folder}: {self.work.times.cell} s, {layers}"

    def read_text(self, path: Path) -> str:
        """A paper that belongs to a result."""
        if not _is_there(path, self.folder):
            raise CourseError(f"{path} is missing, of which {self.folder} has the result. {_ANEW}")
        try:
            return path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise CourseError(f"{path} is no UTF-8 text: {error}. {_ANEW}") from error

    @classmethod
    def read(cls, about: Path, lab: Lab) -> "_Graded":
        """What a shard says of itself."""
        folder = about.parent
        try:
            fields = json.loads(about.read_text(encoding="utf-8"))
            name, shard, grader = fields["lab"], Shard.parse(fields["shard"]), fields["grader"]
            work = Work.of(lab, int(fields["cell_timeout"]), tuple(fields["layers"]))
        except (CourseError, ValueError, TypeError, KeyError, RecursionError) as error:
            said = f"{type(error).__name__}: {error}"
            raise CourseError(f"{about} does not describe a shard ({said}). {_ANEW}") from error
        if name != lab.name:
            raise CourseError(
                f"{folder} is of the lab {name!r}. Name folders of '{lab.name}' alone."
            )
        if grader != grader_of(work):
            raise CourseError(
                f"{folder} was graded with other code, or another release of '{lab.name}', than "
                "are here. Check out and release what it was graded with, or grade it anew."
            )
        return cls(Lab(Course(folder), lab.name), shard, work)


def _find(folders: Iterable[Path]) -> list[Path]:
    """The descriptions of all shards in these folders; CourseError for a folder without any."""
    found: dict[Path, None] = {}
    for folder in folders:
        there = sorted(p for p in folder.rglob(ABOUT) if _is_there(p, folder))
        if not there:
            raise CourseError(
                f"No shard in {folder}: expected a {ABOUT} there or below, as "
                "`autograder grade LAB --shard 1/8` writes it."
            )
        found |= dict.fromkeys(path.resolve() for path in there)
    return list(found)


def _is_there(path: Path, folder: Path) -> bool:
    """Whether there is a file; CourseError for a link, on the way from `folder`, or a large one."""
    for part in _below(path, folder):
        if part.is_symlink():
            raise CourseError(f"{part} is a link. A shard has files and folders alone. {_ANEW}")
    if not path.is_file():
        return False
    if path.stat().st_size > _MOST:
        raise CourseError(f"{path} is larger than {_MOST >> 20} MiB. {_ANEW}")
    return True


def _below(path: Path, folder: Path) -> Iterator[Path]:
    while path != folder:
        yield path
        path = path.parent
