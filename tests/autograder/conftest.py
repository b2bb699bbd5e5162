"""A small course, made of one exercise of a real lab, in a folder of its own."""

import re
import shutil
from pathlib import Path

import pytest

from autograder.course import Course, Lab
from autograder.lesson import read_lesson
from autograder.release import build, release

ROOT = Path(__file__).resolve().parents[2]
REAL = ROOT / "notebooks" / "09_regularization"
EXERCISE = "l2_penalty"


def small_lesson() -> str:
    """The real lesson's locked cells and one of its exercises."""
    cells = re.split(r"(?m)^(?=# %%)", (REAL / "lesson.py").read_text(encoding="utf-8"))
    kept = [c for c in cells if re.match(rf'# %% (locked=|(solution|tests)="{EXERCISE}")', c)]
    return "# %% [markdown]\n# # A small lab\n\n" + "".join(kept)


def make_course(root: Path) -> Lab:
    """Write a course with one small lab, nothing built."""
    folder = root / "notebooks" / "01_small"
    folder.mkdir(parents=True)
    shutil.copyfile(ROOT / "nbgrader_config.py", root / "nbgrader_config.py")
    (folder / "lesson.py").write_text(small_lesson(), encoding="utf-8")
    variants = (REAL / "variants.py").read_text(encoding="utf-8")
    only = "".join(f"\n{t} = {{{EXERCISE!r}: {t}[{EXERCISE!r}]}}" for t in ("WRONG", "RIGHT"))
    (folder / "variants.py").write_text(variants + only + "\n", encoding="utf-8")
    return Course(root).lab("01_small")


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """A small lab, nothing built."""
    return make_course(tmp_path)


@pytest.fixture
def source(lab: Lab):
    """The small lab's source notebook."""
    return read_lesson(lab.lesson)


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """A small lab, built and released once; tests only read it."""
    lab = make_course(tmp_path_factory.mktemp("released"))
    build(lab)
    release(lab)
    return lab


@pytest.fixture(scope="module")
def classroom(released: Lab, tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """A copy of the released lab for the tests of one module to hand in and grade."""
    root = tmp_path_factory.mktemp("classroom") / "course"
    shutil.copytree(released.course.root, root)
    return Course(root).lab(released.name)


def edit(path: Path, old: str, new: str) -> None:
    """Replace text that must be there once."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, (old, text.count(old))
    path.write_text(text.replace(old, new), encoding="utf-8")
