"""nbgrader's own converters, run for one lab or one student, quiet, with errors as sentences."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from nbgrader.api import Gradebook
from nbgrader.converters import Autograde, GenerateAssignment, GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from traitlets.config.loader import Config, PyFileConfigLoader

from autograder.course import Course, Lab
from autograder.environ import environment


class EngineError(Exception):
    """nbgrader gave up; the message holds what it logged."""


class Engine:
    """nbgrader with the course's configuration."""

    def __init__(self, course: Course, *, cell_timeout: int | None = None):
        self.course = course
        self.config = PyFileConfigLoader("nbgrader_config.py", path=str(course.root)).load_config()
        self.config.CourseDirectory.root = str(course.nbgrader)
        if cell_timeout is not None:
            self.config.Execute.timeout = cell_timeout
        self.config.Application.log_level = logging.ERROR

    @property
    def cell_timeout(self) -> int:
        """Seconds that one cell may run."""
        return self.config.Execute.timeout

    def release(self, lab: Lab) -> None:
        """Put the lab into the gradebook and the student notebook into the release folder."""
        self._run(GenerateAssignment, lab, student=".")

    def autograde(self, lab: Lab, student: str) -> None:
        """Run and mark one submission, as it was ingested."""
        self._run(Autograde, lab, student=student)

    def feedback(self, lab: Lab, student: str) -> None:
        """Write one student's feedback page."""
        self._run(GenerateFeedback, lab, student=student)

    def has_released(self, lab: Lab) -> bool:
        """True when the gradebook knows the lab."""
        with self._gradebook() as gradebook:
            return any(a.name == lab.name for a in gradebook.assignments)

    def students_with_marks(self, lab: Lab) -> set[str]:
        """The students whose work on the lab is in the gradebook."""
        with self._gradebook() as gradebook:
            return {str(s.student_id) for s in gradebook.assignment_submissions(lab.name)}

    @contextmanager
    def _gradebook(self) -> Iterator[Gradebook]:
        self.course.nbgrader.mkdir(parents=True, exist_ok=True)
        with environment(), Gradebook(self.course.gradebook_url) as gradebook:
            yield gradebook

    def _run(self, converter: type, lab: Lab, *, student: str) -> None:
        config = Config(self.config)
        config.CourseDirectory.assignment_id = lab.name
        config.CourseDirectory.student_id = student
        config.CourseDirectory.submitted_directory = str(self.course.ingested)
        with environment(), warnings.catch_warnings(), _collect_log() as messages:
            warnings.simplefilter("ignore")  # nbgrader's own, of SQLAlchemy: nobody here can act
            try:
                directory = CourseDirectory(config=config)
                converter(coursedir=directory, config=config, force=True).start()
            except Exception as error:
                raise EngineError(_cause(messages, error)) from error


def _cause(messages: list[str], error: Exception) -> str:
    """The last line of the traceback that was logged, else what was raised."""
    logged = [m for m in messages if m.startswith("Traceback")]
    return logged[-1].strip().split("\n")[-1] if logged else f"{type(error).__name__}: {error}"


@contextmanager
def _collect_log() -> Iterator[list[str]]:
    """Everything that nbgrader logs at level ERROR, instead of on the terminal."""
    messages: list[str] = []

    class Collect(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            messages.append(record.getMessage())

    logger = logging.getLogger("traitlets")
    before, collect = (logger.handlers, logger.propagate, logger.level), Collect(logging.ERROR)
    logger.handlers, logger.propagate = [collect], False
    logger.setLevel(logging.ERROR)
    try:
        yield messages
    finally:
        logger.handlers, logger.propagate = before[0], before[1]
        logger.setLevel(before[2])
