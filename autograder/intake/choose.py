"""From all that was handed in to the one notebook to grade, chosen by what is in it."""

import re

from autograder.intake.basket import Handed
from autograder.intake.beside import cells_beside, used_beside
from autograder.intake.decode import Draft, drafts
from autograder.intake.match import Rebuilt, rebuild
from autograder.intake.outcome import (
    Cell,
    Intake,
    IntakeStatus,
    NotTakenError,
    Trouble,
    refused,
    unreadable,
)
from autograder.intake.template import Template

MAX_NOTES = 40
_MAX_ALIKE = 5  # a tool that drops metadata drops that of all cells
_MAX_NAMES = 10


def take_in(handed: Handed, template: Template) -> Intake:
    """The cells to grade, or why there are none; the same for the same bytes, whatever they are.

    Of several notebooks the one with the most answers is taken, of equal ones the one that has the
    lab's name; else, or of several such, the one whose name comes last: a browser saved
    `lab (2).ipynb` after `lab.ipynb`. A script counts where there is no notebook.
    """
    read, troubles = _read(handed)
    rebuilt = [rebuild(draft, template) for draft in read]
    good = [r for r in rebuilt if r.is_of_lab]
    if not good:
        troubles += [_of_another_lab(r.draft, template) for r in rebuilt]
        return _nothing([*troubles, *handed.troubles] or [_no_notebook(handed)])
    best = max(good, key=lambda r: _rank(r, template.lab))
    used = used_beside(best.draft.file, best.cells, handed)
    first = cells_beside(used, {*template.by_id, *(cell.id for cell in best.cells)})
    others = [r for r in good if r is not best and (not r.draft.is_script or _has_more(r, best))]
    taken = {file.name for file in used.values()}
    foreign = [r.draft for r in rebuilt if not r.is_of_lab and not r.draft.is_script]
    left = [draft for draft in foreign if draft.file not in taken]
    notes = [*best.notes, *_of_several(best, others), *(_left_aside(d, template) for d in left)]
    notes += [trouble.said for trouble in (*troubles, *handed.troubles)]
    return _taken(best.draft.file, (*first, *best.cells), notes)


def _read(handed: Handed) -> tuple[list[Draft], list[Trouble]]:
    read, troubles = [], []
    for file in handed.files:
        try:
            read += drafts(file)
        except NotTakenError as error:
            troubles.append(error.trouble)
    return read, troubles


def _rank(rebuilt: Rebuilt, lab: str) -> tuple[bool, int, int, bool, int, list[tuple[str, int]]]:
    draft = rebuilt.draft
    stem = draft.file.rsplit(".", 1)[0]
    numbered = [(word, int(digits or 0)) for word, digits in re.findall(r"([^0-9]*)([0-9]*)", stem)]
    is_named = re.fullmatch(rf"{re.escape(lab)}(?: ?\([0-9]+\))?", stem.rpartition("/")[2])
    place = is_named is not None, -stem.count("/"), numbered
    return not draft.is_script, rebuilt.answered, rebuilt.found, *place


def _has_more(one: Rebuilt, other: Rebuilt) -> bool:
    return one.answered > other.answered


def _of_several(best: Rebuilt, others: list[Rebuilt]) -> list[str]:
    count = len({r.draft.file for r in (best, *others)})
    taken = f"of {count} notebooks {best.draft.file} was taken, with {best.answered} answers"
    return [taken] if count > 1 else []


def _left_aside(draft: Draft, template: Template) -> str:
    return f"{draft.file} was left aside: it is not the notebook of {template.lab}"


def _taken(file: str, cells: tuple[Cell, ...], notes: list[str]) -> Intake:
    said = f"{file} was read; some things were put right or left aside." if notes else ""
    return Intake(
        status=IntakeStatus.REPAIRED if notes else IntakeStatus.OK,
        cells=cells,
        notes=_some(notes),
        said=said or f"{file} was read as it is.",
    )


def _nothing(troubles: list[Trouble]) -> Intake:
    notes = _some([trouble.said for trouble in troubles])
    return Intake(troubles[0].status, (), notes, troubles[0].said)


def _some(notes: list[str]) -> tuple[str, ...]:
    """Each note once, and not so many that nobody would read them."""
    kinds: dict[str, list[str]] = {}
    for note in dict.fromkeys(notes):
        kinds.setdefault(re.sub("'[^']*'", "", note), []).append(note)
    few = [note for alike in kinds.values() for note in _first(alike, _MAX_ALIKE, 1)]
    return tuple(_first(few, MAX_NOTES, MAX_NOTES))


def _first(notes: list[str], most: int, shown: int) -> list[str]:
    """The notes, or of more than `most` the first ones that are `shown`, and how many more."""
    more = len(notes) - shown
    return notes if len(notes) <= most else [*notes[:shown], f"and {more} more of the kind"]


def _of_another_lab(draft: Draft, template: Template) -> Trouble:
    return refused(
        f"{draft.file} is not the notebook of {template.lab}: too few of its exercises are in it. "
        f"Hand in {template.lab}.ipynb."
    ).trouble


def _no_notebook(handed: Handed) -> Trouble:
    names = handed.others[:_MAX_NAMES]
    return unreadable(
        f"There is no notebook in the submission. Files: {', '.join(names) or 'none'}."
    ).trouble
