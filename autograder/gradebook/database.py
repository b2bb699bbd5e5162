"""Open a gradebook, and work on it in transactions: all of a piece of work is kept, or nothing."""

import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from autograder.errors import CourseError

T = TypeVar("T")

_SQLITE_WAIT = 0.5  # seconds inside SQLite, where Ctrl-C is not heard
_LOCK_NUMBER = 0x67726164  # of PostgreSQL's advisory lock; any number, the same in every grader
_PASSING_STATES = {"40P01", "40001", "23505"}  # a deadlock, a race, a twin
_ADVICE = {  # the first that is in what was said
    "connection to server": "Is the server running, and are host, port, user, password and "
    "database right?",
    "database is locked": "Another program is using it. Close it (formgrader?) and grade again.",
    "lock timeout": "Another program is using it. Close it (formgrader?) and grade again.",
    "disk is full": "The disk is full. Make room and grade again.",
    "No space left": "The disk is full. Make room and grade again.",
    "disk I/O error": "The disk refused. Look for room, quotas and faults, and grade again.",
    "readonly": "It may only be read. Make the file and its folder writable.",
    "permission denied": "It may only be read. Ask for the right to write to it.",
    "unable to open": "Make the file and its folder readable and writable.",
    "no such table": "It is empty or not nbgrader's. Put a backup in its place, or move it away "
    "and release again.",
    "no such column": "An older nbgrader made it. Back it up and run `nbgrader db upgrade`.",
    "does not exist": "It is no gradebook of this nbgrader. Release the lab, or back it up and "
    "run `nbgrader db upgrade`.",
    "connection": "Is the server running?",
}
_DAMAGED = "It seems damaged. Put a backup in its place, or move it away and release again."
_BAD_PORT = (
    "The port in a gradebook's URL must be a number, as in postgresql://USER@HOST:5432/NAME."
)


class GradebookError(CourseError):
    """The gradebook cannot be used; the message says why, and nothing was half written."""


class Database:
    """A gradebook by its SQLAlchemy URL; no connection is kept between two pieces of work.

    patience: seconds to wait while other programs write.
    """

    def __init__(self, url: str, *, patience: float = 30.0):
        self.engine, self.patience = _engine(url), patience
        self.name = _shown(self.engine.url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        if self.is_sqlite:
            event.listen(self.engine, "begin", _begin)

    def read(self, work: Callable[[Connection], T]) -> T:
        """What `work` returns; it sees one moment of the gradebook and changes nothing."""
        return self._patiently(work, writes=False)

    def write(self, work: Callable[[Connection], T]) -> T:
        """What `work` returns, once all that it wrote is kept; it may be called again from anew."""
        return self._patiently(work, writes=True)

    def _patiently(self, work: Callable[[Connection], T], *, writes: bool) -> T:
        if self.is_sqlite and not Path(self.name).is_file():
            raise GradebookError(f"No gradebook at {self.name}. Release the lab first.")
        deadline, pause = time.monotonic() + self.patience, 0.01
        while True:
            try:
                return self._once(work, writes)
            except SQLAlchemyError as error:
                if not self._is_busy(error) or time.monotonic() > deadline:
                    raise unusable(self.name, error) from error
            except (ValueError, OverflowError) as error:
                raise unusable(self.name, error) from error
            time.sleep(pause * random.uniform(0.5, 1))
            pause = min(2 * pause, 0.5)

    def _once(self, work: Callable[[Connection], T], writes: bool) -> T:
        with self.engine.connect() as connection:
            if self.is_sqlite:
                begin = "BEGIN IMMEDIATE" if writes else "BEGIN"
                connection = connection.execution_options(begin=begin)
            elif not writes:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                if writes and not self.is_sqlite:
                    _wait_for_turn(connection, self.patience)
                return work(connection)

    def _is_busy(self, error: SQLAlchemyError) -> bool:
        cause = getattr(error, "orig", None)  # the whole message would have students' names in it
        if self.is_sqlite:
            return "locked" in str(cause)
        return getattr(cause, "sqlstate", None) in _PASSING_STATES


def unusable(name: str, error: Exception) -> GradebookError:
    """The error that says why the gradebook of that name cannot be used, and what to try."""
    said = str(getattr(error, "orig", None) or error).strip().split("\n")[0]
    advice = next((a for part, a in _ADVICE.items() if part in said), _DAMAGED)
    return GradebookError(f"The gradebook {name} cannot be used: {said}. {advice}")


def shown_url(url: str) -> str:
    """A gradebook's URL without user and password; GradebookError where it is none."""
    return _shown(_engine(url).url)


def _shown(url: URL) -> str:
    """A file, or kind, host and database: there are several places for a password."""
    if url.get_backend_name() == "sqlite":
        return url.database or ""
    return f"{url.get_backend_name()}://{url.host or ''}/{url.database or ''}"


def _engine(url: str) -> Engine:
    try:
        parts = make_url(url)
        if parts.get_backend_name() == "sqlite" and parts.database not in (None, "", ":memory:"):
            return create_engine(parts, poolclass=NullPool, connect_args={"timeout": _SQLITE_WAIT})
        if parts.get_backend_name() == "postgresql":
            return create_engine(parts, poolclass=NullPool)
    except ImportError as error:
        raise GradebookError(
            f"PostgreSQL needs a driver: {error}. Run `python -m pip install 'psycopg[binary]'`."
        ) from error
    except ValueError as error:
        raise GradebookError(_BAD_PORT) from error
    except (ArgumentError, NoSuchModuleError):
        pass
    raise GradebookError(
        "A gradebook's URL must be sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME. "
        f"Got {url.split(':')[0]!r} before the colon."
    )


def _begin(connection: Connection) -> None:
    """Python's sqlite3 would begin by itself only when something is written, after the reading.

    With IMMEDIATE one writer at a time reads and writes: what it read still holds when it writes.
    """
    connection.exec_driver_sql(connection.get_execution_options()["begin"])


def _wait_for_turn(connection: Connection, patience: float) -> None:
    milliseconds = max(1, int(1000 * patience))
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {milliseconds}")
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK_NUMBER})")
