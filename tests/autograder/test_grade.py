"""A class of good, bad and broken submissions: each gets marks and a status, none stops the run."""

import csv
import hashlib
import shutil
from pathlib import Path

import nbformat
import pytest
from filelock import FileLock

from autograder.course import Lab
from autograder.errors import CourseError
from autograder.grade import grade_class
from autograder.leaks import find_leaks, secrets
from autograder.lesson import answers, read_lesson, solution_cells
from autograder.report import print_summary, print_table
from autograder.results import Status, SubmissionResult
from autograder.sample import write_sample_class
from autograder.submission import SAMPLE_PREFIX as PREFIX
from autograder.submission import real_students

TIMEOUT = 6  # seconds; an honest cell of the small lab needs far less


def contents(lab: Lab) -> dict:
    files = (lab.course.nbgrader / "submitted").rglob("*")
    return {p: hashlib.sha256(p.read_bytes()).hexdigest() for p in files if p.is_file()}


@pytest.fixture(scope="module")
def graded(classroom):
    """The sample class, graded once."""
    write_sample_class(classroom)
    before = contents(classroom)
    results = grade_class(classroom, cell_timeout=TIMEOUT, workers=0, report=lambda *_: None)
    assert contents(classroom) == before, "a submission was changed"
    return {r.student.removeprefix(PREFIX): r for r in results}


def test_the_class_is_large_enough_and_all_got_a_result(graded):
    assert len(graded) >= 12
    assert all(isinstance(r.status, Status) for r in graded.values())


@pytest.mark.parametrize(
    ("student", "share", "status"),
    [
        ("perfect", 1, Status.GRADED),
        ("right-but-different-1", 1, Status.GRADED),
        ("right-but-different-2", 1, Status.GRADED),
        ("right-but-different-3", 1, Status.GRADED),
        ("plausible-wrong-1", 0, Status.GRADED),
        ("plausible-wrong-4", 0, Status.GRADED),
        ("untouched", 0, Status.NOT_ATTEMPTED),
        ("syntax-error", 0, Status.ERROR),
        ("raises", 0, Status.ERROR),
        ("infinite-loop", 0, Status.TIME_OUT),
        ("kernel-killed", 0, Status.CRASHED),
        ("deleted-test-cell", 1, Status.REPAIRED),
        ("empty-file", 0, Status.UNREADABLE),
        ("not-json", 0, Status.UNREADABLE),
    ],
)
def test_each_kind_of_submission_gets_its_marks_and_status(graded, student, share, status):
    result = graded[student]
    assert result.status is status, result.note
    assert result.points == share * result.max_points
    assert result.max_points > 0


def test_a_wrong_answer_gets_its_hint(graded):
    (exercise,) = graded["plausible-wrong-1"].exercises
    assert exercise.message.startswith("CheckFailed: l2_penalty: ")
    assert exercise.status is Status.GRADED


def test_notes_say_what_happened(graded):
    assert "the cell 'l2_penalty-tests' was deleted" in graded["deleted-test-cell"].note
    assert "is empty" in graded["empty-file"].note
    assert "time-out" in graded["infinite-loop"].note


def test_the_gradebook_has_the_same_marks(graded, classroom):
    from nbgrader.api import Gradebook

    with Gradebook(classroom.course.gradebook_url) as gradebook:
        for name in ("perfect", "plausible-wrong-1", "deleted-test-cell"):
            submission = gradebook.find_submission(classroom.name, PREFIX + name)
            assert submission.score == graded[name].points
            assert submission.max_score == graded[name].max_points


def test_feedback_has_the_hint_and_no_hidden_test(graded, classroom):
    hidden = {s for s in secrets(read_lesson(classroom.lesson)) if "hidden" in s}
    assert hidden
    for name in ("perfect", "plausible-wrong-1", "syntax-error", "raises", "deleted-test-cell"):
        path = classroom.feedback(PREFIX + name)
        assert list(find_leaks([path], hidden)) == []
    text = classroom.feedback(PREFIX + "plausible-wrong-1").read_text(encoding="utf-8")
    assert "CheckFailed: l2_penalty" in text


