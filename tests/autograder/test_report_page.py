"""Does an instructor find everything on the class report, and can a student's words do harm?"""

import html
import re
import shutil
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from autograder.class_report import histogram
from autograder.class_report import page as report_page
from autograder.class_report.page import class_page
from autograder.class_report.write import write_class_report
from autograder.errors import CourseError
from autograder.papers.page import feedback_page
from autograder.results import Status
from coursekit import check
from tests.autograder.papers.samples import ATTACKS, paper
from tests.autograder.report_samples import (
    LAB,
    failed,
    large_class,
    mark,
    result,
    unreadable,
)

TAGS = {
    *("a", "b", "bdi", "body", "code", "dd", "details", "div", "dl", "dt", "figcaption", "figure"),
    *("footer", "h1", "h2", "h3", "header", "li", "main", "nav", "p", "path", "rect", "section"),
    *("span", "strong", "summary", "svg", "table", "tbody", "td", "text", "th", "thead", "title"),
    *("tr", "ul", "wbr"),
}


def made(*results, waiting=(), links=None) -> str:
    return class_page(LAB, results, waiting=waiting, links=links or {})


def body(page: str) -> str:
    return page[page.index("<body>") :]


def text(page: str) -> str:
    """What is to be read, as one line."""
    inline = re.sub(r"</?(a|b|bdi|code|span|strong|wbr)\b[^>]*>", "", body(page))
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", inline)).split())


def hostile_class():
    """Every attack in every place that a student can reach, and some that none can."""
    for number, attack in enumerate([*ATTACKS, "".join(ATTACKS)]):
        lost = mark(0, "l2_penalty", message=attack, misconception=attack)
        yield result(f"{number}{attack}", lost, note=attack, layers=(attack,))
        yield failed(f"{number}{attack}", attack)


def test_the_page_has_the_class_its_exercises_and_its_students():
    no_half = mark(0, "l2_penalty", misconception="no_half", message="CheckFailed: a secret")
    page = made(
        result("ada", mark(2), mark(2, "l2_penalty")),
        result("bo", mark(1), no_half, status=Status.ERROR, note="wrong: l2_penalty"),
        unreadable("cy"),
        links={"ada": "../ada.html"},
        waiting=["dan"],
    )
    said = text(page)
    for words in (
        "4 submissions, 2 of them marked, 1 that could not be read and have 0 points, 1 still",
        "Mean 2.5 of 4",
        "l2_penalty 1 of 2 1 0 1",
        "double 1.5 of 2 1 1 0",
        "no_half 1 student " + check.l2_penalty.hint("no_half"),
        "A part of the 2 points: 1 (1×).",
        "bo 1 error in an exercise wrong: l2_penalty",
        "Still to be graded: dan.",
        "The code of 2 submissions was held by: limits, landlock.",
        "error in an exercise an exercise ended in an error 1",
    ):
        assert words in said, words
    assert said.index("l2_penalty") < said.index("double")
    assert '<a href="../ada.html"><bdi>ada</bdi></a>' in page
    assert "<bdi>bo</bdi></th>" in page


def test_a_message_which_may_quote_a_call_is_not_on_the_page():
    page = made(result("ada", mark(0, message="expected 24691", misconception="halves")))
    assert "24691" not in page
    assert "halves" in page


def test_failures_of_the_machine_stand_first_with_what_to_do():
    page = text(made(*large_class(3), failed("zoe", "no process left")))
    assert page.index("1 submission could not be graded") < page.index("Mean")
    assert f"autograder grade {LAB}" in page
    assert "zoe: no process left" in page
    assert "could not be read" not in page
    assert "could not be graded" not in text(made(*large_class(3)))


def test_hundreds_of_failures_do_not_push_away_the_rest():
    page = text(made(*(failed(f"student-{n:03}") for n in range(300))))
    assert "300 submissions could not be graded" in page
    assert page.count("no process left") == 50 + 300
    assert "The others are in the table below." in page


@pytest.mark.parametrize("results", [[], [failed("ada")], [unreadable("ada")]])
def test_a_class_without_marks_has_a_page_that_says_so(results):
    page = text(made(*results))
    assert "No submission has marks yet." in page
    assert "No exercise has marks yet." in page
    assert "Nothing was run." in page
    assert ("ada" in page) is bool(results)


def test_an_exercise_without_points_and_one_without_losses_say_so():
    free = mark(0, "free", max_points=0.0)
    page = text(made(result("ada", free, mark(2))))
    assert "free no points – – –" in page
    assert page.count("Nobody lost points.") == 2


def test_many_different_part_marks_and_mistakes_are_summed_up():
    marks = [mark(n / 10, misconception=f"mistake_{n}") for n in range(1, 20)]
    page = text(made(*(result(f"student-{n}", m) for n, m in enumerate(marks))))
    assert "0.8 (1×), and others." in page
    assert "Less often: mistake_14 (1)," in page


