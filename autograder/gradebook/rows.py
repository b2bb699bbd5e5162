"""The SQL: read a lab and the entries of some students, write rows."""

from collections import defaultdict
from collections.abc import Callable, Collection
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    TableClause,
    and_,
    bindparam,
    insert,
    select,
    true,
    update,
)

from autograder.gradebook.database import GradebookError
from autograder.gradebook.entry import Entry, Exercise, LabCells, Row, new_notebook
from autograder.gradebook.tables import (
    ASSIGNMENT,
    CELL,
    COMMENT,
    GRADE,
    GRADE_CELL,
    NOTEBOOK,
    STUDENT,
    SUBMISSION,
    SUBMITTED_NOTEBOOK,
)

_CHANGEABLE = {
    SUBMISSION: ("timestamp",),
    SUBMITTED_NOTEBOOK: ("late_submission_penalty",),
    GRADE: ("auto_score", "needs_manual_grade"),
    COMMENT: ("auto_comment",),
}


class Stored(dict[str, Row]):
    """Rows as the gradebook has them, by id."""

    def read(self, connection: Connection, query: Select) -> list[Row]:
        """The rows that the query finds, remembered here as well."""
        found = [dict(row) for row in connection.execute(query).mappings()]
        self.update((row["id"], row) for row in found)
        return found


class Changes:
    """Rows to insert and to update, by table; `students` are made where nobody knows them."""

    def __init__(self, stored: Stored):
        self.stored = stored
        self.students: list[str] = []
        self.new: dict[TableClause, list[Row]] = defaultdict(list)
        self.other: dict[TableClause, list[Row]] = defaultdict(list)

    def add(self, after: Entry) -> bool:
        """Note all that differs from the stored rows; True when anything does."""
        differs = False
        for table, row in after.rows():
            old = self.stored.get(row["id"])
            if old is None:
                self.new[table].append(row)
            elif old != row:
                kept = {name: row[name] for name in _CHANGEABLE[table]}
                self.other[table].append({"key": row["id"], **kept})
            differs |= old != row
        return differs

    def write(self, connection: Connection) -> None:
        """Write all of it; a table comes after those that it refers to."""
        known = select(STUDENT.c.id).where(STUDENT.c.id.in_(self.students))
        unknown = set(self.students) - set(connection.scalars(known))
        self.new[STUDENT] = [{"id": student} for student in self.students if student in unknown]
        for table in (STUDENT, *_CHANGEABLE):
            if self.new[table]:
                connection.execute(insert(table), self.new[table])
            if self.other[table]:
                one = update(table).where(table.c.id == bindparam("key"))
                connection.execute(one, self.other[table])


def read_lab(connection: Connection, name: str) -> LabCells:
    """The lab as it was released; GradebookError where the gradebook does not have it."""
    of_lab = NOTEBOOK.c.assignment_id == ASSIGNMENT.c.id
    query = select(ASSIGNMENT.c.id, ASSIGNMENT.c.duedate, NOTEBOOK.c.id, NOTEBOOK.c.name)
    query = query.join_from(ASSIGNMENT, NOTEBOOK, of_lab).where(ASSIGNMENT.c.name == name)
    found = connection.execute(query).all()
    if [row[3] for row in found] != [name]:
        there = ", ".join(sorted(str(row[3]) for row in found)) or "none"
        raise GradebookError(
            f"The gradebook should have the lab '{name}' with one notebook of that name; its "
            f"notebooks there are: {there}. Release the lab first."
        )
    assignment_id, duedate, notebook_id, _ = found[0]
    return _lab_cells(connection, assignment_id, notebook_id, duedate)


def read_students(connection: Connection, lab: str) -> list[str]:
    """Who has an entry for the lab, by name."""
    of_lab = SUBMISSION.c.assignment_id == ASSIGNMENT.c.id
    query = select(SUBMISSION.c.student_id).join_from(SUBMISSION, ASSIGNMENT, of_lab)
    return sorted(connection.scalars(query.where(ASSIGNMENT.c.name == lab)))


def read_entries(
    connection: Connection, lab: LabCells, students: Collection[str] | None, *, lock: bool = False
) -> tuple[dict[str, Entry], Stored]:
    """The entries of these students, of all with None, and the rows that they are made of.

    lock: keep others from changing the grades before the transaction ends.
    """
    stored = Stored()
    of_lab = SUBMISSION.c.assignment_id == lab.assignment_id
    chosen = and_(of_lab, true() if students is None else SUBMISSION.c.student_id.in_(students))
    own = and_(
        SUBMITTED_NOTEBOOK.c.notebook_id == lab.notebook_id,
        SUBMITTED_NOTEBOOK.c.assignment_id.in_(select(SUBMISSION.c.id).where(chosen)),
    )
    submissions = stored.read(connection, select(SUBMISSION).where(chosen))
    found = stored.read(connection, select(SUBMITTED_NOTEBOOK).where(own))
    notebooks = {row["assignment_id"]: row for row in found}
    entries = {
        row["student_id"]: Entry(row, notebooks.get(row["id"]) or new_notebook(lab, row))
        for row in submissions
    }
    _fill(entries, lambda query: stored.read(connection, query), lab, own, lock)
    return entries, stored


def _fill(
    entries: dict[str, Entry],
    read: Callable[[Select], list[Row]],
    lab: LabCells,
    own: ColumnElement[bool],
    lock: bool,
) -> None:
    """Put the grades and the comments into the entries."""
    notebooks = select(SUBMITTED_NOTEBOOK.c.id).where(own)
    parts = ((GRADE, "grades", lab.graded()), (COMMENT, "comments", lab.commented()))
    by_notebook = {entry.notebook["id"]: entry for entry in entries.values()}
    for table, name, cells in parts:
        mine = and_(table.c.cell_id.in_(cells), table.c.notebook_id.in_(notebooks))
        query = select(table).where(mine)
        for row in read(query.with_for_update() if lock else query):
            if row["notebook_id"] in by_notebook:
                getattr(by_notebook[row["notebook_id"]], name)[row["cell_id"]] = row


def _lab_cells(
    connection: Connection, assignment_id: str, notebook_id: str, duedate: datetime | None
) -> LabCells:
    query = select(CELL.c.name, CELL.c.id, CELL.c.type, GRADE_CELL.c.max_score)
    query = query.select_from(CELL.outerjoin(GRADE_CELL, GRADE_CELL.c.id == CELL.c.id))
    cells = connection.execute(query.where(CELL.c.notebook_id == notebook_id)).all()
    graded = [cell for cell in cells if cell[2] == "GradeCell"]
    exercises = {name.removesuffix("-tests"): Exercise(i, most) for name, i, _, most in graded}
    if len(exercises) != len(graded):
        raise GradebookError("Two exercises have one name. Rename one, and release the lab again.")
    solutions = {cell[0]: cell[1] for cell in cells if cell[2] == "SolutionCell"}
    tasks = tuple(cell[1] for cell in cells if cell[2] == "TaskCell")
    return LabCells(assignment_id, notebook_id, duedate, exercises, solutions, tasks)
