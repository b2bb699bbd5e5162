"""When which layer of the sandbox is put on: in the nursery, the guardian, or the candidate."""

import contextlib
import os
from dataclasses import dataclass, field
from pathlib import Path

from autograder.sandbox import Unavailable, landlock, limits, namespaces, privileges, seccomp
from autograder.sandbox.limits import Limits


@dataclass(frozen=True)
class Walls:
    """What is to stand around a candidate.

    layers: by name, of `sandbox.LAYERS`; read: the paths it may read; names: the folders that it
    may list; slot: a number that no other worker of this machine has; limits: what it may take;
    disk: bytes that it may fill.
    """

    layers: tuple[str, ...]
    read: tuple[str, ...]
    names: tuple[str, ...] = ()
    slot: int = 0
    limits: Limits = field(default_factory=Limits)
    disk: int = 64 << 20

    def has(self, layer: str) -> bool:
        """True for a layer that is to be put on."""
        return layer in self.layers


@dataclass(frozen=True)
class Identity:
    """Who a candidate is: the `uid` it gets, if any, and whether it reads files as the old user."""

    uid: int | None
    keep_files: bool


def prepare(walls: Walls) -> Identity:
    """In the nursery, once: what takes long, and what a candidate can do no more."""
    if walls.has("no_new_privileges"):
        privileges.no_new_privileges()
    if walls.has("seccomp"):
        seccomp.prepare()
    if walls.has("landlock"):
        landlock.abi()
    uid = privileges.uid_for(walls.slot) if walls.has("unprivileged_user") else None
    unreadable = privileges.unreadable(map(Path, walls.read))
    if uid is not None and unreadable and not walls.has("landlock"):
        raise PermissionError(f"{unreadable} Without Landlock no candidate can be allowed in.")
    return Identity(uid, keep_files=bool(unreadable))


def surround(walls: Walls, folder: Path, who: Identity) -> tuple[frozenset[str], int]:
    """In the guardian: namespaces for the child that it will fork.

    Those that were had, and how many tasks count into the child's limit that are not its own.
    """
    entered = frozenset()
    if walls.has("namespaces"):
        entered = namespaces.enter(folder, walls.disk)
    with contextlib.suppress(Unavailable):
        privileges.adopt_orphans()
    return entered, limits.other_tasks(who.uid, entered)


def confine(
    walls: Walls, folder: Path, who: Identity, entered: frozenset[str], others: int
) -> None:
    """In the candidate, before the student's first line."""
    os.setsid()
    if walls.has("limits"):
        limits.apply(walls.limits, others)
    proc = ["/proc"] if "pid" in entered and namespaces.mount_proc() else []
    shared = ["/dev/shm"] if "mount" in entered else []
    os.chdir(folder)  # anew: another disk lies on it now
    if walls.layers:
        with contextlib.suppress(Unavailable):
            privileges.drop(who.uid, who.uid, who.keep_files)
    with contextlib.suppress(Unavailable):
        privileges.die_with_parent()
    if walls.has("landlock"):
        landlock.restrict([*walls.read, *proc], [folder, *shared], walls.names)
    if walls.has("seccomp"):
        held = "read_only" in entered or (who.uid is not None and not who.keep_files)
        seccomp.restrict(signals="pid" in entered, attributes=held)
