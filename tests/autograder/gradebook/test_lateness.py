"""Is the time of a submission read, and lateness punished, as nbgrader does?"""

import shutil
from pathlib import Path

import pytest
from nbgrader.utils import parse_utc

from autograder.errors import CourseError
from autograder.gradebook import configured_penalty, read_timestamp
from autograder.gradebook.lateness import bounded

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01 12:00:00.123456 UTC", "2026-03-01 12:00:00 UTC", "2026-03-01T12:00:00+02:00",
        "2026-03-01 12:00:00.5 America/New_York", "2026-03-01 12:00 -18000", "1 March 2026 9:30",
        "2026-03-01 12:00:00.000001 Nowhere/Land", " 2026-03-01 12:00:00.1 UTC\n",
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore::dateutil.parser.UnknownTimezoneWarning")
def test_a_time_is_read_as_nbgrader_reads_it(tmp_path, text):
    (tmp_path / "timestamp.txt").write_text(text, encoding="utf-8")
    assert read_timestamp(tmp_path) == parse_utc(text.strip())


def test_no_file_or_an_empty_one_is_no_time(tmp_path):
    assert read_timestamp(tmp_path) is None
    (tmp_path / "timestamp.txt").write_text(" \n")
    assert read_timestamp(tmp_path) is None


@pytest.mark.parametrize(
    "hostile",
    [b"yesterday", b"\xff\xfe", b"9" * 90, b"1 " * 1_000_000, b"0001-01-01 00:00:00 86400", b"\0"],
    ids=["word", "not-utf8", "digits", "huge", "before-time", "nul"],
)
def test_what_is_no_time_is_a_sentence(tmp_path, hostile):
    (tmp_path / "timestamp.txt").write_bytes(hostile)
    with pytest.raises(CourseError, match=r"no time that can be read.*Expected something like"):
        read_timestamp(tmp_path)


def test_a_folder_in_its_place_is_a_sentence(tmp_path):
    (tmp_path / "timestamp.txt").mkdir()
    with pytest.raises(CourseError, match="IsADirectoryError"):
        read_timestamp(tmp_path)


def course(root: Path, more: str) -> Path:
    shutil.copyfile(ROOT / "nbgrader_config.py", root / "nbgrader_config.py")
    with (root / "nbgrader_config.py").open("a") as file:
        file.write(more)
    return root


def test_our_own_configuration_costs_nothing():
    assert configured_penalty(ROOT)("ada", 3.0, 60.0) is None


def test_the_configured_method_is_used(tmp_path):
    root = course(tmp_path, 'c.LateSubmissionPlugin.penalty_method = "zero"\n')
    assert configured_penalty(root)("ada", 3.0, 60.0) == 3.0


def test_a_plugin_of_the_course_is_used_and_its_failure_is_a_sentence(tmp_path):
    plugin = """
from nbgrader.plugins import BasePlugin
class Hourly(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return {"ada": total_seconds_late / 3600}[student_id]
c.AssignLatePenalties.plugin_class = Hourly
"""
    penalty = configured_penalty(course(tmp_path, plugin))
    assert penalty("ada", 3.0, 7200.0) == 2.0
    with pytest.raises(CourseError, match=r"'bob' \(3 points, 60 s late\): KeyError"):
        penalty("bob", 3.0, 60.0)


@pytest.mark.parametrize(
    ("asked", "kept"), [(None, None), (2.0, 2.0), (-1.0, 0), (9.0, 3.0), (float("nan"), None)]
)
def test_a_penalty_is_neither_negative_nor_more_than_the_points(asked, kept):
    assert bounded(asked, 3.0) == kept
