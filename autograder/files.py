"""Write files whole or not at all, and notebooks the same way every time."""

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # it takes seconds to import, and most commands write no notebook
    from nbformat import NotebookNode


def write_text(path: Path, text: str) -> None:
    """Write through a temporary file beside it: a reader never sees half of it.

    The OSError of a disk that refuses names the file itself.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(text, encoding="utf-8", newline="\n")
        temporary.replace(path)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        with contextlib.suppress(OSError):  # there is none where its folder could not be made
            temporary.unlink()


def sweep(folder: Path, name: str = "*") -> None:
    """Remove what killed processes left of the files of that name; nobody may be writing them."""
    for left in folder.glob(f".{name}.[0-9]*"):
        left.unlink(missing_ok=True)


def notebook_text(nb: "NotebookNode") -> str:
    """The notebook as JSON text; ValidationError where it is no valid notebook."""
    import nbformat

    nbformat.validate(nb)
    return nbformat.writes(nb) + "\n"


def write_notebook(path: Path, nb: "NotebookNode") -> None:
    """Write a notebook, validated, as `notebook_text` gives it."""
    write_text(path, notebook_text(nb))