def test_grades_csv_lists_everybody(graded, classroom):
    with (classroom.results / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert set(rows) == {PREFIX + name for name in graded}
    assert rows[PREFIX + "untouched"]["status"] == "not attempted"


def test_what_was_graded_is_not_graded_again_unless_it_changed(graded, classroom):
    student = PREFIX + "perfect"
    seen = []

    def again(**options):
        seen.clear()
        report = lambda result, known, total: seen.append(known)  # noqa: E731
        grade_class(
            classroom, cell_timeout=TIMEOUT, workers=0, only=student, report=report, **options
        )
        return seen[0]

    assert again() is True
    assert again(force=True) is False
    (classroom.results / f"{student}.json").write_text("broken", encoding="utf-8")
    assert again() is False
    assert again() is True


def test_marks_missing_from_the_gradebook_are_put_back(graded, classroom):
    from nbgrader.api import Gradebook

    student, seen = PREFIX + "perfect", []
    with Gradebook(classroom.course.gradebook_url) as gradebook:
        gradebook.remove_submission(classroom.name, student)
    report = lambda result, known, total: seen.append(known)  # noqa: E731
    grade_class(classroom, cell_timeout=TIMEOUT, workers=0, only=student, report=report)
    assert seen == [True]
    with Gradebook(classroom.course.gradebook_url) as gradebook:
        found = gradebook.find_submission(classroom.name, student)
        assert found.score == graded["perfect"].points > 0


def test_a_resubmission_is_graded_anew(graded, classroom):
    submitted = classroom.course.nbgrader / "submitted"
    for source, points in (("perfect", 1), ("untouched", 0)):
        target = submitted / "resubmits" / classroom.name
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(submitted / (PREFIX + source) / classroom.name, target)
        (result,) = grade_class(
            classroom, cell_timeout=TIMEOUT, workers=0, only="resubmits", report=lambda *_: None
        )
        assert result.points == points * result.max_points
    assert real_students(classroom.course) == ["resubmits"]
    shutil.rmtree(submitted / "resubmits")


def hand_in(classroom, student: str, answer: str, after: str = "") -> Path:
    """A submission with this answer, and a free cell after everything else."""
    nb = nbformat.read(classroom.student, as_version=4)
    solution_cells(nb)["l2_penalty"].source = answer
    nb.cells.append(nbformat.v4.new_code_cell(after))
    path = classroom.course.nbgrader / "submitted" / student / classroom.name
    path.mkdir(parents=True, exist_ok=True)
    nbformat.write(nb, path / f"{classroom.name}.ipynb")
    return path / f"{classroom.name}.ipynb"


def grade_one(classroom, student: str):
    (result,) = grade_class(
        classroom, cell_timeout=TIMEOUT, workers=0, only=student, report=lambda *_: None
    )
    shutil.rmtree(classroom.course.nbgrader / "submitted" / student)
    return result


def test_a_loop_that_cannot_be_interrupted_is_a_time_out(graded, classroom):
    wait = "    try:\n        time.sleep(1)\n    except BaseException:\n        pass"
    loop = f"import time\nwhile True:\n{wait}"
    hand_in(classroom, "stubborn", loop)
    result = grade_one(classroom, "stubborn")
    assert result.status is Status.TIME_OUT, result.note
    assert result.points == 0


def test_text_that_looks_like_markup_does_no_harm(graded, classroom):
    path = hand_in(classroom, "markup", "x")
    path.write_text(path.read_text(encoding="utf-8").replace('"code"', '"[/b]"', 1))
    result = grade_one(classroom, "markup")
    assert result.status is Status.ERROR
    assert result.points == 0
    print_table([result])


def test_hidden_tests_are_nowhere_to_be_printed(graded, classroom):
    """The student's code runs where no test has ever been."""
    search = """
import gc, sys
texts = [o for o in gc.get_objects() if isinstance(o, str)]
frames = [f for f in sys._current_frames().values()]
while frames[-1].f_back:
    frames.append(frames[-1].f_back)
texts += [str(f.f_locals) + str(f.f_globals) for f in frames] + list(In)
needle = "." + "hidden("
print("something" if any(needle in text for text in texts) else "nothing")
"""
    hand_in(classroom, "nosy", "def l2_penalty(): pass", after=search)
    result = grade_one(classroom, "nosy")
    assert result.status is Status.ERROR
    page = classroom.feedback("nosy").read_text(encoding="utf-8")
    assert "nothing\n" in page
    assert "something\n" not in page
    assert ".hidden(l2" not in page


def test_an_unreadable_resubmission_takes_back_the_marks(graded, classroom):
    from nbgrader.api import Gradebook

    right = answers(read_lesson(classroom.lesson))["l2_penalty"]
    hand_in(classroom, "twice", right)
    first = grade_one(classroom, "twice")
    assert first.points == first.max_points
    hand_in(classroom, "twice", right).write_text("", encoding="utf-8")
    assert grade_one(classroom, "twice").status is Status.UNREADABLE
    assert not classroom.feedback("twice").exists()
    with Gradebook(classroom.course.gradebook_url) as gradebook:
        assert gradebook.find_submission(classroom.name, "twice").score == 0


def test_tests_that_were_not_released_are_not_graded_with(graded, classroom):
    text = classroom.source.read_text(encoding="utf-8")
    classroom.source.write_text(text + " ", encoding="utf-8")
    with pytest.raises(CourseError, match="not released as it is now"):
        grade_class(classroom, report=lambda *_: None)
    classroom.source.write_text(text, encoding="utf-8")


def test_a_student_whose_name_starts_like_a_sample_keeps_the_work(graded, classroom):
    path = hand_in(classroom, f"{PREFIX}jones", "x")
    before = path.read_bytes()
    write_sample_class(classroom)
    assert path.read_bytes() == before
    shutil.rmtree(path.parents[1])


def test_an_unknown_student_is_told_who_is_there(graded, classroom):
    with pytest.raises(CourseError, match=f"Did you mean: .*{PREFIX}perfect"):
        grade_class(classroom, only="sample-perfekt", report=lambda *_: None)


def test_an_unreleased_lab_is_told_what_to_run(lab):
    (lab.course.nbgrader / "submitted" / "ada" / lab.name).mkdir(parents=True)
    with pytest.raises(CourseError, match="autograder release 01_small"):
        grade_class(lab, report=lambda *_: None)


def test_a_failure_that_is_not_the_students_gives_no_final_mark(graded, classroom, monkeypatch):
    from autograder.examiner.mark import Marker
    from autograder.examiner.nursery import InfrastructureError

    def fail(*_, **__):
        raise InfrastructureError("no process left")

    monkeypatch.setattr(Marker, "mark", fail)
    student = PREFIX + "perfect"
    options: dict = {"cell_timeout": TIMEOUT, "workers": 0, "report": lambda *_: None}
    (result,) = grade_class(classroom, force=True, only=student, **options)
    assert result.status is Status.INFRASTRUCTURE_FAILURE
    assert not result.is_final
    monkeypatch.undo()
    (again,) = grade_class(classroom, only=student, **options)
    assert again.status is Status.GRADED
    assert SubmissionResult.read(classroom.results / f"{student}.json") == again


def test_a_dry_run_says_what_would_change_and_writes_nothing(graded, classroom):
    student = "changes"
    options: dict = {"cell_timeout": TIMEOUT, "workers": 0}
    right = answers(read_lesson(classroom.lesson))["l2_penalty"]
    hand_in(classroom, student, right)
    quiet = lambda *_: None  # noqa: E731
    grade_class(classroom, only=student, report=quiet, **options)
    hand_in(classroom, student, right.replace("0.5 * ", ""))
    papers = classroom.feedback(student), classroom.results / f"{student}.json"
    before, changes = [path.read_bytes() for path in papers], []

    def dry_run(**more):
        changes.clear()
        changed = lambda c: changes.append((c.student, c.exercise, c.before, c.after))  # noqa: E731
        grade_class(classroom, only=student, report=quiet, changed=changed, **options, **more)

    for more in ({"dry_run": True}, {"dry_run": True}, {}):
        assert [path.read_bytes() for path in papers] == before
        dry_run(**more)
        assert changes == [(student, "l2_penalty", 2.0, 0.0)]
    dry_run()
    assert changes == []
    shutil.rmtree(classroom.course.nbgrader / "submitted" / student)


def test_two_graders_at_once_do_not_disturb_each_other(graded, classroom):
    with FileLock(classroom.results / ".lock"):  # noqa: SIM117
        with pytest.raises(CourseError, match="is being graded by another process"):
            grade_class(classroom, only=PREFIX + "perfect", workers=0, report=lambda *_: None)


def test_a_run_that_failed_does_not_keep_the_next_one_out(graded, classroom):
    options: dict = {"only": PREFIX + "perfect", "workers": 0, "report": lambda *_: None}
    with pytest.raises(CourseError, match="No layer") as held:  # with its frames, for a while
        grade_class(classroom, require=["magic"], **options)
    assert grade_class(classroom, **options)
    assert held


def test_the_sample_class_is_written_once_and_stays(classroom):
    before = contents(classroom)
    names = write_sample_class(classroom)
    assert contents(classroom) == before
    assert len(set(names)) == len(names)


def test_the_summary_counts_marks_and_mistakes(graded, capsys):
    print_summary(list(graded.values()))
    (line,) = [ln for ln in capsys.readouterr().out.split("\n") if ln.startswith("l2_penalty")]
    marks = [e for r in graded.values() for e in r.exercises]
    full = sum(e.points == e.max_points for e in marks)
    assert line.split()[1:4] == [str(full), "0", str(len(marks) - full)]
    assert "no_half (2), gradient_doubled (1)" in line