def test_hints_keep_their_code_and_an_unknown_mistake_its_name():
    lost = [mark(0, "dropout_forward", misconception=m) for m in ("training_inverted", "<b>")]
    page = made(result("ada", lost[0]), result("bo", lost[1]))
    assert "Look at your <code>if</code>." in page
    assert "<code>&lt;b&gt;</code>" in page


def test_the_histogram_has_a_bar_for_each_number_and_a_table_that_says_the_same():
    results = large_class(60)
    page = made(*results)
    bars = [int(n) for n in re.findall(r'<text class="count"[^>]*>(\d+)</text>', page)]
    table = re.findall(r"<th scope=\"row\">[\d.]+ to [^<]*</th><td>(\d+)</td>", page)
    assert sum(bars) == 60
    assert bars == [int(n) for n in table if n != "0"]
    drawn = re.findall(r'class="bar".* y="([\d.]+)" .* height="([\d.]+)"', page)
    heights = [float(height) for _, height in drawn]
    assert {round(float(y) + float(height), 2) for y, height in drawn} == {histogram.BASE}
    assert [h / max(heights) for h in heights] == pytest.approx(
        [n / max(bars) for n in bars], abs=1e-3
    )


def test_hostile_names_and_notes_are_text():
    page = made(*hostile_class(), waiting=ATTACKS)
    page.encode("utf-8")
    tags = re.findall(r"<[a-zA-Z][^>]*>", body(page))
    assert {re.split(r"[\s>]", tag[1:])[0] for tag in tags} <= TAGS
    assert not any(re.search(r"\son\w+\s*=|javascript:|evil\.test", tag) for tag in tags)
    assert page.count("<style>") == page.count("</style>") == 1
    assert "&lt;script&gt;" in page
    assert not re.search("[\x00-\x08\x1b\ud800]", page)


def test_words_that_run_backwards_stay_in_their_place():
    page = made(result("a\u202eb", mark(), note="\u202enote \u2066"), result("עדה", mark()))
    assert "<bdi>ab</bdi>" in page
    assert "<bdi>עדה</bdi>" in page
    assert not re.search("[\u200e\u200f\u202a-\u202e\u2066-\u2069]", page)


def test_a_class_of_thousands_who_write_books_has_a_page_that_can_be_opened():
    note = "time-out: <b>&\"'" + "everything went wrong " * 500
    results = large_class(3000, note)
    page = made(
        *results, links={r.student: f"../../../class/feedback/{r.student}" for r in results}
    )
    assert len(page.encode("utf-8")) < 2_000_000
    assert "student-2999" in page
    assert "…</bdi>" in page
    alone = made(*large_class(1, note))
    assert alone.count("everything") > 40
    assert len(alone) < 30_000


def test_the_same_results_give_the_same_bytes():
    report_page._template.cache_clear()
    first = made(*hostile_class(), *large_class(30))
    report_page._template.cache_clear()
    assert made(*hostile_class(), *large_class(30)) == first


def test_the_policy_is_that_of_feedback_pages_and_comes_before_anything_it_must_govern():
    page = made(*large_class(3))
    policy = r'<meta http-equiv="Content-Security-Policy"[^>]*>'
    (mine,), (theirs,) = (re.findall(policy, p) for p in (page, feedback_page(paper())))
    assert mine == theirs
    assert page.index(mine) < page.index("<title>") < page.index("<style>")
    assert not re.search(r"<script|https?:|url\(|@import|\bsrc=|<form|<link", page)


def hand_in(lab, *students: str) -> None:
    for student in students:
        (lab.course.nbgrader / "submitted" / student / lab.name).mkdir(parents=True)


def test_the_report_is_of_all_who_handed_in_and_links_to_their_feedback(lab):
    names = ["ada", "b o#1?%", "eve", "cy", "dan"]
    hand_in(lab, *names)
    for name in names[:4]:
        result(name, mark()).write(lab.results)
    result("gone", mark()).write(lab.results)
    (lab.results / "cy.json").write_text("no result", encoding="utf-8")
    for name in ("ada", "b o#1?%", "dan"):
        lab.feedback(name).parent.mkdir(parents=True)
        lab.feedback(name).write_text(name, encoding="utf-8")
    path = write_class_report(lab)
    page = path.read_text(encoding="utf-8")
    links = [unquote(urlsplit(link).path) for link in re.findall(r'<a href="(\.[^"]*)">', page)]
    assert [(path.parent / link).read_text("utf-8") for link in links] == ["ada", "b o#1?%"]
    assert "Still to be graded: cy, dan." in text(page)
    assert "gone" not in page
    before = path.read_bytes()
    assert write_class_report(lab).read_bytes() == before


def test_without_a_class_there_is_no_report(lab):
    hand_in(lab, "ada")
    shutil.rmtree(lab.course.nbgrader / "submitted")
    with pytest.raises(CourseError, match="No submissions"):
        write_class_report(lab)
    assert not Path(lab.results, "report.html").exists()
