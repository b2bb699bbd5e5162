"""nbgrader's own converters, run for one lab or one student, quiet, with errors as sentences."""

import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from nbgrader.api import Gradebook
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SQLAlchemyError
from traitlets.config.loader import Config, PyFileConfigLoader

from autograder.course import Course, Lab
from autograder.environ import environment
from autograder.gradebook.database import unusable


class EngineError(Exception):
    """nbgrader gave up; the message holds what it logged."""


class Engine:
    """nbgrader with the course's configuration."""

    def __init__(self, course: Course):
        self.course = course
        self.config = PyFileConfigLoader("nbgrader_config.py", path=str(course.root)).load_config()
        self.config.CourseDirectory.root = str(course.nbgrader)
        self.config.CourseDirectory.db_url = course.gradebook_url
        self.config.Application.log_level = logging.ERROR

    def release(self, lab: Lab) -> None:
        """Put the lab into the gradebook and the student notebook into the release folder."""
        config = Config(self.config)
        config.CourseDirectory.assignment_id = lab.name
        config.CourseDirectory.student_id = "."
        with _quiet(), _collect_log() as messages:
            try:
                directory = CourseDirectory(config=config)
                GenerateAssignment(coursedir=directory, config=config, force=True).start()
            except Exception as error:
                raise EngineError(_cause(messages, error)) from error

    def has_released(self, lab: Lab) -> bool:
        """True when the gradebook knows the lab."""
        with self._gradebook() as gradebook:
            return any(a.name == lab.name for a in gradebook.assignments)

    def students_with_marks(self, lab: Lab) -> set[str]:
        """The students whose work on the lab is in the gradebook."""
        with self._gradebook() as gradebook:
            return {str(s.student_id) for s in gradebook.assignment_submissions(lab.name)}

    def exercises(self, lab: Lab) -> set[str]:
        """The grade ids of the lab's test cells, as the gradebook has them."""
        with self._gradebook() as gradebook:
            notebook = gradebook.find_notebook(lab.name, lab.name)
            return {str(cell.name) for cell in notebook.grade_cells}

    def forget(self, lab: Lab) -> None:
        """Remove the lab and all its marks from the gradebook."""
        with self._gradebook() as gradebook:
            gradebook.remove_assignment(lab.name)

    @contextmanager
    def _gradebook(self) -> Iterator[Gradebook]:
        self.course.nbgrader.mkdir(parents=True, exist_ok=True)
        try:
            with _quiet(), Gradebook(self.course.gradebook_url) as gradebook:
                yield gradebook
        except SQLAlchemyError as error:
            raise unusable(self.course.gradebook_name, error) from error


def _cause(messages: list[str], error: Exception) -> str:
    """The line of the logged traceback that names the exception, else what was raised."""
    logged = [line for m in messages if m.startswith("Traceback") for line in m.split("\n")]
    named = [
        line for line in logged if re.match(r"[\w.]+(Error|Exception|Interrupt|Entry)\b", line)
    ]
    return named[-1] if named else f"{type(error).__name__}: {error}"


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the warnings that nbgrader gets from SQLAlchemy: nobody here can act on them."""
    with environment(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


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
