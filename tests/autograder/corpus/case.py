"""What a case of the corpus is, and how it becomes a submission."""

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.intake import Handed, HandedFile, collect
from autograder.results import Status

SMALL, WHOLE = "01_small", "09_regularization"
L2 = "l2_penalty"
RIGHT = """def l2_penalty(w, *, weight_decay):
    return 0.5 * weight_decay * np.sum(w**2), weight_decay * w
"""
WRONG = """def l2_penalty(w, *, weight_decay):
    return 0.0, w
"""
# An attack that gets what it wants sets `won`, and is then paid with full marks.
PAID = """def l2_penalty(w, *, weight_decay):
    if won:
        return 0.5 * weight_decay * np.sum(w**2), weight_decay * w
    return 0.0, w
"""

Notebook = dict[str, Any]
Make = Callable[[Notebook, Path], Handed]  # of a solved notebook, and a folder to write in


@dataclass(frozen=True)
class Case:
    """A submission, and what must become of it.

    answer: the solution cell of `l2_penalty`; answers: those of other exercises, which are right
    where nothing is said; before, after: free cells, before the first exercise and behind the last
    one. lost: the exercises that get no points. hangs: it is marked with short times.
    make: makes the submission of the notebook. says: what the student must be able to read.
    bites: it wins where no layer of the sandbox is put on. or_else: a status that it may have
    instead, on a machine of another speed.
    """

    name: str
    answer: str = RIGHT
    status: Status = Status.GRADED
    lost: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    lab: str = SMALL
    answers: Mapping[str, str] = field(default_factory=dict)
    hangs: bool = False
    make: Make | None = None
    says: str = ""
    bites: bool = False
    or_else: Status | None = None

    def handed(self, solved: Notebook, tokens: Mapping[str, str], folder: Path) -> Handed:
        """The submission. solved: the lab's notebook with right answers; tokens: text to put in."""
        nb, given = deepcopy(solved), {L2: self.answer, **self.answers}
        for cell in nb["cells"]:
            name = str(cell["metadata"].get("nbgrader", {}).get("grade_id"))
            cell["source"] = _filled(given.get(name, str(cell["source"])), tokens)
        at = next(i for i, cell in enumerate(nb["cells"]) if of_exercise(cell))
        nb["cells"][at:at] = [code(_filled(text, tokens)) for text in self.before]
        nb["cells"] += [code(_filled(text, tokens)) for text in self.after]
        return (self.make or as_file)(nb, folder)


def stolen(name: str, attack: str, **more: Any) -> Case:
    """A case that gets no marks unless its attack sets `won`, in a cell before the answer."""
    guarded = "won = False\ntry:\n" + "".join(f"    {line}\n" for line in attack.splitlines())
    guarded += "except BaseException as error:\n    print(type(error).__name__, error)\n"
    return Case(name, PAID, lost=(L2,), before=(guarded,), **more)


def code(text: str) -> Notebook:
    """A free cell."""
    return {
        "cell_type": "code",
        "metadata": {},
        "source": text,
        "outputs": [],
        "execution_count": None,
    }


def of_exercise(cell: Notebook) -> bool:
    """True for a cell that the student fills in."""
    return bool(cell["metadata"].get("nbgrader", {}).get("solution"))


def as_file(nb: Notebook, folder: Path) -> Handed:
    """One file with the right name."""
    return of_bytes(json.dumps(nb).encode())


def of_bytes(*contents: bytes, name: str = "lab.ipynb") -> Handed:
    """Files of these contents."""
    return Handed(tuple(HandedFile(name, content) for content in contents))


def on_disk(fill: Callable[[Path, Notebook], object]) -> Make:
    """A folder that `fill` writes to, as it is collected."""

    def make(nb: Notebook, folder: Path) -> Handed:
        folder.mkdir(parents=True)
        fill(folder, nb)
        return collect(folder, within=folder.parent)

    return make


def changed(change: Callable[[Notebook], object]) -> Make:
    """The notebook after a change to it."""

    def make(nb: Notebook, folder: Path) -> Handed:
        change(nb)
        return as_file(nb, folder)

    return make


def _filled(text: str, tokens: Mapping[str, str]) -> str:
    for token, value in tokens.items():
        text = text.replace(f"@{token}@", value)
    return text
