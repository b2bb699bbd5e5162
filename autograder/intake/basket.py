"""What is kept of a submission, and the limits on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from autograder.intake.outcome import NotTakenError, Trouble, refused, shown

MAX_FILE = 64 * 2**20
MAX_TOTAL = 128 * 2**20
MAX_ENTRIES = 1000  # files and folders of any kind
MAX_NOTEBOOKS = 50
MAX_BESIDE = 2**18  # of one file that the notebook may read
MAX_ALL_BESIDE = 2**20
SNIFF = 64  # bytes that tell whether the rest is worth reading


@dataclass(frozen=True)
class HandedFile:
    """A file that may be a notebook."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Handed:
    """A submission as data: it can be sent to another process and has no path in it."""

    files: tuple[HandedFile, ...]
    others: tuple[str, ...] = ()  # names of files that are no notebooks
    troubles: tuple[Trouble, ...] = ()  # what was left aside, and why
    beside: tuple[HandedFile, ...] = ()  # those of the others that are small


class Basket:
    """Collects files until there is no more room."""

    def __init__(self) -> None:
        self._files: list[HandedFile] = []
        self._others: list[str] = []
        self._troubles: list[Trouble] = []
        self._beside: list[HandedFile] = []
        self._room, self._room_beside = MAX_TOTAL, MAX_ALL_BESIDE
        self._entries = 0

    @contextmanager
    def trying(self, name: str) -> Iterator[None]:
        """Keep a trouble with this file, and go on."""
        try:
            yield
        except NotTakenError as error:
            self._troubles.append(error.trouble)

    def count(self, name: str, entries: int) -> None:
        """NotTakenError for a folder or archive with more in it than a submission may have."""
        self._entries += entries
        if self._entries > MAX_ENTRIES:
            raise refused(f"{shown(name)} has too many files. The limit is {MAX_ENTRIES}.")

    def check_size(self, name: str, size: int) -> None:
        """NotTakenError for a file that is too large, or one too many."""
        if size > MAX_FILE:
            raise refused(f"{shown(name)} is larger than {MAX_FILE >> 20} MiB. Clear its outputs.")
        if size > self._room or len(self._files) >= MAX_NOTEBOOKS:
            raise refused(
                f"{shown(name)} is beyond the {MAX_NOTEBOOKS} notebooks or "
                f"{MAX_TOTAL >> 20} MiB that a submission may have. Hand in one notebook."
            )

    def add(self, name: str, content: bytes) -> None:
        """Keep a file; NotTakenError where there is no room for it."""
        self.check_size(name, len(content))
        self._room -= len(content)
        self._files.append(HandedFile(shown(name), content))

    def leave(self, name: str, head: bytes, file: IO[bytes]) -> None:
        """Remember a file that can be no notebook, and of a small one what is in it.

        head: what was read of it already.
        """
        self._others.append(shown(name))
        most = min(MAX_BESIDE, self._room_beside)
        content = head + file.read(most + 1 - len(head)) if len(head) <= most else head
        if len(content) <= most and len(self._beside) < MAX_NOTEBOOKS:
            self._room_beside -= len(content)
            self._beside.append(HandedFile(shown(name), content))

    def handed(self) -> Handed:
        """All that was collected."""
        left = tuple(self._others), tuple(self._troubles), tuple(self._beside)
        return Handed(tuple(self._files), *left)


def is_zip(name: str) -> bool:
    """True for a name that a zip archive has."""
    return name.lower().endswith(".zip")


def is_noise(name: str) -> bool:
    """True for what computers add unasked: checkpoints, resource forks, caches."""
    return name.startswith(".") or (name.startswith("__") and not name.endswith(".py"))


def may_be_notebook(name: str, head: bytes) -> bool:
    """True for a name or a beginning that a notebook or a script could have.

    >>> may_be_notebook("lab.IPYNB (1).txt", b""), may_be_notebook("homework", b' {"cells"')
    (True, True)
    """
    lower = name.lower()
    looks_right = ".ipynb" in lower or lower.endswith((".py", ".zip"))
    return looks_right or head.lstrip(b"\xef\xbb\xbf\xfe\xff\x00 \t\r\n").startswith(b"{")
