"""Do a step only when something that it depends on has changed."""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

_IGNORED = {"__pycache__", ".ipynb_checkpoints"}


def fingerprint(paths: Iterable[Path], *extra: str) -> str:
    """A hash of the names and contents of files, of all files under folders, and of `extra`.

    >>> fingerprint([], "a") == fingerprint([], "b")
    False
    """
    digest = hashlib.sha256("\0".join(extra).encode())
    for path in sorted(paths):
        for file in [path] if path.is_file() else sorted(_files(path)):
            content = hashlib.sha256(file.read_bytes()).digest()
            digest.update(os.fsencode(file.relative_to(path.parent)) + b"\0" + content)
    return digest.hexdigest()


class Stamp:
    """A file that remembers for which inputs a step was last finished, and what it wrote."""

    def __init__(self, path: Path, key: str, outputs: Iterable[Path] = ()):
        self.path, self.key, self.outputs = path, key, tuple(outputs)

    def is_current(self) -> bool:
        """True when the step was done for these inputs and its outputs are as it left them."""
        if not self.path.is_file() or not all(output.is_file() for output in self.outputs):
            return False
        return self.path.read_text(encoding="utf-8") == self._content()

    def write(self) -> None:
        """Remember that the step is done."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(self._content(), encoding="utf-8")

    def _content(self) -> str:
        return fingerprint(self.outputs, self.key)


def package_folder(package: ModuleType) -> Path:
    """Where the code of a package is."""
    return Path(package.__path__[0])


def _files(folder: Path) -> Iterable[Path]:
    found = (p for p in folder.rglob("*") if p.is_file() and not p.is_symlink())
    return (p for p in found if not _IGNORED & set(p.parts))
