"""When a submission was handed in, how late that is, and what it costs: as nbgrader has it."""

import math
import warnings
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from autograder.errors import CourseError

# What one late submission costs: (student, points, seconds late) -> points, None for nothing.
Penalty = Callable[[str, float, float], float | None]

_LONGEST = 100  # characters of a timestamp
_NBGRADER_WRITES = "%Y-%m-%d %H:%M:%S.%f UTC"


def read_timestamp(folder: Path) -> datetime | None:
    """The time in `folder`/timestamp.txt, in UTC and without a time zone.

    None where there is no such file or nothing in it. CourseError where it holds no time.
    """
    path = folder / "timestamp.txt"
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(_LONGEST + 1).strip()
        return _parse(text) if text else None
    except FileNotFoundError:
        return None
    except (OSError, ValueError, OverflowError, TypeError) as error:
        raise CourseError(
            f"{path} holds no time that can be read: {type(error).__name__}. Expected something "
            "like '2026-03-01 12:00:00.000000 UTC'. Mend the file or remove it."
        ) from error


def seconds_late(
    timestamp: datetime | None, duedate: datetime | None, extension: timedelta | None
) -> float:
    """Seconds after the due date and its extension; 0 when in time or when either is unknown.

    >>> seconds_late(datetime(2026, 3, 1, 12, 0, 5), datetime(2026, 3, 1, 12), None)
    5.0
    """
    if timestamp is None or duedate is None:
        return 0.0
    return max(0.0, (timestamp - duedate - (extension or timedelta())).total_seconds())


def configured_penalty(root: Path) -> Penalty:
    """What `root`/nbgrader_config.py says about lateness; read when the first one is late."""
    plugin = cache(lambda: _plugin(root))

    def penalty(student: str, points: float, late: float) -> float | None:
        try:
            return plugin().late_submission_penalty(student, points, late)
        except Exception as error:
            raise CourseError(
                f"The late-submission plugin of {root / 'nbgrader_config.py'} failed for "
                f"'{student}' ({points:g} points, {late:g} s late): {type(error).__name__}: "
                f"{error}. Mend the plugin, then grade again."
            ) from error

    return penalty


def bounded(penalty: float | None, points: float) -> float | None:
    """A penalty as nbgrader keeps it: neither below 0 nor above the points.

    >>> bounded(7, 5), bounded(-1, 5), bounded(None, 5)
    (5, 0, None)
    """
    if penalty is None or math.isnan(penalty):
        return None
    return 0 if penalty < 0 else min(penalty, points)


def _parse(text: str) -> datetime:
    """The form that nbgrader writes at once; any other one by nbgrader, which is slow to import."""
    try:
        return datetime.strptime(text, _NBGRADER_WRITES)
    except ValueError:
        if len(text) > _LONGEST:
            raise
    from nbgrader.utils import parse_utc

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an unknown time zone counts as UTC, as in nbgrader
        return parse_utc(text)


def _plugin(root: Path) -> Any:
    from nbgrader.preprocessors import AssignLatePenalties
    from traitlets.config.loader import PyFileConfigLoader

    config = PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
    preprocessor = AssignLatePenalties(config=config)
    preprocessor.init_plugin()
    return preprocessor.plugin_inst
