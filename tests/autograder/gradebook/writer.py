"""A process that writes marks: run by tests that kill it, or run two at once.

python writer.py URL STUDENTS FIRST SECOND …: brings all students to each score in turn, in small
transactions. It says "ready", waits for a line, writes, and prints how many were new.
"""

import sys

from autograder.gradebook import LabGradebook, Marks, book
from autograder.gradebook.marks import Written


def free(student: str, points: float, late: float) -> None:
    """Lateness costs nothing."""


def marks_of_all(students: int, score: float) -> list[Marks]:
    """The same score everywhere, for everyone."""
    scores = {"relu": score, "conv": score, "essay": score}
    blank = frozenset({"relu"} if score else ())
    return [Marks(f"s{i:03d}", scores, blank) for i in range(students)]


def main(url: str, students: str, *scores: str) -> None:
    """Write once for each score."""
    book.BATCH = 5
    lab, done = LabGradebook(url, "lab", penalty=free), Written()
    print("ready", flush=True)
    sys.stdin.readline()
    for score in scores:
        done.add(lab.write(marks_of_all(int(students), float(score))))
    print(len(done.new), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
