"""Find answers and hidden tests in what is about to be released.

What must stay secret is taken from the source notebook: each line of a solution or of a hidden
test that is long enough to be told from ordinary code. Every released file is read as its readers
could: notebooks as text, HTML without its tags. What is neither text nor a picture, such as
compiled code or an archive, could hold anything and has no business in a release.
"""

import html
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.errors import CourseError
from autograder.lesson import MARKER, graded_cells, solution_cells

MIN_SECRET = 16  # characters without spaces; shorter lines, as `return out`, stand in any code
_OPAQUE = {".pyc", ".pyo", ".so", ".zip", ".gz", ".bz2", ".xz", ".7z", ".tar", ".tgz", ".whl"}
# Pictures, fonts, and the catalogues of words that Sphinx puts into every book.
_HARMLESS = {".png", ".jpg", ".jpeg", ".gif", ".ico", ".woff", ".woff2", ".ttf", ".mo", ".inv"}


def secrets(source: NotebookNode) -> set[str]:
    """The lines of solutions and hidden tests, squeezed, that only the source may hold."""
    return _secret_lines(solution_cells(source)) | hidden_tests(source)


def hidden_tests(source: NotebookNode) -> set[str]:
    """The lines of hidden tests, squeezed."""
    return _secret_lines(graded_cells(source))


def _secret_lines(cells: dict[str, NotebookNode]) -> set[str]:
    hidden = (_squeeze(line) for cell in cells.values() for line in _regions(cell.source))
    return {line for line in hidden if len(line) >= MIN_SECRET}


def find_leaks(files: Iterable[Path], secret_lines: set[str]) -> Iterator[str]:
    """Yield a sentence for every file that shows a secret line or a marker, or is unreadable."""
    for path in files:
        if path.suffix.lower() in _HARMLESS:
            continue
        text = None if path.suffix.lower() in _OPAQUE else _readable(path)
        if text is None:
            yield f"{path} is no text, and could hold a solution. Remove it."
        else:
            found = find_secrets(text, secret_lines)
            yield from (f"{path} shows `{line}`, which only the source may hold." for line in found)


def find_secrets(text: str, secret_lines: set[str]) -> list[str]:
    """The secret lines and the markers in a text, whatever its spaces and quotes."""
    squeezed = _squeeze(text)
    markers = {match.group() for match in MARKER.finditer(text)}
    return sorted(markers | {line for line in secret_lines if line in squeezed})


def refuse_leaks(files: list[Path], secret_lines: set[str]) -> int:
    """The number of files, or CourseError naming every leak."""
    refuse(find_leaks(files, secret_lines))
    return len(files)


def refuse_leaky_notebook(name: str, nb: NotebookNode, secret_lines: set[str]) -> None:
    """CourseError naming every leak of a notebook that is not written yet."""
    found = find_secrets(notebook_strings(nb), secret_lines)
    refuse(f"{name} shows `{line}`, which only the source may hold." for line in found)


def refuse(leaks: Iterable[str]) -> None:
    """CourseError with all the sentences, if there are any."""
    sentences = [f"  - {leak}" for leak in leaks]
    if sentences:
        raise CourseError("Not released:\n" + "\n".join(sentences))


def notebook_strings(nb: NotebookNode) -> str:
    """Every string in a notebook: sources, outputs, metadata, attachments."""
    return "\n".join(_strings(nb))


def _regions(source: str) -> Iterator[str]:
    """The lines between markers."""
    inside = False
    for line in source.split("\n"):
        marker = MARKER.search(line)
        if marker:
            inside = marker.group(1) == "BEGIN"
        elif inside:
            yield line


def _readable(path: Path) -> str | None:
    """What a reader of the file sees, or None where it is no text."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None
    if path.suffix == ".ipynb":
        return notebook_strings(nbformat.reads(text, as_version=4))
    if path.suffix in (".html", ".htm"):
        return text + html.unescape(re.sub(r"<[^>]*>", "", text))
    return text


def _strings(node) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for value in node.values():
            yield from _strings(value)
    elif isinstance(node, list):
        yield "".join(v for v in node if isinstance(v, str))
        for value in node:
            yield from _strings(value)


def _squeeze(text: str) -> str:
    """Without spaces, quotes and backslashes, which differ between a notebook, JSON and HTML."""
    return re.sub(r"[\s\"'\\]+", "", text)
