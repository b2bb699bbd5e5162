"""Prints the table of all cases: python -m tests.autograder.corpus [WORD in the name]."""

import sys

from autograder.examiner.marked import Marked
from tests.autograder.corpus.bench import Bench, bench
from tests.autograder.corpus.case import Case
from tests.autograder.corpus.cases import CASES


def main(word: str) -> None:
    """Grade the cases and print a line for each; what is not as expected follows in words."""
    print("| case | status | marks | seconds |\n|---|---|---|---|")
    with bench() as examiners:
        for case in CASES:
            if word in case.name:
                marked, seconds = examiners.mark(case)
                print(_line(examiners, case, marked, seconds), flush=True)


def _line(examiners: Bench, case: Case, marked: Marked, seconds: float) -> str:
    points, most = examiners.points(case)
    got = sum(exercise.points for exercise in marked.exercises)
    right = got == points and marked.status in (case.status, case.or_else)
    trouble = [] if right else [f"expected {case.status}, {points:g}", marked.note]
    words = "; ".join([*trouble, *examiners.leftovers()])
    row = f"| {case.name} | {marked.status} | {got:g}/{most:g} | {seconds:.2f} |"
    return f"{row}\n{words}" if words else row


if __name__ == "__main__":
    main("".join(sys.argv[1:2]))
