"""A part of a class, for one machine of several that know nothing of each other."""

import hashlib
import json
import re
from dataclasses import dataclass

from autograder.course import Course, Lab
from autograder.errors import CourseError
from autograder.files import write_text
from autograder.run.keys import grader_of
from autograder.run.work import Work

ABOUT = "shard.json"  # in the shard's folder: what a merge has to know


@dataclass(frozen=True, order=True)
class Shard:
    """Part `number` of `count`, counted from 1. A student stays in it when others come or go."""

    number: int
    count: int

    @classmethod
    def parse(cls, text: str) -> "Shard":
        """The shard that "2/8" means; CourseError for other text."""
        found = re.fullmatch(r"(\d{1,4})/(\d{1,4})", text, re.ASCII)
        number, count = map(int, found.groups()) if found else (0, 0)
        if not 1 <= number <= count:
            raise CourseError(f"A shard is a part of a class, such as 2/8. Got '{text}'.")
        return cls(number, count)

    @classmethod
    def of(cls, student: str, count: int) -> "Shard":
        """The shard that a student belongs to."""
        return cls(int(hashlib.sha256(student.encode()).hexdigest(), 16) % count + 1, count)

    def has(self, student: str) -> bool:
        """True for a student who belongs to this shard."""
        return self == Shard.of(student, self.count)

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    def place(self, lab: Lab) -> Lab:
        """Where results and papers of the shard are: as in a course, in a folder of its own."""
        folder = lab.course.build / "shards" / lab.name / f"{self.number}-of-{self.count}"
        return Lab(Course(folder), lab.name)

    def describe(self, place: Lab, work: Work) -> None:
        """Say in the shard's folder what was graded there, and how."""
        about = {
            "lab": work.lab,
            "shard": str(self),
            "cell_timeout": work.times.cell,
            "layers": work.layers,
            "grader": grader_of(work),
        }
        write_text(place.course.root / ABOUT, json.dumps(about, indent=1) + "\n")
