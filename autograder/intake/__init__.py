"""Take in what students hand in: whatever it is, it becomes cells to grade or a sentence.

    handed = collect(folder)            files, folders, archives → names and bytes
    template = Template.of(lab, nb)     the lab as released
    intake = take_in(handed, template)  status, cells, notes, a sentence for the student

Nothing of a submission is run or trusted here: only texts are taken from it.
"""

from autograder.intake.basket import Handed, HandedFile
from autograder.intake.choose import take_in
from autograder.intake.files import collect
from autograder.intake.outcome import Cell, Intake, IntakeStatus, Role, Trouble
from autograder.intake.template import Template

__all__ = [
    "Cell",
    "Handed",
    "HandedFile",
    "Intake",
    "IntakeStatus",
    "Role",
    "Template",
    "Trouble",
    "collect",
    "take_in",
]
