"""Files beside the notebook that it uses: helpers that it imports, data that it reads.

Cells of the student's own write them, before all others: where the notebook runs, there is nothing
of a submission but its cells, and what these write is held by the same walls. Only files that the
code names come along: an old export or a photo would have every cell behind them.
"""

import re
from base64 import b64encode
from collections.abc import Collection, Iterator, Mapping

from autograder.intake.basket import MAX_BESIDE, Handed, HandedFile
from autograder.intake.outcome import Cell, Role
from autograder.intake.text import clean

_FIT = re.compile(r"[\w.+-]+(?: [\w.+-]+)*")  # parts of a path that need no quoting


def used_beside(notebook: str, cells: Collection[Cell], handed: Handed) -> dict[str, HandedFile]:
    """The files that the notebook of that name uses, by their paths from its folder."""
    near = dict(_near(notebook, handed))
    code = [c.text for c in cells if c.kind == "code" and c.role not in (Role.TESTS, Role.LOCKED)]
    helpers = [_text(path, file) or "" for path, file in near.items() if path.endswith(".py")]
    words = "\n".join([*code, *helpers])
    return {path: file for path, file in near.items() if _is_named(path, words)}


def cells_beside(used: Mapping[str, HandedFile], ids: Collection[str]) -> list[Cell]:
    """The cells that write these files, with ids that are not in `ids`."""
    folders = {path.rpartition("/")[0] for path in used} - {""}
    texts = [f'__import__("os").makedirs("{name}", exist_ok=True)' for name in sorted(folders)]
    texts += [_writes(path, file) for path, file in used.items()]
    free = (name for n in range(len(texts) + len(ids)) if (name := f"beside-{n}") not in ids)
    return [Cell("code", text, Role.OWN, id=next(free)) for text in texts]


def _near(notebook: str, handed: Handed) -> Iterator[tuple[str, HandedFile]]:
    """Yield the files below the notebook's folder, by their paths from there."""
    folder = notebook.rpartition("/")[0]
    for file in (*handed.files, *handed.beside):
        path = file.name.removeprefix(f"{folder}/" if folder else "")
        apart = file.name == notebook or (folder and path == file.name)
        is_fit = all(map(_FIT.fullmatch, path.split("/"))) and len(file.content) <= MAX_BESIDE
        if is_fit and not apart and ".zip/" not in path.lower():
            yield path, file


def _is_named(path: str, words: str) -> bool:
    """Whether the file, the module or the folder at the beginning of its path may be meant."""
    if path.endswith(".ipynb"):  # to be run with %run: most are other tries
        return path in words
    return path.split("/")[0].removesuffix(".py") in words


def _writes(path: str, file: HandedFile) -> str:
    """A cell that writes the file: to be read, where it is text."""
    text = _text(path, file)
    if text is not None:
        return f'%%writefile "{path}"\n{text}'
    data = b64encode(file.content).decode()
    decoded = f'__import__("base64").b64decode("{data}")'
    return f'__import__("pathlib").Path("{path}").write_bytes({decoded});'


def _text(path: str, file: HandedFile) -> str | None:
    """What is in it, if that is text; to Python, lines that end as on Windows mean the same."""
    try:
        text = file.content.decode()
    except UnicodeDecodeError:
        return None
    text = clean(text) if path.endswith(".py") else text
    return text if text.strip() and not re.search("[\x00\r]", text) else None
