"""nbgrader's own commands, run from the root of a course."""

import os
import subprocess
import sys
from pathlib import Path

from autograder.course import Lab


def nbgrader(lab: Lab, *args: str) -> subprocess.CompletedProcess:
    """What a command of nbgrader's did and said."""
    env = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.run(
        [sys.executable, "-m", "nbgrader", *args], cwd=lab.course.root, env=env, check=False,
        capture_output=True, text=True, timeout=240,
    )  # fmt: skip
