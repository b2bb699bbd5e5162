"""nbgrader's tables, as far as marks are kept in them.

Importing nbgrader's own models costs two seconds of processor time, nearly all of it for things
that marks do not need; a test compares what stands here with those models.
"""

from sqlalchemy import Boolean, DateTime, Float, Interval, String, Text, column, table

ASSIGNMENT = table(
    "assignment", column("id", String), column("name", String), column("duedate", DateTime)
)
NOTEBOOK = table(
    "notebook", column("id", String), column("name", String), column("assignment_id", String)
)
CELL = table(
    "base_cell",
    column("id", String),
    column("name", String),
    column("notebook_id", String),
    column("type", String),
)
GRADE_CELL = table("grade_cells", column("id", String), column("max_score", Float))
STUDENT = table("student", column("id", String))
SUBMISSION = table(
    "submitted_assignment",
    column("id", String),
    column("assignment_id", String),
    column("student_id", String),
    column("timestamp", DateTime),
    column("extension", Interval),
)
SUBMITTED_NOTEBOOK = table(
    "submitted_notebook",
    column("id", String),
    column("assignment_id", String),
    column("notebook_id", String),
    column("flagged", Boolean),
    column("late_submission_penalty", Float),
)
GRADE = table(
    "grade",
    column("id", String),
    column("notebook_id", String),
    column("cell_id", String),
    column("auto_score", Float),
    column("manual_score", Float),
    column("extra_credit", Float),
    column("needs_manual_grade", Boolean),
)
COMMENT = table(
    "comment",
    column("id", String),
    column("notebook_id", String),
    column("cell_id", String),
    column("auto_comment", Text),
)
STUDENT_ID_LENGTH = 128  # characters; PostgreSQL refuses more
