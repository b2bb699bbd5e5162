"""Is a class that was graded in parts, and merged, the class that was graded in one go?"""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.course import Lab
from autograder.errors import CourseError
from autograder.grade import grade_class, merge_shards
from autograder.results import Status
from autograder.run import merge as module
from autograder.run.shard import Shard
from tests.autograder.run.conftest import OPTIONS, QUIET, STUDENTS, copy, written


@pytest.fixture(scope="module")
def shards(handed_in: Lab, tmp_path_factory) -> Path:
    """Three shards, each graded in a copy of the course of its own."""
    folder = tmp_path_factory.mktemp("downloaded")
    for number in (1, 2, 3):
        lab = copy(handed_in, folder.with_name(f"{folder.name}-{number}") / "course")
        before = written(lab)
        shard = Shard(number, 3)
        results = grade_class(lab, **OPTIONS, shard=shard)
        assert [r.student for r in results] == [s for s in STUDENTS if shard.has(s)]
        assert written(lab) == before, "a shard writes into its own folder alone"
        shutil.copytree(lab.course.build / "shards", folder / f"artifact-{number}")
    return folder


@pytest.fixture
def own(shards: Path, tmp_path: Path) -> Path:
    """A copy of the shards to spoil."""
    return Path(shutil.copytree(shards, tmp_path / "shards"))


@pytest.fixture
def lab(handed_in: Lab, tmp_path: Path) -> Lab:
    """The class, not graded yet."""
    return copy(handed_in, tmp_path / "course")


def test_merged_shards_are_one_run_to_the_last_byte_and_merging_twice_changes_nothing(
    lab, shards, undivided
):
    for _ in range(2):
        results = merge_shards(lab, folders=[shards], **QUIET)
        assert [r.student for r in results] == list(STUDENTS)
        assert written(lab) == undivided
    seen = []
    grade_class(lab, **{**OPTIONS, "report": lambda result, known, total: seen.append(known)})
    assert seen == [True] * len(STUDENTS), "and an ordinary run has nothing left to do"


def test_the_same_shard_twice_and_one_folder_at_a_time_are_no_matter(lab, shards, undivided):
    one, two, three = sorted(shards.iterdir())
    with pytest.raises(CourseError, match=r"All that is there is merged\. No shard has a result"):
        merge_shards(lab, folders=[one], **QUIET)
    merge_shards(lab, folders=[three, shards, two, shards], **QUIET)
    assert written(lab) == undivided


def test_who_is_missing_is_named_with_the_shard_to_grade(lab, shards):
    one, _, three = sorted(shards.iterdir())
    missing = [student for student in STUDENTS if Shard(2, 3).has(student)]
    said = rf"No shard has a result of {', '.join(missing)}\. Grade 2/3, and name all folders\."
    with pytest.raises(CourseError, match=said):
        merge_shards(lab, folders=[one, three], **QUIET)
    assert {p.stem for p in lab.results.glob("*.json")} == {*STUDENTS} - {*missing}


def test_a_result_of_nobody_here_is_named(lab, shards):
    shutil.rmtree(lab.course.nbgrader / "submitted" / "ada")
    with pytest.raises(CourseError, match=r"Of ada there is a result, but no submission here\."):
        merge_shards(lab, folders=[shards], **QUIET)
    assert not (lab.results / "ada.json").exists()


def test_of_many_who_are_missing_the_first_are_named(lab, shards):
    for number in range(12):
        shutil.copytree(
            lab.course.nbgrader / "submitted" / "ada",
            lab.course.nbgrader / "submitted" / f"later-{number:02}",
        )
    with pytest.raises(CourseError, match=r"of later-00, .*, later-09 and 2 more\. Grade"):
        merge_shards(lab, folders=[shards], **QUIET)


def test_a_dry_run_writes_nothing(lab, shards):
    before = written(lab)
    assert len(merge_shards(lab, folders=[shards], dry_run=True, **QUIET)) == len(STUDENTS)
    assert written(lab) == before


def test_what_a_machine_failed_at_once_and_did_later_is_done(lab, own, undivided):
    _change(_result(own, "ada"), status=Status.INFRASTRUCTURE_FAILURE, exercises=[])
    results = merge_shards(lab, folders=[own], **QUIET)
    assert [r.student for r in results if not r.is_final] == ["ada"]
    again = own.parent.parent / "again"
    shutil.copytree(own, again)
    _change(_result(again, "ada"), **json.loads(undivided[f"build/results/{lab.name}/ada.json"]))
    merge_shards(lab, folders=[own, again], **QUIET)
    assert written(lab) == undivided


def _result(shards: Path, student: str) -> Path:
    (path,) = shards.rglob(f"results/*/{student}.json")
    return path


def _paper(shards: Path, student: str) -> Path:
    (path,) = shards.rglob(f"feedback/{student}/*/*.html")
    return path


def _change(path: Path, **fields: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **fields}), "utf-8")


def _link(path: Path) -> None:
    target = path.rename(path.with_name("elsewhere"))
    path.symlink_to(target)


def _about(shards: Path) -> Path:
    return next(iter(sorted(shards.rglob("shard.json"))))


