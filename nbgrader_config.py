"""nbgrader's own commands work from the root of the course, once its labs are built."""

from pathlib import Path

from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbgrader.preprocessors import GetGrades

from autograder.feedback import HideTests

c = get_config()  # noqa: F821  (given by traitlets)

c.CourseDirectory.course_id = "training-cnns"
c.CourseDirectory.root = str(Path(__file__).resolve().parent / "class")

# Seconds that a cell may run; an infinite loop costs its exercise, not the class.
c.Execute.timeout = 10
c.Execute.extra_arguments = ["--log-level=ERROR"]
# A deleted test cell comes back instead of losing the submission.
c.OverwriteCells.add_missing_cells = True
# A notebook's output is cut there, so that a print in a loop does not fill the disk.
c.LimitOutput.max_lines = 1000
c.LimitOutput.max_traceback = 100

# Feedback never shows a hidden test.
c.GenerateFeedback.preprocessors = [GetGrades, HideTests, CSSHTMLHeaderPreprocessor]
