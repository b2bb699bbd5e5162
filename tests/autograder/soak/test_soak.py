"""Does a class that is killed again and again end up as one that was left in peace?"""

import random
import shutil
from pathlib import Path

import pytest

from autograder.course import Course, Lab
from autograder.gradebook import LabGradebook, Marks
from tests.autograder.corpus.case import L2, SMALL
from tests.autograder.soak import evidence
from tests.autograder.soak.classroom import hand_in
from tests.autograder.soak.soak import Figures, Soak

OPTIONS = ["--workers", "1", "--timeout", "20"]


def test_a_small_class_survives_kills_with_every_result_the_same(tmp_path: Path):
    figures = Figures(students=24, attackers=5)
    soak = Soak(tmp_path, figures, OPTIONS, lambda *_: None)
    soak.run(SMALL, 2, random.Random(0), hanging=False)
    assert figures.wrong == []
    assert len(figures.kills) == 2
    assert figures.memory > 0


def copied(lab: Lab, root: Path) -> Lab:
    shutil.copytree(lab.course.root, root)
    return Course(root).lab(lab.name)


def score(lab: Lab, points: float) -> None:
    book = LabGradebook(lab.course.gradebook_url, lab.name, penalty=lambda *_: None)
    book.write([Marks("ada", {L2: points})])


def paper(lab: Lab, text: str, name: str = "paper") -> None:
    path = lab.feedback("ada").with_name(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda lab: score(lab, 1.0), ["gradebook: the table grade differs"]),
        (lambda lab: paper(lab, "other"), [f"feedback: ada/{SMALL}/paper differs"]),
        (lambda lab: paper(lab, "", ".paper.1"), [f"feedback: ada/{SMALL}/.paper.1 is too much"]),
        (
            lambda lab: lab.feedback("ada").with_name("paper").unlink(),
            [f"feedback: ada/{SMALL}/paper is missing"],
        ),
        (lambda lab: paper(lab, "<f at 0x7f001234>"), []),
    ],
    ids=["a mark", "a paper", "a file too much", "a file too few", "an address in memory"],
)
def test_the_comparison_sees_what_differs(released, tmp_path, spoil, said):
    labs = [copied(released, tmp_path / name) for name in ("one", "two")]
    for lab in labs:
        score(lab, 2.0)
        paper(lab, "<f at 0x7f005678>")
    assert evidence.differences(*labs) == []
    spoil(labs[0])
    assert evidence.differences(*labs) == said


def test_no_two_of_a_class_are_the_same_and_a_seed_gives_the_same_class(released, tmp_path):
    classes = []
    for name in ("one", "two"):
        lab = copied(released, tmp_path / name)
        classes.append(hand_in(lab, 200, 20, random.Random(1), hanging=True))
        assert len(set(evidence.files(lab)["submitted"].values())) == len(classes[0]) == 200
    assert classes[0] == classes[1]
