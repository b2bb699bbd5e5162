"""Holds one candidate: gives it its walls, waits for its end, and says how it ended."""

import contextlib
import os
import select
import signal
import socket
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

import psutil

from autograder.candidate import STOPPED
from autograder.candidate.serve import serve
from autograder.candidate.shell import Shell
from autograder.candidate.walls import Identity, Walls, confine, surround
from autograder.candidate.watch import Watch, sees_candidate_alone

_PAUSE = 0.05  # seconds between two looks
_LAST_WAIT = 1.0  # seconds for what was killed to end


def guard(
    sockets: Sequence[socket.socket],
    folder: Path,
    walls: Walls,
    who: Identity,
    shell: Shell,
) -> None:
    """Fork a candidate in `folder`, and end it when the examiner shuts the line of reports.

    sockets: to talk, to report on how the candidate ended, and to pass others through.
    """
    talk, report, passing = sockets
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    entered, others = surround(walls, folder, who)
    pid = os.fork()
    if pid == 0:
        try:
            report.close()
            confine(walls, folder, who, entered, others)
            _close_log()
            serve(talk, passing, shell)
        except BaseException:
            traceback.print_exc(file=sys.__stderr__)
        finally:
            os._exit(0)
    talk.close()
    passing.close()
    end = _wait(pid, report, Watch(walls, folder, entered, shared_count=bool(others)))
    with contextlib.suppress(OSError):  # the examiner is gone: there is nobody to tell
        report.sendall((end or STOPPED).encode())
    _reap()


def _close_log() -> None:
    """The nursery's log is not for student code: what C code prints goes nowhere."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    os.close(nowhere)


def _wait(pid: int, report: socket.socket, watch: Watch) -> str:
    """How the candidate ended, in a few words; "" if the examiner had it stopped."""
    started = time.monotonic()
    while True:
        shut, _, _ = select.select([report], [], [], _PAUSE)
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            _kill_group(pid)
            return _how(status)
        greedy = watch.finds(pid, time.monotonic() - started)
        if shut or greedy:
            os.kill(pid, signal.SIGKILL)
            _kill_group(pid)
            _, status = os.waitpid(pid, 0)
            own_end = not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signal.SIGKILL
            return _how(status) if own_end else greedy


def _kill_group(pid: int) -> None:
    """End what the candidate has started; with its own process numbers, all is gone already."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    if not sees_candidate_alone():
        for orphan in psutil.Process().children(recursive=True):
            with contextlib.suppress(psutil.Error):
                orphan.kill()


def _reap() -> None:
    """Take note that orphans have ended: they would stay in the list of processes."""
    until = time.monotonic() + _LAST_WAIT
    with contextlib.suppress(ChildProcessError):
        while time.monotonic() < until:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                time.sleep(_PAUSE)


def _how(status: int) -> str:
    if os.WIFSIGNALED(status):
        names = {known.value: known.name for known in signal.Signals}  # some have none
        number = os.WTERMSIG(status)
        return f"it was ended by {names.get(number, f'signal {number}')}"
    return f"it left with exit status {os.WEXITSTATUS(status)}"
