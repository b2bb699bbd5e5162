"""Building and releasing: what is written, what is refused, and when nothing is to do."""

import shutil

import pytest
from nbgrader.api import Gradebook

from autograder import release as release_module
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
        assert not released.release.parent.exists()
    finally:
        helper.unlink()
        release(released, force=True)
    assert not (released.release.parent / "helper.py").exists()


def renamed_exercise(lab) -> None:
    text = lab.source.read_text(encoding="utf-8")
    lab.source.write_text(text.replace('"l2_penalty-tests"', '"other-tests"'), encoding="utf-8")
    release_module._build_stamp(lab).write()


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # of nbgrader's own code
@pytest.mark.parametrize("student", ["sample-ada", "ada"])
def test_other_exercises_are_released_over_a_sample_class_and_refused_over_marks(
    released, tmp_path, student
):
    root = tmp_path / "copy"
    shutil.copytree(released.course.root, root)
    lab = type(released.course)(root).lab(released.name)
    with Gradebook(lab.course.gradebook_url) as gradebook:
        gradebook.add_student(student)
        gradebook.add_submission(lab.name, student)
    build(lab)
    renamed_exercise(lab)
    if student == "ada":
        with pytest.raises(CourseError, match="other exercises than those that 1 students"):
            release(lab)
        assert lab.release.exists()
    else:
        assert "scanned" in release(lab)


def test_a_broken_gradebook_is_one_sentence(released, tmp_path):
    root = tmp_path / "copy"
    shutil.copytree(released.course.root, root)
    lab = type(released.course)(root).lab(released.name)
    build(lab)
    (lab.course.nbgrader / "gradebook.db").write_bytes(b"no database" * 1000)
    with pytest.raises(CourseError, match=r"cannot be used: .*Put a backup in its place"):
        release(lab, force=True)
