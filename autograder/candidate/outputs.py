"""What cells print and show, kept as a notebook keeps it, up to a limit."""

import io
import os
import sys
from collections.abc import Callable
from typing import Any

MOST_CHARACTERS = 100_000  # of one cell's text and pictures as base64
_MOST_OUTPUTS = 1000  # of one cell
_MODULES = sorted({f"{place}{os.sep}" for place in sys.path if place}, key=len, reverse=True)
_SHOWN_AS = {place: "" for place in _MODULES}  # places on this machine
_LIBRARY, _HOME = "/usr/lib/course", "/home/student"
_CUT = "\n[The rest of this output was cut.]\n"


class Outputs:
    """The outputs of the cell that runs now, in nbformat's form."""

    def __init__(self) -> None:
        self.items: list[dict[str, Any]] = []
        self._room, self._runs = 0, False
        self.aside: Callable[[str, str], None] = _drop  # what tests make functions print

    def start(self) -> None:
        """Begin a cell: nothing is there, all room is free."""
        self.items, self._room, self._runs = [], MOST_CHARACTERS, True

    def stop(self) -> list[dict[str, Any]]:
        """End the cell and return its outputs; what is printed later goes `aside`."""
        items, self.items, self._room, self._runs = self.items, [], 0, False
        return items

    def stream(self, name: str, text: str) -> None:
        """Add printed text, to the output before where that is of the same stream."""
        if not self._runs:
            self.aside(name, text)
        if self._is_full or not text:
            return
        text = _sendable(text[: self._room]) + (_CUT if len(text) > self._room else "")
        self._room -= len(text)
        last = self.items[-1] if self.items else {}
        if last.get("name") == name:
            last["text"] += text
        else:
            self.items.append({"output_type": "stream", "name": name, "text": text})

    @property
    def _is_full(self) -> bool:
        return self._room <= 0 or len(self.items) >= _MOST_OUTPUTS

    def show(self, kind: str, data: dict[str, Any], **more: Any) -> None:
        """Add rich output; of what is too large, the plain text alone."""
        texts = {mime: _sendable(v) for mime, v in data.items() if isinstance(v, str)}
        if sum(map(len, texts.values())) > self._room:
            texts = {"text/plain": texts.get("text/plain", "")[: max(self._room, 0)] + _CUT}
        self._room -= sum(map(len, texts.values()))
        if self._room > -len(_CUT) * 2 and len(self.items) < _MOST_OUTPUTS:
            self.items.append({"output_type": kind, "data": texts, "metadata": {}, **more})

    def error(self, name: str, text: str, traceback: list[str]) -> None:
        """Add an error."""
        kept = [_sendable(line[:2000]) for line in traceback[-50:]]
        said = {"ename": _sendable(name), "evalue": _sendable(text[:2000]), "traceback": kept}
        self.items.append({"output_type": "error", **said})


def _sendable(text: str) -> str:
    """The text without half surrogate pairs, which are characters to Python and to nobody else.

    Where things are on this machine is nobody's business, and another place in each run.
    """
    for place, shown in _SHOWN_AS.items():
        text = text.replace(place, shown)
    return text.encode("utf-8", "backslashreplace").decode()


def hide(folder: str) -> None:
    """Show this folder, in which a candidate works, and the course's packages at other places."""
    _SHOWN_AS[sys.path[0]] = _LIBRARY
    _SHOWN_AS[folder] = _HOME
    _SHOWN_AS[f"~{os.sep}{os.path.basename(folder)}"] = "~"  # noqa: PTH119  as IPython has it


def _drop(name: str, text: str) -> None:
    """Nobody listens."""


class Stream(io.TextIOBase):
    """sys.stdout or sys.stderr of the cells."""

    encoding = "utf-8"

    def __init__(self, outputs: Outputs, name: str) -> None:
        self._outputs, self._name = outputs, name

    def writable(self) -> bool:
        """True."""
        return True

    def write(self, text: str) -> int:
        """Keep the text and return its length."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._outputs.stream(self._name, text)
        return len(text)
