"""Does one see how far a run is, on a terminal and in a log, and what became of it?"""

import io
import os
import re
import signal
import time
from dataclasses import replace

import pytest
from rich.console import Console

from autograder import report
from autograder.errors import CourseError
from autograder.gradebook import Change, Marks
from autograder.progress import Pace, ProgressLine, duration
from autograder.report import (
    grade_with_progress,
    print_missing_layers,
    print_places,
    print_summary,
    print_table,
)
from autograder.results import Status
from autograder.run.desk import open_gradebook
from autograder.sandbox import LAYERS
from tests.autograder.report_samples import failed, large_class, mark, result, unreadable
from tests.autograder.run.conftest import copy

CHANGES = [
    Change("bo", "late penalty", 0.0, 1.5, None),
    Change("bo", "dropout", 2.0, 3.0, None),
    Change("ada", "dropout", 3.0, 0.0, 1.0),
    Change("cy", "dropout", None, 2.0, None),
]
CHANGED = [
    "  ada, dropout: 3 → 0 (by hand: 1)",
    "  bo, dropout: 2 → 3",
    "  bo, late penalty: 0 → 1.5",
]
HOSTILE = "\x1b]0;owned\x07\x1b[2J\u202eevil\nsecond line"


class Clock:
    """Seconds that pass when they are told to."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


def log(clock, results, *, seconds: float = 0.1, reused: int = 0) -> list[str]:
    """What a run writes where there is no terminal."""
    text = io.StringIO()
    console = Console(file=text, highlight=False, markup=False)
    with ProgressLine("lab", console, Pace(clock)) as line:
        for place, one in enumerate(results):
            clock.now += seconds
            line.add(one, place < reused, len(results))
    return text.getvalue().splitlines()


def test_the_rate_is_that_of_what_was_marked_in_this_run(clock):
    pace = Pace(clock)
    for place in range(30):
        pace.add(result("ada", mark()), place < 20, 100)
    clock.now += 60
    assert pace.rate == 10
    assert pace.left == 7 * 60
    assert pace.words() == "10 a minute, 7:00 left, 1:00 so far"


def test_a_run_that_only_reused_has_no_rate_and_says_no_time_left(clock):
    pace = Pace(clock)
    clock.now += 2
    pace.add(result("ada", mark()), True, 2)
    assert (pace.rate, pace.left) == (None, None)
    assert pace.words() == "0:02 so far"


def test_failures_come_first_and_time_outs_and_crashes_are_counted(clock):
    pace = Pace(clock)
    clock.now += 60
    pace.add(failed("ada"), False, 4)
    for status in (Status.TIME_OUT, Status.CRASHED, Status.ERROR):
        pace.add(result("bo", mark(0), status=status), False, 4)
    assert pace.words() == "1 failed, 4 a minute, 1:00 so far, 2 timed out or crashed"


def test_the_first_moment_divides_by_nothing(clock):
    pace = Pace(clock)
    pace.add(result("ada", mark()), False, 2)
    assert pace.words() == "0:00 so far"


def test_durations_are_read_like_a_clock():
    said = [duration(s) for s in (0, 59.4, 59.6, 3599, 3600, 90061)]
    assert said == ["0:00", "0:59", "1:00", "59:59", "1:00:00", "25:01:01"]


def test_the_log_of_a_small_class_has_a_line_for_each_that_is_new(clock):
    results = [*(result(name, mark()) for name in ("ada", "bo", "cy")), failed("dan")]
    lines = log(clock, results, reused=1)
    assert lines[:2] == ["  2/4 bo: graded", "  3/4 cy: graded"]
    assert lines[2:] == ["  dan: infrastructure failure: no process left"]


def test_the_log_of_a_large_class_stays_short_and_ends_with_the_end(clock):
    lines = log(clock, large_class(3000))
    assert len(lines) == 50
    assert lines[0] == "  60/3000, 600 a minute, 4:54 left, 0:06 so far"
    assert lines[-1] == "  3000/3000, 600 a minute, 5:00 so far"


def test_the_log_of_a_slow_class_is_never_silent_for_long(clock):
    lines = log(clock, large_class(500), seconds=30)
    assert len(lines) == 50 + 500 // 3 - 16
    assert lines[0].startswith("  3/500, ")


def test_a_submission_that_could_not_be_graded_is_named_at_once(clock):
    results = large_class(100)
    results[7] = failed("ada", HOSTILE)
    lines = log(clock, results)
    assert lines.count("  ada: infrastructure failure: evil second line") == 1
    assert len(lines) == 51
    assert "8/100, 1 failed, " in lines[4]


def test_of_many_failures_the_first_are_named(clock):
    lines = log(clock, [failed(f"student-{n}") for n in range(100)])
    named = [line for line in lines if "infrastructure failure" in line]
    assert len(named) == 20
    assert lines.count("  Further failures are only counted.") == 1
    assert "100 failed" in lines[-1]


def test_a_terminal_has_one_line_that_moves(clock):
    text = io.StringIO()
    console = Console(file=text, force_terminal=True, width=120, highlight=False, markup=False)
    with ProgressLine("01_small", console, Pace(clock)) as line:
        for one in large_class(200):
            clock.now += 0.1
            line.add(one, False, 200)
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text.getvalue())
    last = shown.rstrip().replace("\r", "\n").split("\n")[-1]
    assert last.startswith("01_small")
    assert last.rstrip().endswith("200/200 600 a minute, 0:20 so far")
    assert "student-" not in shown


def test_where_no_line_can_be_written_over_there_is_a_log(clock, monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    text = io.StringIO()
    console = Console(file=text, force_terminal=True, highlight=False, markup=False)
    with ProgressLine("lab", console, Pace(clock)) as line:
        line.add(result("ada", mark()), False, 1)
    assert text.getvalue() == "  1/1 ada: graded\n"


def run(lab, capsys, grade, **options) -> str:
    """What a run says on standard error."""
    grade_with_progress(lab, grade=grade, **options)
    return capsys.readouterr().err


@pytest.fixture
def handed_in(lab):
    """A lab with three submissions."""
    for student in ("ada", "bo", "cy"):
        (lab.course.nbgrader / "submitted" / student / lab.name).mkdir(parents=True)
    return lab


def grading(results, *, total: int, stop: BaseException | None = None, changes=()):
    """A stand-in for `grade_class`: it reports these, and then stops or is done."""

    def grade(lab, *, report, changed, dry_run):
        for one in results:
            if not dry_run:
                one.write(lab.results)
            report(one, False, total)
        for change in changes:
            changed(change)
        if stop:
            raise stop
        return results

    return grade


def test_an_interrupted_run_says_what_is_kept_and_that_it_goes_on(handed_in, capsys):
    some = [result("ada", mark()), result("bo", mark())]
    with pytest.raises(KeyboardInterrupt):
        run(handed_in, capsys, grading(some, total=3, stop=KeyboardInterrupt()))
    said = "01_small: stopped. 2 of 3 are done and kept; the next run does the rest."
    assert said in capsys.readouterr().err.splitlines()
    assert "1 still to be graded" in (handed_in.results / "report.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("results", "dry_run", "said"),
    [
        ([], False, "stopped before the first submission was done. The next run starts again."),
        ([result("ada", mark())], True, "stopped. It was a dry run: nothing was written."),
    ],
)
def test_an_interrupted_run_that_kept_nothing_says_so(handed_in, capsys, results, dry_run, said):
    with pytest.raises(KeyboardInterrupt):
        grade = grading(results, total=3, stop=KeyboardInterrupt())
        run(handed_in, capsys, grade, dry_run=dry_run)
    assert said in capsys.readouterr().err
    assert not handed_in.results.exists()


def test_the_end_of_a_run_is_one_line_and_a_report(handed_in, capsys):
    results = [result("ada", mark()), result("bo", mark()), failed("cy")]
    said = run(handed_in, capsys, grading(results, total=3))
    assert re.search(r"(?m)^01_small: 2 graded, 0 of them before; 0:\d\d, \d+ a minute; ", said)
    assert "1 could not be graded: run it again\n" in said
    assert (handed_in.results / "report.html").is_file()


def test_a_dry_run_and_a_part_of_a_class_write_no_report(handed_in, capsys):
    for options in ({"dry_run": True}, {"whole": False}):
        run(handed_in, capsys, grading([result("ada", mark())], total=3), **options)
        assert not (handed_in.results / "report.html").exists()


def test_a_gradebook_that_refuses_marks_costs_no_report(handed_in, capsys):
    trouble = CourseError("All is graded, but the gradebook lacks marks.")
    with pytest.raises(CourseError, match="lacks marks"):
        run(handed_in, capsys, grading([result("ada", mark())], total=1, stop=trouble))
    assert "ada" in (handed_in.results / "report.html").read_text("utf-8")


def test_a_gradebook_that_refuses_the_marks_of_one_hides_no_others_changes(handed_in, capsys):
    trouble = CourseError("All is graded, but the gradebook lacks marks.")
    grade = grading([result("ada", mark())], total=1, stop=trouble, changes=CHANGES)
    with pytest.raises(CourseError, match="lacks marks"):
        run(handed_in, capsys, grade)
    lines = capsys.readouterr().err.splitlines()
    assert lines[1:4] == CHANGED
    assert lines[4].startswith("01_small: 1 graded, 0 of them before")


def test_a_mark_that_changed_twice_is_told_twice(handed_in, capsys):
    twice = [Change("ada", "dropout", None, 2.0, None), Change("ada", "dropout", 2.0, 0.0, None)]
    said = run(handed_in, capsys, grading([result("ada", mark())], total=1, changes=twice))
    assert "\n  ada, dropout: 2 → 0\n" in said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (CHANGES, "of these students marks would change: 2, would get first ones: 1"),
        (CHANGES[:1], "of these students marks would change: 1"),
        (CHANGES[-1:], "of these students would get first ones: 1"),
        ([], "no mark would change"),
    ],
    ids=["both", "changed", "first", "none"],
)
def test_a_dry_run_says_that_it_was_one_and_how_many_marks_would_change(
    handed_in, capsys, changes, said
):
    grade = grading([result("ada", mark())], total=1, changes=changes)
    lines = run(handed_in, capsys, grade, dry_run=True).splitlines()
    assert lines[-1] == f"01_small: a dry run, nothing was written; {said}"


def test_a_dry_run_that_ends_in_trouble_does_not_say_that_no_mark_would_change(handed_in, capsys):
    grade = grading([result("ada", mark())], total=1, stop=CourseError("The gradebook is locked."))
    with pytest.raises(CourseError, match="locked"):
        run(handed_in, capsys, grade, dry_run=True)
    assert "would change" not in capsys.readouterr().err


def test_students_without_this_lab_and_those_who_are_gone_are_named_up_to_ten(
    released, tmp_path, capsys
):
    lab = copy(released, tmp_path / "course")
    gradebook = open_gradebook(lab)
    gradebook.write(
        Marks(student, {"l2_penalty": 1.0}) for student in ("ada", "gone", "lost\x1b[2J")
    )
    for student in ("ada", *(f"later-{n:02}" for n in range(12))):
        (lab.course.nbgrader / "submitted" / student).mkdir(parents=True)
    (lab.course.nbgrader / "submitted" / "ada" / lab.name).mkdir()
    lines = run(lab, capsys, grading([result("ada", mark())], total=1)).splitlines()
    assert lines[-2].endswith(
        "no work of that name in it: later-00, "
        + "".join(f"later-{n:02}, " for n in range(1, 9))
        + "later-09 and 2 more"
    )
    assert lines[-1] == ("01_small: in the gradebook, but no longer in class/submitted: gone, lost")
    part = run(lab, capsys, grading([result("ada", mark())], total=1), whole=False)
    assert "in the gradebook" not in part


def test_the_places_name_the_report_that_was_written(handed_in, capsys):
    run(handed_in, capsys, grading([result("ada", mark())], total=1))
    print_places(handed_in)
    assert f"Report:    {handed_in.results / 'report.html'}\n" in capsys.readouterr().out


def test_layers_that_were_missing_are_named(capsys):
    print_missing_layers([replace(result("ada", mark()), layers=LAYERS)])
    assert capsys.readouterr().out == ""
    print_missing_layers([replace(result("ada", mark()), layers=LAYERS[1:])])
    assert f"without {LAYERS[0]}; `autograder doctor`" in capsys.readouterr().out


def test_a_gradebook_that_was_given_is_not_the_one_that_formgrader_opens(lab, capsys):
    print_places(lab)
    assert "gradebook.db  (make formgrader)\n" in capsys.readouterr().out
    course = replace(lab.course, gradebook="sqlite:////elsewhere/book.db")
    print_places(replace(lab, course=course))
    assert "Gradebook: /elsewhere/book.db\n" in capsys.readouterr().out


def test_the_table_shows_no_control_characters_and_no_book(capsys):
    print_table([result("ada", mark(), note=HOSTILE + "x" * 10_000)])
    out = capsys.readouterr().out
    assert not re.search(r"[^\n\x20-\x7e…]", out)
    assert "evil second" in out
    assert out.count("x") < 500


def test_of_a_large_class_those_who_need_a_look_are_listed_the_worst_first(capsys):
    results = [
        *large_class(150),
        result("bo", mark(0), status=Status.TIME_OUT),
        unreadable("ada"),
        failed("cy"),
    ]
    print_table(results)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["student", "cy", "ada", "bo", "3"]
    assert lines[-1] == "3 of 153 need a look; the others are in grades.csv."


def test_a_large_class_in_which_all_went_wrong_is_no_flood(capsys):
    print_table([unreadable(f"student-{n}") for n in range(3000)])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + 100 + 1
    assert lines[-1].startswith("3000 of 3000 need a look")


def test_the_summary_has_means_totals_and_statuses(capsys):
    print_summary(
        [
            result("ada", mark(2), mark(2, "hard")),
            result("bo", mark(2), mark(0, "hard", misconception="halves")),
            failed("cy"),
        ]
    )
    lines = capsys.readouterr().out.splitlines()
    assert lines[2].split() == ["hard", "1", "0", "1", "1/2", "halves", "(1)"]
    assert lines[3].split() == ["double", "2", "0", "0", "2/2"]
    assert lines[5] == "totals 0      █   █ 4, mean 3, median 3 of 4 points, 2 marked"
    assert lines[6] == "graded: 2, infrastructure failure: 1"


def test_an_exercise_without_points_is_nobodys_success_in_the_summary(capsys):
    print_summary([result("ada", mark(0, max_points=0.0), max_points=0.0)])
    out = capsys.readouterr().out
    assert re.search(r"(?m)^double +0 +0 +0 +0/0", out)
    assert "totals 0" not in out


def test_a_summary_of_nothing_is_quiet(capsys):
    print_summary([])
    assert not capsys.readouterr().out.strip()


def test_on_a_narrow_terminal_names_are_whole(capsys, monkeypatch):
    monkeypatch.setattr(report, "_out", lambda: Console(width=40))
    name, exercise = "student-0123456789", "sgd_weight_decay_step"
    print_table([result(name, mark(1, exercise), note="wrong: something quite long")])
    print_summary([result(name, mark(1, exercise, misconception="decay_lacks_lr"))])
    out = capsys.readouterr().out
    first = [line.split()[0] for line in out.splitlines() if line[:1].strip()]
    assert name in "".join(first)
    assert exercise in "".join(first)


def test_where_bars_cannot_be_printed_there_are_none(capsys, monkeypatch):
    old = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(report, "_out", lambda: Console(file=old, width=100))
    print_summary([result("ada", mark(2))])
    old.flush()
    assert b"\nmean 2, median 2 of 2 points, 1 marked\n" in old.buffer.getvalue()  # pyright: ignore[reportAttributeAccessIssue]


def test_one_submission_is_seen_beside_a_hundred(capsys):
    print_summary([result("ada", mark(0)), *(result("bo", mark(2)) for _ in range(100))])
    assert "\ntotals 0 ▁        █ 2, mean 1.98," in capsys.readouterr().out


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_what_ends_a_process_afterwards_is_as_it_was(lab, number):
    before = signal.getsignal(number)
    grade_with_progress(lab, grade=lambda lab, **_: [])
    assert signal.getsignal(number) == before


def test_a_terminal_that_is_closed_ends_the_run_as_ctrl_c_does(handed_in, capsys):
    def grade(lab, **_) -> list:
        os.kill(os.getpid(), signal.SIGHUP)
        time.sleep(10)
        return []

    before = signal.signal(signal.SIGHUP, lambda *_: pytest.fail("nobody stopped the run"))
    try:
        with pytest.raises(KeyboardInterrupt):
            grade_with_progress(handed_in, grade=grade)
    finally:
        signal.signal(signal.SIGHUP, before)
    assert "stopped before the first submission" in capsys.readouterr().err


def test_a_run_under_nohup_goes_on_when_the_terminal_is_closed(handed_in):
    def grade(lab, **_) -> list:
        os.kill(os.getpid(), signal.SIGHUP)
        return []

    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        grade_with_progress(handed_in, grade=grade)
    finally:
        signal.signal(signal.SIGHUP, before)
