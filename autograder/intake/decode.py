"""Bytes to a draft: a notebook's cells as plain text with the ids they carry, and nothing else.

No schema is needed: what is not understood is left out, since only text is ever taken from a
submission. Every version of the format is read by the fields that it has.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from autograder.intake.basket import HandedFile
from autograder.intake.outcome import NotTakenError, refused, shown, unreadable
from autograder.intake.slim import TooLargeError, slim
from autograder.intake.text import as_utf8, clean, sides

MAX_CELLS = 5000
MAX_CELL_TEXT = 500_000  # characters
_LONGEST_NUMBER = 20
_MAX_HEADING = 6
_OTHERS = {  # that have a notebook's name, or were saved in its place
    b"<!DOCTYPE": "a web page",
    b"<!doctype": "a web page",
    b"<html": "a web page",
    b"%PDF": "a PDF",
    b"PK\x03\x04": "a zip archive under another name",
    b"\x1f\x8b": "a gzip archive",
    b"version https://git-lfs": "a pointer of Git LFS and not the file that it stands for",
}
_SCRIPT_CELL = re.compile(r"^# ?%%(.*)\n?", re.MULTILINE)


@dataclass(frozen=True)
class Piece:
    """A cell as handed in; what it says of itself may be wrong."""

    kind: str
    text: str
    id: str = ""
    grading: dict[str, Any] = field(default_factory=dict)

    @property
    def grade_id(self) -> str:
        """The grade id that the cell carries, or ""."""
        found = self.grading.get("grade_id")
        return found if isinstance(found, str) else ""


@dataclass(frozen=True)
class Draft:
    """A notebook as handed in, and notes on how it had to be read."""

    file: str
    pieces: tuple[Piece, ...]
    notes: tuple[str, ...] = ()
    is_script: bool = False


def drafts(file: HandedFile) -> list[Draft]:
    """The notebook in a file; two where it has two sides of a merge; NotTakenError for none."""
    if not file.content.strip(b"\x00 \t\r\n"):
        raise unreadable(f"{file.name} is empty.")
    if other := next((o for head, o in _OTHERS.items() if file.content.startswith(head)), None):
        raise unreadable(f"{file.name} is {other}. Hand in the notebook itself, the .ipynb file.")
    try:
        content, note = as_utf8(file.content)
    except ValueError:
        raise unreadable(f"{file.name} is no text. Hand in the notebook file itself.") from None
    found = Draft(file.name, (), (note,) if note else ())
    if file.name.lower().endswith(".py"):
        return [_script(found, content)]
    both = sides(content)
    return [_notebook(found, content)] if len(both) == 1 else _merged(found, both)


def _merged(found: Draft, both: list[bytes]) -> list[Draft]:
    """Each side that can be read; NotTakenError where neither can."""
    read, errors = [], []
    for whose, side in zip(("first", "second"), both, strict=True):
        note = f"the file was an unfinished merge; its {whose} side was taken"
        try:
            read.append(_notebook(replace(found, notes=(*found.notes, note)), side))
        except NotTakenError as error:
            errors.append(error)
    if not read:
        raise errors[0]
    return read


def _notebook(found: Draft, content: bytes) -> Draft:
    tree = _parse(found.file, content)
    cells = _cells(tree)
    if cells is None:
        raise unreadable(f"{found.file} is not a Jupyter notebook: it has no cells.")
    if len(cells) > MAX_CELLS:
        raise refused(f"{found.file} has {len(cells)} cells. The limit is {MAX_CELLS}.")
    pieces = tuple(_piece(cell) for cell in cells if isinstance(cell, dict))
    lost = len(cells) - len(pieces)
    notes = [*found.notes, *_foreign_language(tree)]
    notes += [f"{lost} of the entries among the cells were no cells"] if lost else []
    return _checked(replace(found, pieces=pieces, notes=tuple(notes)))


def _script(found: Draft, content: bytes) -> Draft:
    """The cells of a Python script, cut at `# %%`; one cell where it has no such line."""
    if len(content) > MAX_CELL_TEXT:
        raise refused(f"{found.file} has more than {MAX_CELL_TEXT} bytes. Hand in the notebook.")
    cut = _SCRIPT_CELL.split(clean(content.decode()))
    pieces = tuple(
        Piece("markdown" if "[markdown]" in title else "code", text.strip("\n"))
        for title, text in zip(["", *cut[1::2]], cut[0::2], strict=True)
        if text.strip()
    )
    notes = (*found.notes, "a Python script was handed in")
    return _checked(replace(found, pieces=pieces, notes=notes, is_script=True))


def _checked(found: Draft) -> Draft:
    """The draft with one side of merges inside of its cells; NotTakenError for endless cells."""
    if any(len(piece.text) > MAX_CELL_TEXT for piece in found.pieces):
        limit = f"more than {MAX_CELL_TEXT} characters"
        raise refused(f"{found.file} has a cell of {limit}. Shorten it.")
    pieces = tuple(_unmerged(piece) for piece in found.pieces)
    if pieces == found.pieces:
        return found
    note = "a cell was an unfinished merge; its first side was taken"
    return replace(found, pieces=pieces, notes=(*found.notes, note))


def _unmerged(piece: Piece) -> Piece:
    found = sides(piece.text.encode())
    return piece if len(found) == 1 else replace(piece, text=found[0].decode())


def _parse(name: str, content: bytes) -> object:
    try:
        text = slim(content).decode().strip("\x00 \t\r\n")
        return json.loads(text, strict=False, parse_int=_int, parse_float=_float)
    except TooLargeError:
        raise refused(f"{name} has more in it than a notebook needs. Hand in less.") from None
    except RecursionError:
        raise refused(f"{name} is nested too deeply for a notebook.") from None
    except json.JSONDecodeError as error:
        where = f"{error.msg} at line {error.lineno}"
        raise unreadable(
            f"{name} is not JSON, or only the beginning of it: {where}. Save and upload it again."
        ) from None


def _int(digits: str) -> int:
    return int(digits) if len(digits) < _LONGEST_NUMBER else 0


def _float(digits: str) -> float:
    return float(digits) if len(digits) < _LONGEST_NUMBER else 0.0


def _cells(tree: object) -> list[Any] | None:
    """The list of cells; before version 4 of the format it was cut into worksheets."""
    if not isinstance(tree, dict):
        return None
    if isinstance(tree.get("cells"), list):
        return tree["cells"]
    sheets = tree.get("worksheets")
    if not isinstance(sheets, list):
        return None
    lists = [sheet.get("cells") for sheet in sheets if isinstance(sheet, dict)]
    return [cell for cells in lists if isinstance(cells, list) for cell in cells]


def _foreign_language(tree: object) -> Iterator[str]:
    """Yield a note where the notebook was written for another language; kernel names differ."""
    metadata = _member(tree, "metadata")
    for place, key in (("language_info", "name"), ("kernelspec", "language")):
        language = _member(_member(metadata, place), key)
        if isinstance(language, str) and language and "python" not in language.lower():
            yield f"the notebook says that it is in '{shown(language)}'; it was read as Python"
            return


def _member(tree: object, key: str) -> object:
    return tree.get(key) if isinstance(tree, dict) else None


def _piece(cell: dict[str, Any]) -> Piece:
    kind, text = cell.get("cell_type"), _text(cell.get("source", cell.get("input")))
    if kind == "heading":  # before version 4
        level = cell.get("level")
        depth = level if isinstance(level, int) and 1 <= level <= _MAX_HEADING else 1
        kind, text = "markdown", f"{'#' * depth} {text}"
    name, grading = cell.get("id"), _member(cell.get("metadata"), "nbgrader")
    return Piece(
        kind=kind if kind in ("code", "markdown") else "raw",
        text=text,
        id=name if isinstance(name, str) else "",
        grading=grading if isinstance(grading, dict) else {},
    )


def _text(source: object) -> str:
    """A cell's text, which may be cut into lines."""
    lines = source if isinstance(source, list) else [source]
    return clean("".join(line for line in lines if isinstance(line, str)))
