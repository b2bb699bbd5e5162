"""Is the course's configuration read as nbgrader reads it, and fast where that is possible?"""

import pytest

from autograder.course import Course
from autograder.errors import CourseError
from autograder.settings import CONFIG, setting


def configured(root, text: str):
    """The time limit that a configuration sets."""
    (root / CONFIG).write_text(text, encoding="utf-8")
    return setting(root, "Execute", "timeout")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("c = get_config()\nc.Execute.timeout = 7", 7),
        ("c.Execute.timeout = 7\nc.Execute.timeout = 8", 8),
        ('"""A text."""\nimport os\nc.Execute.timeout = -1', -1),
        ("c.Other.timeout = 7", None),
        ("c.Execute.timeout = 7\nif True:\n    c.Execute.timeout = 9", 9),
        ("c.Execute.timeout = 2 * 7", 14),
        ("e = c.Execute\ne.timeout = 7", 7),
        ("c.Execute.timeout = 7\nc.update({'Execute': {'timeout': 8}})", 8),
    ],
)
def test_a_setting_has_the_value_that_running_the_file_gives_it(tmp_path, text, value):
    assert configured(tmp_path, text) == value


def test_a_plain_file_is_not_run(tmp_path):
    assert configured(tmp_path, "import no_such_module\nc.Execute.timeout = 7") == 7


@pytest.mark.parametrize("text", ["c.Execute.timeout = ", "c.Execute.timeout = 1 / 0"])
def test_a_broken_file_is_a_sentence(tmp_path, text):
    with pytest.raises(CourseError, match=f"{CONFIG} cannot be run: .*Error.*Mend it"):
        configured(tmp_path, text)


def test_the_gradebook_is_the_given_one_else_the_configured_one_else_nbgraders_own(tmp_path):
    (tmp_path / CONFIG).write_text("c = get_config()", encoding="utf-8")
    assert Course(tmp_path).gradebook_url == f"sqlite:///{tmp_path}/class/gradebook.db"
    url = "postgresql://me:secret@host:5432/marks?password=secret"
    (tmp_path / CONFIG).write_text(f"c.CourseDirectory.db_url = {url!r}", encoding="utf-8")
    assert Course(tmp_path).gradebook_url == url
    assert Course(tmp_path).gradebook_name == "postgresql://host/marks"
    given = Course(tmp_path, gradebook="sqlite:////there/g.db")
    assert given.gradebook_url == "sqlite:////there/g.db"
    assert given.gradebook_name == "/there/g.db"
    assert "secret" not in repr(Course(tmp_path, gradebook=url))


def test_a_course_may_be_in_a_folder_of_any_name(tmp_path):
    root = tmp_path / "50%20 ? #a"
    root.mkdir()
    (root / CONFIG).write_text("c = get_config()", encoding="utf-8")
    assert Course(root).gradebook_name == f"{tmp_path}/50%20 ? #a/class/gradebook.db"
