"""Environment variables for the processes that a block starts."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def environment(**variables: str) -> Iterator[None]:
    """Set variables inside the block; this environment's own programs come first on the PATH.

    nbgrader runs `alembic` by name, and a kernel may run `jupyter`: both must be the ones beside
    this Python, whether or not the environment is activated.
    """
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    changed = {"PATH": path, **variables}
    before = {name: os.environ.get(name) for name in changed}
    os.environ.update(changed)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
