"""From all that was handed in to the one notebook to grade, chosen by what is in it."""

import re

from autograder.intake.basket import Handed
from autograder.intake.decode import Draft, drafts
from autograder.intake.match import Rebuilt, rebuild
from autograder.intake.outcome import (
    Intake,
    IntakeStatus,
    NotTakenError,
    Trouble,
    refused,
    unreadable,
)
from autograder.intake.template import Template

MAX_NOTES = 40
_MAX_NAMES = 10


def take_in(handed: Handed, template: Template) -> Intake:
    """The cells to grade, or why there are none; the same for the same bytes, whatever they are.

    Of several notebooks the one with the most answers is taken, of equal ones the one whose name
    comes last: `lab (2).ipynb` was saved after `lab.ipynb`. A script counts where there is no
    notebook.
    """
    read, troubles = _read(handed)
    rebuilt = [rebuild(draft, template) for draft in read]
    good = [r for r in rebuilt if r.is_of_lab]
    troubles += [_of_another_lab(r.draft, template) for r in rebuilt if not r.is_of_lab]
    troubles += handed.troubles
    if not good:
        return _nothing(troubles or [_no_notebook(handed)])
    return _taken(max(good, key=_rank), good, troubles)


def _read(handed: Handed) -> tuple[list[Draft], list[Trouble]]:
    read, troubles = [], []
    for file in handed.files:
        try:
            read += drafts(file)
        except NotTakenError as error:
            troubles.append(error.trouble)
    return read, troubles


def _rank(rebuilt: Rebuilt) -> tuple[bool, int, int, list[tuple[str, int]]]:
    draft = rebuilt.draft
    stem = draft.file.rsplit(".", 1)[0]
    numbered = [(word, int(digits or 0)) for word, digits in re.findall(r"([^0-9]*)([0-9]*)", stem)]
    return not draft.is_script, rebuilt.answered, rebuilt.found, numbered


def _taken(best: Rebuilt, good: list[Rebuilt], troubles: list[Trouble]) -> Intake:
    file, notes = best.draft.file, list(best.notes)
    if len({r.draft.file for r in good}) > 1:
        notes.append(f"of {len(good)} notebooks {file} was taken, with {best.answered} answers")
    notes += [trouble.said for trouble in troubles]
    said = f"{file} was read; some things were put right or left aside." if notes else ""
    return Intake(
        status=IntakeStatus.REPAIRED if notes else IntakeStatus.OK,
        cells=best.cells,
        notes=_some(notes),
        said=said or f"{file} was read as it is.",
    )


def _nothing(troubles: list[Trouble]) -> Intake:
    notes = _some([trouble.said for trouble in troubles])
    return Intake(troubles[0].status, (), notes, troubles[0].said)


def _some(notes: list[str]) -> tuple[str, ...]:
    """Each note once, and not so many that nobody would read them."""
    distinct = list(dict.fromkeys(notes))
    more = len(distinct) - MAX_NOTES
    return (*distinct[:MAX_NOTES], *([f"and {more} more of the kind"] if more > 0 else []))


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
