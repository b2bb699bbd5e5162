"""The files of a package that are worth copying, and what they say."""

import ast
from collections.abc import Iterator
from pathlib import Path

from autograder.errors import CourseError

_KINDS = {".py", ".safetensors"}  # a backup or a compiled file could hold an answer: left out


def package_files(folder: Path) -> Iterator[Path]:
    """The code and the data of a package, in order: no links, no tests, nothing hidden."""
    for file in sorted(folder.rglob("*")):
        names = file.relative_to(folder).parts
        skipped = any(name.startswith(".") or name in ("tests", "__pycache__") for name in names)
        if file.suffix in _KINDS and file.is_file() and not file.is_symlink() and not skipped:
            yield file


def parse(file: Path) -> ast.Module:
    """The syntax tree of a file; CourseError where it is no Python."""
    try:
        return ast.parse(file.read_bytes())
    except (SyntaxError, ValueError) as error:
        raise CourseError(
            f"{file} is no valid Python: {error}. Expected code that can be copied for marking; "
            "mend the file, or remove it."
        ) from error
