"""The one writer of marks into nbgrader's gradebook: many at a time, whole or not at all."""

from collections.abc import Iterable
from functools import partial
from itertools import islice

from sqlalchemy import Connection

from autograder.gradebook.database import Database
from autograder.gradebook.entry import (
    Entry,
    LabCells,
    complete,
    find_changes,
    find_problem,
    marked,
    new_entry,
)
from autograder.gradebook.lateness import Penalty
from autograder.gradebook.marks import Marks, Written
from autograder.gradebook.rows import Changes, read_entries, read_lab, read_students

BATCH = 500  # submissions in one transaction


class LabGradebook:
    """A lab's part of nbgrader's gradebook.

    url: as SQLAlchemy reads it; sqlite:///PATH or postgresql://….
    penalty: what lateness costs, as `configured_penalty` gives it.
    patience: seconds to wait while other programs write.

    Every method raises GradebookError where the gradebook cannot be used or lacks the lab.
    """

    def __init__(self, url: str, lab: str, *, penalty: Penalty, patience: float = 30.0):
        self.database = Database(url, patience=patience)
        self.lab, self.penalty = lab, penalty

    def exercises(self) -> dict[str, float]:
        """The points of each exercise."""
        cells = self.database.read(lambda connection: read_lab(connection, self.lab))
        return {name: exercise.max_points for name, exercise in cells.exercises.items()}

    def read(self) -> dict[str, Marks]:
        """The automatic marks that are there, by student."""

        def work(connection: Connection) -> dict[str, Marks]:
            lab = read_lab(connection, self.lab)
            entries, _ = read_entries(connection, lab, None)
            return {s: complete(entry, lab).marks(lab) for s, entry in entries.items()}

        return self.database.read(work)

    def students(self) -> list[str]:
        """Who has an entry for the lab, by name."""
        return self.database.read(lambda connection: read_students(connection, self.lab))

    def write(self, marks: Iterable[Marks], *, dry_run: bool = False) -> Written:
        """Bring the gradebook to these marks; what is there already is left alone.

        Of two marks for one student the later holds. What people wrote (marks, comments,
        extensions, extra credit, flags) stays. Whole batches of submissions are kept or not at all.

        dry_run: only tell what would be done.
        """
        everything, done = iter(marks), Written()
        use = self.database.read if dry_run else self.database.write
        while batch := list(islice(everything, BATCH)):
            done.add(use(partial(self._write_batch, batch, dry_run)))
        return done

    def _write_batch(self, batch: list[Marks], dry_run: bool, connection: Connection) -> Written:
        lab = read_lab(connection, self.lab)
        problems = {m.student: problem for m in batch if (problem := find_problem(m, lab))}
        accepted = {m.student: m for m in batch if m.student not in problems}
        entries, stored = read_entries(connection, lab, list(accepted), lock=not dry_run)
        changes, done = Changes(stored), Written(refused=problems)
        for student, one in accepted.items():
            if student in entries or one.scores is not None:
                self._put(lab, entries.get(student), one, changes, done)
            else:
                done.unchanged.append(student)  # no marks, and none to take back
        if not dry_run:
            changes.write(connection)
        return done

    def _put(
        self, lab: LabCells, entry: Entry | None, one: Marks, changes: Changes, done: Written
    ) -> None:
        before = complete(entry or new_entry(lab, one.student), lab)
        after = marked(before, one, lab, self.penalty)
        differs = changes.add(after)
        if entry is None:
            changes.students.append(one.student)
            done.new.append(one.student)
        else:
            (done.changed if differs else done.unchanged).append(one.student)
        done.changes += find_changes(before, after, lab)
