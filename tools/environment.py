"""Make the course's environment, `.venv`, or mend it (standard library only: it runs first).

    python3.11 tools/environment.py

Nothing is done where the environment is whole: made for this folder, from this requirements.txt,
with every file of every package still there.
"""

from __future__ import annotations  # an older Python must get as far as the sentence below

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts" if os.name == "nt" else "bin") / "python"
STAMP = VENV / "made-from"
EXPECTED, OLDEST = (3, 11), (3, 11, 5)

# Prints the packages that lack a file; run by the environment's own Python.
_FIND_BROKEN = """
import importlib.metadata, pathlib
for package in importlib.metadata.distributions():
    if any(f.suffix != ".pyc" and not f.locate().exists() for f in package.files or ()):
        print(package.metadata["Name"])
"""


def main() -> None:
    """Check, then make or mend."""
    if sys.version_info[:2] != EXPECTED or sys.version_info < OLDEST:
        stop(
            f"The course needs Python 3.11, from 3.11.5 on; this is {sys.version.split()[0]}. "
            "Install Python 3.11, then name it: make PYTHON=/path/to/python3.11 course"
        )
    problem = find_problem()
    if problem is None:
        return
    say(f"{problem} Installing the environment into .venv: a few minutes the first time.")
    try:
        make_environment()
    except OSError as error:
        stop(f"{error.strerror}: {error.filename}. Free some space or rights, then run it again.")
    problem = find_problem()
    if problem is not None:
        stop(f"The environment is not whole even after installing it: {problem}")


def key() -> str:
    """What the environment depends on: this folder, and the two files that say what it holds."""
    content = [(ROOT / name).read_bytes() for name in ("requirements.txt", "pyproject.toml")]
    return hashlib.sha256(str(ROOT).encode() + b"\0".join(content)).hexdigest()


def find_problem() -> str | None:
    """A sentence on what is wrong with the environment, or None."""
    if not PYTHON.exists():
        return "There is no environment yet."
    if not STAMP.is_file():
        return "The environment is half-made."
    if STAMP.read_text(encoding="utf-8") != key():
        return "The environment was made from another requirements.txt."
    try:
        # -I: without this folder on the path, whose own .egg-info lists files of times gone by.
        command = [str(PYTHON), "-I", "-c", _FIND_BROKEN]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "The environment's Python does not run."
    broken = done.stdout.split()
    return f"The environment lacks files of {', '.join(broken[:3])}." if broken else None


def make_environment() -> None:
    """From nothing: half an environment is harder to reason about than a new one."""
    shutil.rmtree(VENV, ignore_errors=True)
    run([sys.executable, "-m", "venv", str(VENV)], "making .venv")
    pip = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check"]
    run([*pip, "-r", str(ROOT / "requirements.txt")], "installing packages")
    run([*pip, "--no-deps", "--no-build-isolation", "-e", str(ROOT)], "installing the course")
    STAMP.write_text(key(), encoding="utf-8")


def run(command: list[str], what: str) -> None:
    """Run a command, show how far it is, and stop with its last words where it fails."""
    lines: list[str] = []
    collected = 0
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(command, encoding="utf-8", **pipes) as process:
        for line in process.stdout or ():
            lines.append(line.rstrip())
            collected += line.startswith("Collecting")
            if line.startswith("Collecting") and collected % 20 == 0:
                say(f"  {what}: {collected} found so far")
            elif line.startswith("Installing collected") and collected:
                say(f"  {what}: all {collected} there, unpacking")
    if process.returncode != 0:
        stop_with_log(what, lines)


def stop_with_log(what: str, lines: list[str]) -> None:
    """Keep all that the command said, and stop with its last error."""
    log = VENV.with_name(".venv-failed.log")
    log.write_text("\n".join(lines), encoding="utf-8")
    errors = [line for line in lines if line.startswith("ERROR")] or lines or ["no output"]
    stop(f"{what} failed: {errors[-1]} (see {log}). Check network and disk, then run it again.")


def say(sentence: str) -> None:
    """One line for the person waiting."""
    print(sentence, file=sys.stderr, flush=True)


def stop(sentence: str) -> None:
    """One line, and a non-zero exit."""
    raise SystemExit(sentence)


if __name__ == "__main__":
    main()
