"""The file of a search: one line of JSON a trial, so that a killed search goes on where it was."""

import json
import math
import os
import re
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from coursekit.numpy_ref import _check
from coursekit.training.search.results import Trial
from coursekit.training.search.spaces import Params, Space

try:
    import fcntl
except ImportError:  # on Windows
    fcntl = None

TRY = "Try another path, or delete the file."


class Journal:
    """Finished trials on disk. The first line says which search it is, each other one a trial.

    A line is written at once and forced to disk: a kill costs the line being written at most.
    Opening the file cuts off a last line without its end, and refuses the file of another search,
    or one that a running search has open (Windows aside); a lock ends with its process.

    path: it is made if it is not there; identity: what makes the search this one, by name.
    Raises ValueError if the file is not of this search, damaged, in use, or cannot be opened.
    """

    def __init__(self, path: str | Path, identity: dict[str, Any]) -> None:
        self.trials: dict[int, Trial] = {}
        try:
            self.path = Path(path)
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.file = self.path.open("a+b")
        except (OSError, TypeError) as error:
            wrong, expected = "the file cannot be opened", "a path that can be written to"
            raise ValueError(_check.message("search", wrong, expected, error)) from error
        try:
            self._lock()
            self._load(identity)
        except BaseException:
            self.file.close()
            raise

    def close(self) -> None:
        """Let other searches have the file."""
        if fcntl:  # a process that was forked meanwhile has the file open, too
            fcntl.flock(self.file, fcntl.LOCK_UN)
        self.file.close()

    def finished(self, number: int, params: Params) -> Trial | None:
        """The trial of this number if it is in the file, or None.

        Raises ValueError if it is there with other parameters.
        """
        trial = self.trials.get(number)
        if trial and trial.params != params:
            wrong = f"trial {number} of {self.path} is not the one drawn now"
            raise ValueError(_check.message("search", wrong, str(params), trial.params, TRY))
        return trial

    def add(self, trial: Trial) -> None:
        """Append a finished trial."""
        fields = asdict(trial)
        if trial.failed is not None:
            fields["score"] = None  # JSON has no −inf
        self.trials[trial.number] = trial
        self.file.write(json.dumps(fields).encode() + b"\n")
        self.file.flush()
        os.fsync(self.file.fileno())

    def _lock(self) -> None:
        try:
            if fcntl:
                fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            wrong, expected = f"{self.path} is in use", "a file of its own for each search"
            got, hint = "one that a running search has open", "Try another path, or wait."
            raise ValueError(_check.message("search", wrong, expected, got, hint)) from None

    def _load(self, identity: dict[str, Any]) -> None:
        """Read the trials that are there; begin the file if there is nothing."""
        header = json.dumps(identity).encode() + b"\n"
        self.file.seek(0)
        there = self.file.read()
        if header.startswith(there):  # a new file, or killed while writing its first line
            self.file.write(header[len(there) :])
            self.file.flush()
            there = header
        first, *lines = there.split(b"\n")
        self._check_identity(first, identity)
        for number, line in enumerate(lines[:-1], start=2):
            trial = self._read(number, line)
            self.trials[trial.number] = trial
        self.file.truncate(len(there) - len(lines[-1]))

    def _check_identity(self, first: bytes, identity: dict[str, Any]) -> None:
        try:
            there = dict(json.loads(first))
        except (ValueError, TypeError):
            wrong, expected = f"{self.path} is no file of a search", "a first line of JSON"
            got = repr(first[:40])
            raise ValueError(_check.message("search", wrong, expected, got, TRY)) from None
        for name in {**identity, **there}:
            if there.get(name) != identity.get(name):
                wrong = f"{self.path} is of another search, with another {name}"
                expected = f"{name} = {identity.get(name)}"
                raise ValueError(_check.message("search", wrong, expected, there.get(name), TRY))

    def _read(self, number: int, line: bytes) -> Trial:
        try:
            fields = json.loads(line)
            fields["score"] = -math.inf if fields["score"] is None else fields["score"]
            return Trial(**fields)
        except (ValueError, TypeError, KeyError):
            wrong, got = f"line {number} of {self.path} is damaged", repr(line[:40])
            raise ValueError(_check.message("search", wrong, "a trial", got, TRY)) from None


def identity(objective: Callable, space: Space, **how: Any) -> dict[str, Any]:
    """What makes a search this one: the name of its objective, its space, its seed, ...

    >>> from coursekit.training.search import uniform
    >>> identity(math.sin, {"x": uniform(0, 1)}, seed=0)["objective"]
    'sin'
    """
    exact = {name: str(asdict(distribution)) for name, distribution in space.items()}
    return {"objective": full_name(objective), "space": exact, **how}


def full_name(function: Callable) -> str:
    """The name of a function; a `functools.partial` has its arguments with it.

    Without its module, which is another one when a script is run than when it is imported.

    >>> full_name(partial(math.pow, 2.0))
    'pow(2.0)'
    """
    if isinstance(function, partial):
        given = [repr(value) for value in function.args]
        given += [f"{name}={value!r}" for name, value in function.keywords.items()]
        arguments = re.sub(r" at 0x[0-9a-f]+", "", ", ".join(given))  # another one in every run
        return f"{full_name(function.func)}({arguments})"
    return getattr(function, "__qualname__", type(function).__qualname__)
