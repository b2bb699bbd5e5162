"""Building and releasing: what is written, what is refused, and when nothing is to do."""

import shutil

import pytest

from autograder.errors import CourseError
from autograder.release import build, release
from tests.autograder.conftest import edit


def test_building_writes_all_projections(released):
    for path in (released.source, released.solution, released.page, released.student):
        assert path.is_file()


def test_a_changed_lesson_is_built_again_and_released_again(released, tmp_path):
    root = tmp_path / "copy"
    shutil.copytree(released.course.root, root, ignore=shutil.ignore_patterns("submitted"))
    lab = type(released.course)(root).lab(released.name)
    edit(lab.lesson, "# # A small lab", "# # A small lab, revised")
    assert "answers told apart" in build(lab)
    assert build(lab) == "up to date"
    assert "revised" in lab.student.read_text(encoding="utf-8")
    assert "scanned for answers" in release(lab)
    assert release(lab) == "up to date"
    assert "revised" in lab.release.read_text(encoding="utf-8")


def test_a_lesson_that_tells_the_answer_in_its_text_is_refused(lab):
    text = lab.lesson.read_text(encoding="utf-8")
    hidden = next(x for x in text.split("\n") if "check.l2_penalty.hidden" in x)
    lab.lesson.write_text(text + f"\n# %%\nprint({hidden!r})\n", encoding="utf-8")
    with pytest.raises(CourseError, match="shows `"):
        build(lab)
    assert not lab.student.exists()


def test_a_refused_lesson_writes_nothing(lab):
    lab.variants.unlink()
    with pytest.raises(CourseError):
        build(lab)
    assert not lab.source.exists()
    assert not lab.student.exists()


def test_a_helper_file_with_an_answer_in_the_release_is_refused(released):
    text = released.lesson.read_text(encoding="utf-8")
    hidden = next(x for x in text.split("\n") if "check.l2_penalty.hidden" in x)
    helper = released.source.parent / "helper.py"
    helper.write_text(hidden, encoding="utf-8")
    try:
        with pytest.raises(CourseError, match=r"helper\.py shows"):
            release(released, force=True)
    finally:
        helper.unlink()
        release(released, force=True)
    assert not (released.release.parent / "helper.py").exists()
