"""The candidate: answers what the examiner asks, by running the student's code."""

import builtins
import os
import random
import socket
import sys
from pathlib import Path
from typing import Any

from autograder.candidate.effects import effects
from autograder.candidate.outputs import hide
from autograder.candidate.shell import Shell, outputs, run_cell
from autograder.sandbox.limits import spare_process
from autograder.wire.peer import Peer


def serve(talk: socket.socket, passing: socket.socket, shell: Shell) -> None:
    """Answer until the examiner is gone. Sockets for snapshots come through `passing`."""

    def run(source: str) -> tuple[bool, list]:
        return run_cell(shell, source)

    def look(name: str) -> Any:
        if name not in shell.user_ns:
            raise NameError(f"name '{name}' is not defined")
        return shell.user_ns[name]

    def snapshot() -> None:
        """Fork: the copy answers on the new socket from now on, first of all this request."""
        _, (number,), *_ = socket.recv_fds(passing, 1, 1)
        if _fork() == 0:
            peer.socket.close()
            passing.close()
            peer.socket = socket.socket(fileno=number)
        else:
            os.close(number)

    _settle_in()
    verbs = {"ready": _ready, "foresee": _foresee, "run": run, "look": look, "snapshot": snapshot}
    peer = Peer(talk, "candidate", verbs)
    peer.errors.names, outputs.aside = shell.user_ns, peer.world.printed
    peer.serve()


def _settle_in() -> None:
    """Make the process around the cells like that of a notebook."""
    folder = str(Path.cwd())
    hide(folder)
    sys.path.insert(0, folder)  # what a cell writes can be imported by others
    os.environ.setdefault("USER", "student")  # its number has no name on this machine
    builtins.input = _no_input  # as where notebooks are graded: nobody is there to answer


def _fork() -> int:
    """As `os.fork`, also where student code has used up all processes."""
    state = random.getstate()
    with spare_process():
        pid = os.fork()
    if pid == 0:
        random.setstate(state)  # Python seeds it anew in each process
    return pid


def _ready() -> None:
    """Whoever asks knows by the answer that all walls stand."""


def _foresee(cells: list[tuple[str, bool]]) -> list:
    return [effects(source, trusted=trusted) for source, trusted in cells]


def _no_input(prompt: object = "") -> str:
    raise RuntimeError("input() was called where nobody can answer. Set the value in the cell.")
