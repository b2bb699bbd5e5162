"""Cells as HTML: the student's with their outputs, the lab's with what may be shown of them."""

import base64
from collections.abc import Callable, Iterable, Iterator
from html import escape

from autograder.papers.clean import as_on_a_terminal, unicode_text
from autograder.papers.hidden import hidden_lines, quotes_hidden, without_hidden
from autograder.papers.markup import code_html, markdown_html, plain_html
from autograder.papers.model import Cell, Paper
from autograder.papers.outputs import Clean, inert_outputs

HIDDEN = "(This output quotes a hidden test, and is not shown.)"
_FULL = "<p>(The rest is not shown: there is too much of it.)</p>"
_LONGEST_TEXT = 6_000  # characters of one output; its middle goes first
_LONGEST_SOURCE = 20_000
_LONGEST_MESSAGE = 2_000
_ROOM_FOR_WORK = 150_000  # characters of HTML, for a student's own cells and for all outputs
_ROOM_FOR_PICTURES = 3_000_000


class Room:
    """What still fits on a page: a student who prints a book gets its beginning."""

    def __init__(self, characters: int):
        self._left = characters

    def take(self, html: str) -> str:
        """The HTML where it fits; a sentence the first time that it does not, then nothing."""
        if len(html) <= self._left:
            self._left -= len(html)
            return html
        was_full, self._left = self._left == 0, 0
        return "" if was_full else _FULL


class Shown:
    """Turns the cells of one paper into HTML."""

    def __init__(self, paper: Paper):
        tests = tuple(cell.source for cell in paper.cells if cell.role == "test")
        self._secrets = hidden_lines(tests)
        self._work, self._pictures = Room(_ROOM_FOR_WORK), Room(_ROOM_FOR_PICTURES)

    def source(self, cell: Cell) -> str:
        """The cell's text. A solution is always shown; free cells have limited room."""
        text = _shortened(unicode_text(cell.source), _LONGEST_SOURCE)
        if cell.role in ("locked", "test"):
            text = without_hidden(text).rstrip()
        html = markdown_html(text) if cell.kind == "markdown" else _code(text)
        return self._work.take(html) if cell.role == "free" else html

    def outputs(self, cell: Cell) -> str:
        """What the cell showed; of a test cell only what was printed, its error is the hint."""
        outputs: Iterable[Clean] = inert_outputs(cell.outputs)
        if cell.role == "test":
            outputs = (o for o in outputs if o["output_type"] == "stream")
        return "".join(self._output(output, cell.id) for output in outputs)

    def words(self, message: str) -> str:
        """A hint or a comment as text, without a hidden test."""
        if quotes_hidden([message], self._secrets):
            return HIDDEN
        return _shortened(as_on_a_terminal(unicode_text(message)), _LONGEST_MESSAGE)

    def _output(self, output: Clean, name: str) -> str:
        if quotes_hidden(_strings(output), self._secrets):
            return f"<p>{HIDDEN}</p>"
        kind = output["output_type"]
        if kind == "stream":
            return self._work.take(_text(output["text"]))
        if kind == "error":
            lines = "\n".join(output["traceback"]) or f"{output['ename']}: {output['evalue']}"
            return self._work.take(f'<div class="error">{_text(lines)}</div>')
        return self._rich(output["data"], name)

    def _rich(self, data: dict[str, str], name: str) -> str:
        picture = next((mime for mime in data if mime.startswith("image/")), None)
        if picture is not None:
            alt = f"Picture shown by cell {name}: {data.get('text/plain', 'not described')[:200]}"
            return self._pictures.take(_picture(picture, data[picture], alt))
        mime = next(mime for mime in _FORMS if mime in data)
        return self._work.take(_FORMS[mime](data[mime]))


def _table(html: str) -> str:
    return f'<div class="rich" tabindex="0">{html}</div>'


def _text(text: str) -> str:
    return plain_html(_shortened(text, _LONGEST_TEXT))


# The first that an output has is the one to show.
_FORMS: dict[str, Callable[[str], str]] = {
    "text/html": _table,
    "text/markdown": markdown_html,
    "text/latex": markdown_html,
    "text/plain": _text,
}


def _code(source: str) -> str:
    return f'<pre class="code" tabindex="0"><code>{code_html(source)}</code></pre>'


def _picture(mime: str, data: str, alt: str) -> str:
    """A drawing, too, is shown as a picture: a browser runs and loads nothing in those."""
    if mime == "image/svg+xml":
        data = base64.b64encode(data.encode()).decode()
    return f'<img src="data:{mime};base64,{data}" alt="{escape(as_on_a_terminal(alt))}">'


def _shortened(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    head, tail = longest * 3 // 4, longest // 4
    left_out = len(text) - head - tail
    return f"{text[:head]}\n[… {left_out:,} characters are not shown …]\n{text[-tail:]}"


def _strings(output: Clean) -> Iterator[str]:
    """What can be read in an output; a picture cannot."""
    yield from (output[key] for key in ("text", "ename", "evalue") if key in output)
    yield "".join(output.get("traceback", ()))
    data: dict[str, str] = output.get("data", {})
    yield from (text for mime, text in data.items() if not mime.startswith("image/"))
