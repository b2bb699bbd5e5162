"""Markdown and code as inert HTML; the lab's own texts are rendered once for a whole class."""

from functools import lru_cache
from html import escape

import mistune
from mistune.plugins.math import math, math_in_list, math_in_quote
from mistune.plugins.table import table
from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.lexers.python import PythonLexer

from autograder.papers.clean import as_on_a_terminal, inert_html
from autograder.papers.formulas import formula

_LONGEST = 10_000  # characters; what is longer is shown plain, since rendering takes its time
_HEADINGS_ABOVE = 2  # the page's own title and sections


class _Renderer(mistune.HTMLRenderer):
    """HTML below the page's own headings, with MathML, and with words instead of pictures."""

    def __init__(self) -> None:
        super().__init__(escape=False)  # `inert_html` goes over it

    def heading(self, text: str, level: int, **attrs: object) -> str:
        level = min(6, level + _HEADINGS_ABOVE)
        return f"<h{level}>{text}</h{level}>\n"

    def image(self, text: str, url: str, title: str | None = None) -> str:
        return f"(picture: {text or 'without a description'})"

    def block_math(self, text: str) -> str:
        return f"<div>{formula(text, display=True)}</div>\n"

    def inline_math(self, text: str) -> str:
        return formula(text, display=False)


_MARKDOWN = mistune.Markdown(
    renderer=_Renderer(), plugins=[table, math, math_in_list, math_in_quote]
)
_LEXER, _FORMATTER = PythonLexer(stripnl=False, ensurenl=False), HtmlFormatter(nowrap=True)


def markdown_html(text: str) -> str:
    """Markdown with its formulas, as inert HTML."""
    return _rendered(text) if len(text) <= _LONGEST else plain_html(text)


def code_html(source: str) -> str:
    """Python with its colours, to stand in a `pre`."""
    source = as_on_a_terminal(source)
    return _highlighted(source) if len(source) <= _LONGEST else escape(source)


def plain_html(text: str) -> str:
    """Text as a terminal would show it, in a `pre` that the keyboard can scroll."""
    return f'<pre tabindex="0">{escape(as_on_a_terminal(text))}</pre>'


@lru_cache(maxsize=256)
def _rendered(text: str) -> str:
    return inert_html(str(_MARKDOWN(text)))


@lru_cache(maxsize=256)
def _highlighted(source: str) -> str:
    return inert_html(highlight(source, _LEXER, _FORMATTER))
