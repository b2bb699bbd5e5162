"""Is Markdown readable and inert, and code coloured and inert?"""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.papers.markup import code_html, markdown_html, plain_html
from tests.autograder.papers.samples import ATTACKS

PIECES = st.sampled_from(
    [*ATTACKS, "`", "```\n", "$", "$$", "\n\n", "[", "](", ")", "<", ">", "- ", "> ", "|", "&lt;"]
)


def test_markdown_is_below_the_pages_own_headings():
    assert markdown_html("# One\n\n## Two") == "<h3>One</h3>\n<h4>Two</h4>\n"
    assert "<h6>" in markdown_html("###### Six")


def test_formulas_tables_and_emphasis_are_drawn():
    html = markdown_html("A *word* and $x^2$.\n\n$$y$$\n\n| a | b |\n|---|--:|\n| $z$ | 2 |\n")
    assert "<em>word</em>" in html
    assert html.count("<math") == 3
    assert '<math display="block">' in html
    assert '<td style="text-align:right">2</td>' in html


def test_a_picture_from_elsewhere_becomes_its_description():
    html = markdown_html("![a cat](http://evil.test/cat.png)")
    assert html == "<p>(picture: a cat)</p>\n"


def test_code_is_coloured_and_a_tag_in_it_is_text():
    html = code_html("def f():\n    return '<script>'  # x")
    assert '<span class="k">def</span>' in html
    assert "&lt;script&gt;" in html
    assert code_html("\n\nx = 1").startswith("\n\n")


def test_what_is_too_long_is_shown_plain():
    assert markdown_html("*a*" * 4000).startswith('<pre tabindex="0">*a*')
    assert code_html("def " * 3000) == "def " * 3000
    assert "<b" not in markdown_html("<b>" * 4000)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(PIECES | st.text(max_size=8), max_size=12))
def test_whatever_is_mixed_the_result_is_inert(pieces):
    text = "".join(pieces).encode("utf-8", "replace").decode()
    for html in (markdown_html(text), code_html(text)):
        tags = "".join(re.findall(r"<[A-Za-z][^>]*>", html))
        assert not re.search(r"<(script|img|svg|style|iframe|meta|form)|\son\w+=", tags)
        assert not re.search(r"javascript:|data:|url\(", tags)
    assert plain_html(text).count("<") == 2
