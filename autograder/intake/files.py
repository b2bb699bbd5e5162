"""What a student handed in: a file, a folder or a zip archive becomes names and bytes.

Nothing is followed (links), waited for (pipes, devices), written, or read beyond the limits. What
is left aside is told. The name of a file decides little: `decode.py` looks at what is in it.
"""

import os
import stat
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from autograder.intake.basket import (
    MAX_ENTRIES,
    MAX_FILE,
    SNIFF,
    Basket,
    Handed,
    is_noise,
    is_zip,
    may_be_notebook,
)
from autograder.intake.outcome import NotTakenError, refused, shown
from autograder.intake.zips import unzip

MAX_DEPTH = 8

# Waits for no pipe, and fails where a link took the file's place after it was looked at.
_OPEN_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


def collect(path: Path, *, within: Path | None = None) -> Handed:
    """What lies at `path`, a folder or a file, in the order of names.

    Links are refused, also above `path` as far as the folder `within`. OSError where the disk
    fails: that is no fault of the submission.
    """
    basket = Basket()
    with basket.trying(path.name):
        _refuse_links(path, within or path.parent)
        if path.is_dir():
            _collect_folder(path, basket)
        else:
            _collect_file(path, path.name, basket)
    return basket.handed()


def _refuse_links(path: Path, within: Path) -> None:
    for part in (path, *path.parents):
        if within in part.parents and part.is_symlink():
            raise _a_link(part.name)


def _collect_folder(root: Path, basket: Basket) -> None:
    waiting = [(root, root.name, 0)]
    while waiting:
        folder, place, depth = waiting.pop()
        with basket.trying(place):
            for entry in _entries(folder, place, depth, basket):
                name = entry.name if folder == root else f"{place}/{entry.name}"
                if entry.is_dir(follow_symlinks=False):
                    waiting.append((Path(entry.path), name, depth + 1))
                else:
                    with basket.trying(name):
                        _collect_file(Path(entry.path), name, basket)


def _entries(folder: Path, name: str, depth: int, basket: Basket) -> Iterator[os.DirEntry[str]]:
    """What is in a folder, in the order of names; NotTakenError beyond the limits."""
    if depth > MAX_DEPTH:
        raise refused(f"{shown(name)} is more than {MAX_DEPTH} folders deep.")
    with os.scandir(folder) as found:
        entries = list(islice(found, MAX_ENTRIES + 1))
    basket.count(name, len(entries))
    return iter(sorted((e for e in entries if not is_noise(e.name)), key=lambda e: e.name))


def _collect_file(path: Path, name: str, basket: Basket) -> None:
    content = _read(path, name, basket)
    if content is not None and is_zip(name):
        unzip(name, content, basket)
    elif content is not None:
        basket.add(name, content)


def _read(path: Path, name: str, basket: Basket) -> bytes | None:
    """The content of a file; None for one that can be no notebook, which the basket leaves."""
    _refuse_what_is_no_file(path.lstat().st_mode, name)  # opening a device could do something
    with os.fdopen(os.open(path, _OPEN_FLAGS), "rb") as file:
        found = os.fstat(file.fileno())
        _refuse_what_is_no_file(found.st_mode, name)
        head = file.read(SNIFF)
        if not may_be_notebook(name, head):
            return basket.leave(name, head, file)
        basket.check_size(name, found.st_size)
        return head + file.read(MAX_FILE)


def _refuse_what_is_no_file(mode: int, name: str) -> None:
    if stat.S_ISLNK(mode):
        raise _a_link(name)
    if not stat.S_ISREG(mode):
        raise refused(f"{shown(name)} is no ordinary file. Hand in a notebook.")


def _a_link(name: str) -> NotTakenError:
    return refused(f"{shown(name)} is a link. Hand in the file itself.")
