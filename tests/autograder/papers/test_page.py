"""Does a student find their work, marks and hints on the page, and nothing hidden?"""

import re
from dataclasses import replace

import pytest

from autograder.papers.model import Cell, Exercise
from autograder.papers.page import feedback_page
from autograder.papers.shown import HIDDEN
from tests.autograder.papers.samples import (
    HIDDEN_LINE,
    PNG,
    SVG,
    TEST,
    cell,
    error,
    hostile_paper,
    paper,
    shown,
    stream,
)

ANSWER = cell("code", "def double(x):\n    return x / 2", "solution", outputs=[stream("mine")])


def body(page: str) -> str:
    return page[page.index("<body>") :]


def test_the_page_has_the_work_the_marks_and_the_hint():
    test = cell("code", TEST, "test", outputs=[error("you halve it", "CheckFailed")])
    page = feedback_page(
        paper(ANSWER, test, message="CheckFailed: you halve it", comment="Nearly!", note="late")
    )
    text = re.sub(r"<[^>]*>", "", body(page))
    for said in ("def double(x):", "mine", "Nearly!", "late", "not right yet", "0 of 2", "ada"):
        assert said in text
    assert text.count("CheckFailed: you halve it") == 1
    assert "at line 1" not in text
    anchor = re.search(r'<a href="#([^"]+)">double</a>', page)
    assert anchor
    assert f'id="{anchor.group(1)}"' in page


def test_a_hidden_test_is_not_on_the_page_wherever_it_is_quoted():
    quoting = [
        stream(f"In = ['{HIDDEN_LINE}']"),
        error(HIDDEN_LINE),
        shown(text_html=f"<b>{HIDDEN_LINE}</b>".replace(" ", "\n")),
        {"output_type": "error", "ename": "E", "evalue": "", "traceback": [HIDDEN_LINE]},
    ]
    test = cell("code", TEST, "test", outputs=quoting)
    free = cell("code", "print(In)", "free", outputs=quoting)
    page = feedback_page(paper(ANSWER, free, test, message=HIDDEN_LINE, comment=HIDDEN_LINE))
    assert "secret case" not in page
    assert "24691" not in page
    assert "HIDDEN TESTS" not in page
    assert "assert" in page
    assert "hidden part" in page
    assert page.count(HIDDEN) == len(quoting) + 1 + 2


def test_the_policy_comes_before_anything_it_must_govern():
    page = feedback_page(paper(ANSWER))
    head = page[: page.index("<title>")]
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:;" in head
    assert page.index("Content-Security-Policy") < page.index("<style>")


def test_a_hostile_paper_becomes_a_page_without_active_markup():
    page = feedback_page(hostile_paper())
    tags = set(re.findall(r"<([a-zA-Z][\w-]*)", body(page)))
    page.encode("utf-8")
    assert tags <= {
        *("a", "body", "code", "div", "footer", "h1", "h2", "h4", "header", "li", "main", "math"),
        *("mi", "mo", "mrow", "mtext", "p", "pre", "section", "span", "strong", "table", "tbody"),
        *("td", "th", "thead", "tr", "ul", "b", "u"),
    }
    assert page.count("<style>") == page.count("</style>") == 1
    for attribute in re.findall(r"<[a-zA-Z][^>]*>", body(page)):
        assert not re.search(r"\son\w+\s*=|javascript:|evil\.test", attribute), attribute


def test_pictures_are_shown_with_a_description_and_drawings_as_pictures():
    outputs = [shown(image_png=PNG, text_plain="<Figure>"), shown(**{"image_svg+xml": SVG})]
    page = feedback_page(paper(cell("code", "plot()", "free", outputs=outputs)))
    assert f'<img src="data:image/png;base64,{PNG}" alt="Picture shown by cell' in page
    assert "&lt;Figure&gt;" in page
    assert page.count("<img src=") == 2
    assert "<svg" not in page


def test_one_who_prints_a_book_gets_its_beginning_and_keeps_the_marks():
    flood = [stream(f"line {n}\n" * 1000) for n in range(20)]
    flood += [shown(image_png=PNG[:-8] + "A" * 1_000_000 + PNG[-8:]) for _ in range(3)]
    free = [cell("code", "print()" * 500, "free", outputs=flood) for _ in range(3)]
    page = feedback_page(paper(*free, ANSWER, cell("code", TEST, "test"), message="the hint"))
    without_pictures = re.sub(r"data:image/png;base64,[^\"]*", "", page)
    assert len(without_pictures) < 200_000
    assert len(page) < 3_500_000
    assert page.count("there is too much of it") == 2
    assert "line 0" in page
    assert "characters are not shown" in page
    assert "return</span>" in page
    assert "the hint" in page


def test_an_exercise_without_its_cell_keeps_its_hint_in_the_table():
    page = feedback_page(paper(message="the cell is lost"))
    assert "the cell is lost" in page
    assert "<a href" not in page


@pytest.mark.parametrize(
    ("points", "status", "said"),
    [
        (2, "graded", "passed"),
        (1, "graded", "partly right"),
        (0, "graded", "not right yet"),
        (0, "not attempted", "not attempted"),
        (0, "time-out", "took too long"),
    ],
)
def test_the_result_is_said_in_words(points, status, said):
    made = paper(total=points)
    exercise = Exercise("double", points, 2, status)
    page = feedback_page(replace(made, exercises=[exercise]))
    assert f"<td>{said}</td>" in page


def test_cells_not_run_say_so_and_empty_ones_are_left_out():
    quiet = Cell("code", "explore.show('x')", "free", "a", ran=False)
    page = feedback_page(paper(quiet, Cell("code", "  \n", "free", "b")))
    assert page.count("Not run when this was marked") == 1
    assert page.count('<div class="cell') == 1


def test_the_same_paper_gives_the_same_page():
    assert feedback_page(hostile_paper()) == feedback_page(hostile_paper())


def test_where_there_is_no_answer_the_page_says_where_to_look():
    test = cell("code", TEST, "test")
    missing = "NameError: name 'double' is not defined"
    for message, explained in ((missing, True), (f"your code raised {missing}", False)):
        page = feedback_page(paper(ANSWER, test, message=message))
        assert ("look for an error in the cell that should" in page) == explained