NO_RESULT = "ada.json is no result of '01_small'. Grade that shard anew."
SPOILED: dict[str, tuple[Callable[[Path], object], str]] = {
    "no JSON": (lambda s: _result(s, "ada").write_text("{", "utf-8"), NO_RESULT),
    "deep JSON": (lambda s: _result(s, "ada").write_text("[" * 100_000, "utf-8"), NO_RESULT),
    "no text": (lambda s: _result(s, "ada").write_bytes(b"\xff\xfe"), NO_RESULT),
    "another student": (lambda s: _change(_result(s, "ada"), student="../bo"), NO_RESULT),
    "another lab": (lambda s: _change(_result(s, "ada"), lab="02_other"), NO_RESULT),
    "other layers": (lambda s: _change(_result(s, "ada"), layers=["magic"]), NO_RESULT),
    "more to be had": (lambda s: _change(_result(s, "ada"), max_points=99.0), NO_RESULT),
    "no exercise of the lab": (
        lambda s: _change(_result(s, "ada"), exercises=[_exercise(name="x")]),
        NO_RESULT,
    ),
    "too many points": (
        lambda s: _change(_result(s, "ada"), exercises=[_exercise(points=3.0)]),
        NO_RESULT,
    ),
    "an exercise twice": (
        lambda s: _change(_result(s, "ada"), exercises=[_exercise(), _exercise()]),
        NO_RESULT,
    ),
    "another submission": (
        lambda s: _change(_result(s, "ada"), key="0" * 64),
        "ada.json is of another submission than the one of 'ada' that is here.",
    ),
    "no page": (lambda s: _paper(s, "ada").unlink(), "01_small.html is missing, of which"),
    "a page of no text": (lambda s: _paper(s, "ada").write_bytes(b"\xff"), "is no UTF-8 text"),
    "a linked page": (lambda s: _link(_paper(s, "ada")), "01_small.html is a link."),
    "a linked folder": (lambda s: _link(_paper(s, "ada").parents[1]), "feedback/ada is a link."),
    "a linked result": (lambda s: _link(_result(s, "ada")), "ada.json is a link."),
    "a large page": (
        lambda s: _paper(s, "ada").write_text("x" * 300_000, "utf-8"),
        "01_small.html is larger than 0 MiB.",
    ),
    "a description of nothing": (
        lambda s: _about(s).write_text("[]", "utf-8"),
        "shard.json does not describe a shard (TypeError",
    ),
    "a shard of no class": (
        lambda s: _change(_about(s), shard="4/3"),
        "shard.json does not describe a shard (CourseError: A shard is a part of a class",
    ),
    "a shard of another lab": (
        lambda s: _change(_about(s), lab="02_other"),
        "is of the lab '02_other'. Name folders of '01_small' alone.",
    ),
    "other code": (
        lambda s: _change(_about(s), grader="0" * 64),
        "was graded with other code, or another release of '01_small', than are here.",
    ),
}


def _exercise(**fields: object) -> dict[str, object]:
    exercise = {"name": "l2_penalty", "points": 2.0, "max_points": 2.0, "status": "graded"}
    return {**exercise, **fields}


@pytest.mark.parametrize("how", SPOILED)
def test_a_spoiled_shard_is_a_sentence_and_no_mark(how, lab, own, monkeypatch):
    spoil, said = SPOILED[how]
    monkeypatch.setattr(module, "_MOST", 250_000)
    spoil(own)
    with pytest.raises(CourseError, match=re.escape(said)):
        merge_shards(lab, folders=[own], **QUIET)
    assert not (lab.results / "ada.json").exists()
    assert not lab.feedback("ada").exists()


def test_two_results_of_one_submission_must_be_the_same(lab, own, tmp_path):
    other = Path(shutil.copytree(own, tmp_path / "other"))
    _change(_result(other, "ada"), note="put right")
    with pytest.raises(CourseError, match=r"say different things of 'ada'\. Leave one of them out"):
        merge_shards(lab, folders=[own, other], **QUIET)


def test_shards_of_two_time_limits_are_refused(lab, shards, tmp_path):
    grade_class(lab, **{**OPTIONS, "cell_timeout": 6}, shard=Shard(1, 500))
    with pytest.raises(CourseError, match=r"must be graded under one time limit .*: 6 s, "):
        merge_shards(lab, folders=[shards, lab.course.build / "shards"], **QUIET)


def test_a_folder_without_a_shard_is_a_sentence(lab, tmp_path):
    with pytest.raises(CourseError, match=r"No shard in .*: expected a shard\.json there or below"):
        merge_shards(lab, folders=[tmp_path / "course"], **QUIET)


def test_a_student_stays_in_a_shard_when_others_come():
    """Known values: a shard that was graded yesterday is still the same today."""
    assert [Shard.of(student, 4).number for student in STUDENTS] == [2, 4, 4, 1, 4, 1]
    parts = [{s for s in map(str, range(999)) if Shard(i, 4).has(s)} for i in (1, 2, 3, 4)]
    assert sum(map(len, parts)) == len(set().union(*parts)) == 999
    assert min(map(len, parts)) > 200


@pytest.mark.parametrize("text", ["", "1", "0/3", "4/3", "1/0", "-1/3", "1/3/5", "a/b", "1/99999"])
def test_what_is_no_shard_is_a_sentence(text):
    with pytest.raises(CourseError, match=r"A shard is a part of a class, such as 2/8\. Got"):
        Shard.parse(text)


def test_a_shard_is_read_as_it_is_written():
    assert Shard.parse("2/8") == Shard(2, 8)
    assert str(Shard(2, 8)) == "2/8"
