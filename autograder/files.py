"""Write files whole or not at all, and notebooks the same way every time."""

import os
from pathlib import Path

import nbformat
from nbformat import NotebookNode


def write_text(path: Path, text: str) -> None:
    """Write through a temporary file beside it: a reader never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_text(text, encoding="utf-8", newline="\n")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def notebook_text(nb: NotebookNode) -> str:
    """The notebook as JSON text; ValidationError where it is no valid notebook."""
    nbformat.validate(nb)
    return nbformat.writes(nb) + "\n"


def write_notebook(path: Path, nb: NotebookNode) -> None:
    """Write a notebook, validated, as `notebook_text` gives it."""
    write_text(path, notebook_text(nb))
