"""The clean process that candidates are forked from: warm, and knowing no test.

Started by exec with `python -I -S`, so that nothing of the examiner's memory is in it. For each
candidate it is sent three sockets, as `guard` has them, and the name of a folder.
"""

import gc
import importlib
import os
import signal
import socket
from collections.abc import Collection
from pathlib import Path
from typing import Any

from autograder.candidate import READY
from autograder.candidate.guardian import guard
from autograder.candidate.rehearsal import rehearse
from autograder.candidate.shell import make_shell
from autograder.candidate.walls import Walls, prepare
from autograder.sandbox.limits import Limits, offer_to_oom_killer

_LONGEST_REQUEST = 4096


def main(control: int, walls: dict[str, Any], warm: Collection[str]) -> None:
    """Warm up, say so, and fork a guardian with a candidate whenever asked.

    control: the number of the open socket to the examiner; walls: the fields of `Walls`; warm:
    modules to import beforehand.
    """
    line = socket.socket(fileno=control)
    around = Walls(**{**walls, "limits": Limits(**walls["limits"])})
    for name in warm:
        importlib.import_module(name)
    shell = make_shell(Path.cwd() / "ipython")
    rehearse(shell)
    who = prepare(around)
    offer_to_oom_killer()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for guardians
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the examiner's to handle
    gc.collect()
    gc.freeze()  # pages that nobody writes to stay shared
    line.sendall(READY)
    while request := socket.recv_fds(line, _LONGEST_REQUEST, 3):
        name, numbers, *_ = request
        if not name:
            return
        if os.fork() == 0:
            line.close()
            sockets = [socket.socket(fileno=number) for number in numbers]
            guard(sockets, Path(name.decode()), around, who, shell)
            os._exit(0)
        for number in numbers:
            os.close(number)
