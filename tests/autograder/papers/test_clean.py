"""Can anything that a student writes run, load or leave its place?"""

import base64

import pytest

from autograder.papers.clean import (
    as_on_a_terminal,
    image_data,
    inert_html,
    inert_svg,
    unicode_text,
    untagged,
)
from tests.autograder.papers.samples import ATTACKS, PNG, SVG


@pytest.mark.parametrize("number", range(len(ATTACKS)))
def test_no_attack_survives_as_markup(number):
    html = inert_html(unicode_text(ATTACKS[number]))
    for tag in ("script", "img", "svg", "style", "iframe", "meta", "form", "input", "object"):
        assert f"<{tag}" not in html.lower()
    assert "javascript:" not in html.replace("&lt;", "<").partition("<a")[2].partition(">")[0]
    assert inert_html(html) == html


def test_tables_links_and_formulas_stay():
    table = '<table><thead><tr><th style="text-align:right" colspan="2">a</th></tr></thead></table>'
    assert inert_html(table) == table
    formula = '<math display="block"><msup><mi>x</mi><mn>2</mn></msup></math>'
    assert inert_html(formula) == formula
    link = inert_html('<a href="https://numpy.org" id="total" class="x" target="_top">n</a>')
    assert link == '<a href="https://numpy.org" rel="noopener noreferrer nofollow">n</a>'


def test_of_a_style_only_what_aligns_is_kept():
    html = inert_html('<td style="text-align:left;background:url(http://e);position:fixed">x</td>')
    assert "url" not in html
    assert "position" not in html


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("\x1b[0;31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("10%\r50%\r100%\n", "100%\n"),
        ("kept\r\n", "kept\n"),
        ("kept\r", "kept"),
        ("a\x00b\x08c\x9bd", "abcd"),
        ("tab\tstays", "tab\tstays"),
    ],
)
def test_text_is_as_a_terminal_shows_it(written, seen):
    assert as_on_a_terminal(written) == seen


def test_text_can_be_written_whatever_it_holds():
    assert unicode_text("a\ud800ä").encode("utf-8") == "a?ä".encode()


def test_no_tag_starts_in_untagged_text_and_formulas_read_the_same():
    assert untagged("![x](http://e) [y]: z [a][b]") == "! [x] (http://e) [y] : z [a] [b]"
    assert untagged("$i<n$ <script> </b> <!-- 1 < 2 <3") == "$i< n$ < script> < /b> < !-- 1 < 2 <3"


def test_a_picture_is_what_its_type_says_or_it_is_nothing():
    assert image_data("image/png", f"{PNG[:40]}\n{PNG[40:]}") == PNG
    assert image_data("image/jpeg", PNG) is None
    assert image_data("image/png", base64.b64encode(b"<html>").decode()) is None
    assert image_data("image/png", PNG + '" onerror="pwned()') is None
    assert image_data("image/png", "größe") is None


@pytest.mark.parametrize(
    "active",
    [
        SVG.replace("<rect", "<script>pwned()</script><rect"),
        SVG.replace("<rect", "<rect onclick='x'"),
        SVG.replace("<rect", "<foreignObject/><rect"),
        '<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG,
        "<svg></svg>",
        "http://www.w3.org/2000/svg",
    ],
)
def test_a_drawing_with_anything_active_is_not_shown(active):
    assert inert_svg(SVG) == SVG
    assert inert_svg(active) is None
