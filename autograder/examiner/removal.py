"""Removes folders that students have filled."""

import contextlib
import os
import tempfile
from pathlib import Path


def remove(folder: Path) -> None:
    """Remove a folder with all that is in it, however deep; what resists is left.

    `shutil.rmtree` calls itself for each level, and Python ends that at a thousand. Here what lies
    deep is moved up first.
    """
    with contextlib.suppress(OSError):
        top = Path(tempfile.mkdtemp(dir=folder.parent))
        waiting, met = [folder.rename(top / "0")], 1
        while waiting:
            place = waiting.pop()
            place.chmod(0o700)
            for entry in [*os.scandir(place)]:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(Path(entry.path).rename(top / str(met)))
                    met += 1
                else:
                    Path(entry.path).unlink()
            place.rmdir()
        top.rmdir()
