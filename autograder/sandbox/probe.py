"""Which layers work here: each is applied in a process of its own, and its effect is tried."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable
from functools import cache
from pathlib import Path

from . import landlock, limits, namespaces, privileges, seccomp
from .kernel import Unavailable, call

_TRY = (
    "import importlib, json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "importlib.import_module(sys.argv[2]).main()"
)


def available() -> dict[str, str]:
    """For each layer an empty text if it works here, else one sentence that says why not."""
    return dict(_available())


@cache
def _available() -> dict[str, str]:
    """Asked once, in a clean process: to fork one that has threads is to risk a deadlock."""
    command = [sys.executable, "-I", "-c", _TRY, json.dumps(sys.path), __name__]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=60)
    if answer.returncode:
        last = answer.stderr.strip().splitlines()[-1:] or [f"status {answer.returncode}"]
        return dict.fromkeys(LAYERS, f"The trial of the sandbox failed: {last[0]}.")
    return json.loads(answer.stdout)


def main() -> None:
    """Try every layer and print what came of it as JSON."""
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps({layer: _outcome(layer, Path(folder)) for layer in LAYERS}))


def _outcome(layer: str, folder: Path) -> str:
    """What a forked child says about the layer; a crash is an answer as well."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        os.write(writer, _sentence(_TRIALS[layer], folder).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as answer:
        sentence = answer.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return sentence if status == 0 else f"Its trial ended with status {status}."


def _sentence(trial: Callable[[Path], str], folder: Path) -> str:
    try:
        return trial(folder)
    except Unavailable as error:
        return str(error)
    except Exception as error:
        return f"Its trial failed: {traceback.format_exception_only(error)[-1].strip()}."


def _refused(action: Callable[[], object]) -> bool:
    try:
        action()
    except (PermissionError, MemoryError):
        return True
    return False


def _try_limits(folder: Path) -> str:
    del folder
    limits.apply(limits.Limits(memory=32 << 20), others=1 << 20)
    if _refused(lambda: bytearray(256 << 20)):
        return ""
    return f"Memory cannot be limited on {sys.platform}; time, processes and files are."


def _try_no_new_privileges(folder: Path) -> str:
    del folder
    privileges.no_new_privileges()
    return "" if call("prctl", 39, 0, 0, 0, 0) == 1 else "The kernel did not take it."


def _try_landlock(folder: Path) -> str:
    outside, inside = folder / "outside", folder / "inside"
    outside.write_text("", encoding="ascii")
    inside.mkdir()
    landlock.restrict(read=[], write=[inside])
    (inside / "file").write_text("", encoding="ascii")
    return "" if _refused(outside.read_bytes) else "A file outside was still readable."


def _try_seccomp(folder: Path) -> str:
    del folder
    seccomp.restrict()
    return "" if _refused(socket.socket) else "A socket could still be made."


def _try_namespaces(folder: Path) -> str:
    (folder / "scratch").mkdir()
    missing = {"net", "pid", "mount"} - namespaces.enter(folder / "scratch", 1 << 20)
    if missing:
        return f"This system lets uid {os.geteuid()} have none of its own: {sorted(missing)}."
    (folder / "scratch" / "file").write_bytes(b"on a disk of its own")
    cards = {name for _, name in socket.if_nameindex()} - {"lo"}
    return f"Network cards were still there: {sorted(cards)}." if cards else ""


def _try_unprivileged_user(folder: Path) -> str:
    del folder
    uid = privileges.uid_for(0)
    if uid is None:
        return "Only root can give a candidate a uid of its own, and this is not root."
    privileges.drop(uid, uid)
    return "" if _refused(lambda: os.setuid(0)) else "It could become root again."


_TRIALS = {
    "limits": _try_limits,
    "no_new_privileges": _try_no_new_privileges,
    "landlock": _try_landlock,
    "seccomp": _try_seccomp,
    "namespaces": _try_namespaces,
    "unprivileged_user": _try_unprivileged_user,
}
LAYERS = tuple(_TRIALS)
