"""Outputs that a candidate sent: made again from their parts, so that only harmless ones stay."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from autograder.papers.clean import image_data, inert_html, inert_svg, unicode_text, untagged
from autograder.papers.model import Output

Clean = dict[str, Any]
_CLEANERS: dict[str, Callable[[str], str | None]] = {
    "image/png": partial(image_data, "image/png"),
    "image/jpeg": partial(image_data, "image/jpeg"),
    "image/gif": partial(image_data, "image/gif"),
    "image/svg+xml": inert_svg,
    "text/html": inert_html,
    "text/markdown": untagged,
    "text/latex": untagged,
    "text/plain": str,
}
# Cleaning a larger table takes its time, and nobody reads it.
_LONGEST_HTML, _MOST_TAGS = 50_000, 4_000


def inert_outputs(outputs: Iterable[Output]) -> list[Clean]:
    """The outputs in nbformat 4's form, less what is of no known kind."""
    found = (_inert(output) for output in outputs if isinstance(output, Mapping))
    return [clean for clean in found if clean is not None]


def _inert(output: Output) -> Clean | None:
    kind = output.get("output_type")
    if kind == "stream":
        return stream(_text(output.get("text")), error=output.get("name") == "stderr")
    if kind == "error":
        lines = output.get("traceback")
        return {
            "output_type": "error",
            "ename": _text(output.get("ename")),
            "evalue": _text(output.get("evalue")),
            "traceback": [_text(line) for line in lines] if isinstance(lines, list) else [],
        }
    if kind not in ("display_data", "execute_result"):
        return None
    shown: Clean = {"output_type": kind, "data": _data(output.get("data")), "metadata": {}}
    if kind == "execute_result":
        count = output.get("execution_count")
        shown["execution_count"] = count if type(count) is int and count >= 0 else None
    return shown


def stream(text: str, *, error: bool = False) -> Clean:
    """What was printed."""
    return {"output_type": "stream", "name": "stderr" if error else "stdout", "text": text}


def _data(bundle: object) -> dict[str, str]:
    """The known forms of a rich output; a sentence where there is none."""
    found = bundle if isinstance(bundle, Mapping) else {}
    clean = {mime: shown for mime in _CLEANERS if (shown := _form(mime, _text(found.get(mime))))}
    if not clean:
        names = ", ".join(str(mime)[:60] for mime in list(found)[:3]) or "nothing"
        clean["text/plain"] = f"(This output is not shown. It holds: {unicode_text(names)}.)"
    return clean


def _form(mime: str, text: str) -> str | None:
    if mime == "text/html" and (len(text) > _LONGEST_HTML or text.count("<") > _MOST_TAGS):
        return None
    clean = _CLEANERS[mime](text)
    return clean if clean and clean.strip() else None


def _text(value: object) -> str:
    """A string of nbformat's: one, or a list of lines; anything else is empty."""
    if isinstance(value, list):
        value = "".join(part for part in value if isinstance(part, str))
    return unicode_text(value) if isinstance(value, str) else ""
