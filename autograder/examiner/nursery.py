"""The examiner's hold on its nursery, from which it gets a new candidate in milliseconds."""

import contextlib
import itertools
import json
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Collection
from dataclasses import asdict
from pathlib import Path

from autograder.candidate import READY
from autograder.candidate.walls import Walls
from autograder.examiner.candidate import Candidate, InfrastructureError, Lost
from autograder.sandbox import landlock
from autograder.sandbox.limits import Limits

# It begins with other people's modules, while its own packages may still be on their way.
_START = """import importlib, json, sys
sys.path[:] = [*sys.argv[3:], *sys.path]
for name in sys.argv[2].split(","):
    importlib.import_module(name)
told = json.loads(sys.stdin.read() or "null")
if told:
    sys.path.insert(0, told.pop("library"))
    from autograder.candidate.nursery import main
    main(int(sys.argv[1]), **told)"""
_OWN = ("coursekit", "autograder")
_SOON = ("msgpack", "psutil", "IPython.core.interactiveshell")  # what a nursery needs itself
_PATIENCE = 120  # seconds to warm up, on a machine that has much else to do
# The course, installed: its code holds the answers, its metadata where a clone of it is.
_WITHHELD = ("coursekit*", "autograder*", "training_cnns*", "__editable__*training_cnns*")
_KEPT = ("LD_LIBRARY_PATH",)  # by which this Python may find its own library
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


class Nursery:
    """A clean warm process; use it in a `with`, or `close` it. `open` it to get candidates.

    warm: modules to import beforehand; folder: where its temporary files go.
    """

    def __init__(self, *, warm: Collection[str] = (), folder: Path | None = None) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="candidates-", dir=folder))
        self._folder.chmod(0o711)
        _copy_font_list(self._folder)
        self._numbers = itertools.count()
        self._log = (self._folder / "log").open("wb+")
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._packages = [p for p in sys.path if Path(p).name in ("site-packages", "dist-packages")]
        self._own = [name for name in warm if name.split(".")[0] in _OWN]
        soon = ",".join([*_SOON, *(name for name in warm if name not in self._own)])
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _START, str(theirs.fileno()), soon, *self._packages],
            env=_environment(self._folder),
            cwd=self._folder,
            stdin=subprocess.PIPE,
            stdout=self._log,
            stderr=self._log,
            pass_fds=[theirs.fileno()],
        )
        theirs.close()

    def open(
        self,
        library: Path,
        *,
        layers: Collection[str],
        slot: int = 0,
        limits: Limits | None = None,
    ) -> None:
        """Tell it what it needs to make candidates, and wait until it is warm.

        library: the candidates' packages, as `build_library` makes them; layers: of the sandbox,
        to put on; slot: a number that no other worker of this machine has; limits: of each
        candidate. Raises InfrastructureError when it did not start.
        """
        read = readable(library, self._packages)
        walls = Walls(tuple(layers), read, tuple(self._packages), slot, limits or Limits())
        told = {"library": str(library), "walls": asdict(walls), "warm": self._own}
        with contextlib.suppress(OSError):  # of one that is gone, its silence tells
            self._tell(json.dumps(told))
        self._wait_until_ready()

    def __enter__(self) -> "Nursery":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _tell(self, told: str) -> None:
        """Write to it what it reads to the end."""
        with self._process.stdin as line:  # pyright: ignore[reportOptionalContextManager]
            line.write(told.encode())

    def _wait_until_ready(self) -> None:
        self._line.settimeout(_PATIENCE)
        try:
            ready = self._line.recv(len(READY))
        except OSError:
            ready = b""
        if ready != READY:
            said = self._last_words()
            self.close()
            raise InfrastructureError(f"The candidates' process did not start: {said}")

    def candidate(self, *, seconds: float) -> Candidate:
        """A new candidate, clean and warm, that has so long for each answer."""
        folder = self._folder / f"work-{next(self._numbers)}"
        folder.mkdir()
        folder.chmod(0o777)  # its user is another one
        pairs = [socket.socketpair() for _ in range(3)]
        theirs = [pair[1].fileno() for pair in pairs]
        try:
            socket.send_fds(self._line, [str(folder).encode()], theirs)
        except OSError as error:
            for mine, _ in pairs:
                mine.close()
            raise InfrastructureError(f"The candidates' process is gone: {error}") from error
        finally:
            for _, their_end in pairs:
                their_end.close()
        candidate = Candidate([mine for mine, _ in pairs], folder=folder, seconds=seconds)
        try:
            candidate.request("ready")
        except Lost as lost:
            with contextlib.suppress(InfrastructureError):
                candidate.end()
            words = self._last_words()
            raise InfrastructureError(f"No candidate could be made: {lost.how}; {words}") from lost
        return candidate

    def _last_words(self) -> str:
        words = (self._folder / "log").read_text(encoding="utf-8", errors="replace")
        return words.strip().split("\n")[-1] or "it said nothing"

    def close(self) -> None:
        """End the process and all that came from it."""
        self._line.close()
        self._process.kill()
        self._process.communicate()
        self._log.close()
        shutil.rmtree(self._folder, ignore_errors=True)


def readable(library: Path, packages: list[str]) -> tuple[str, ...]:
    """What a candidate may read: Python and its packages, but the course's own only as filtered."""
    paths = [sysconfig.get_path("stdlib"), str(library), *map(str, landlock.system_paths())]
    for folder in map(Path, packages):
        withheld = {path for pattern in _WITHHELD for path in folder.glob(pattern)}
        paths += map(str, set(folder.iterdir()) - withheld if withheld else [folder])
    return tuple(sorted(paths))


def _copy_font_list(folder: Path) -> None:
    """Give it the list of fonts that Matplotlib keeps for this user: to make one takes a while."""
    places = [
        os.environ.get("MPLCONFIGDIR", ""),
        f"{os.environ.get('XDG_CACHE_HOME') or '~/.cache'}/matplotlib",
        "~/.matplotlib",
    ]
    with contextlib.suppress(OSError, RuntimeError):  # no home, no list: then it makes its own
        for place in filter(None, places):
            for file in Path(place).expanduser().glob("fontlist-*.json"):
                shutil.copyfile(file, folder / file.name)


def _environment(folder: Path) -> dict[str, str]:
    """Nothing of the grader's own: no keys, no paths."""
    return {
        "PATH": os.defpath,
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": str(folder),
        "PYTHONDONTWRITEBYTECODE": "1",
        **{name: os.environ[name] for name in _KEPT if name in os.environ},
        **dict.fromkeys(_ONE_THREAD, "1"),
    }
