"""What becomes of a gradebook when the machine, the disk or another program interferes?"""

import contextlib
import os
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, event

from autograder.errors import CourseError
from autograder.gradebook import GradebookError, LabGradebook, Marks, book
from tests.autograder.gradebook import writer
from tests.autograder.gradebook.stock import DUE, LAB, content
from tests.autograder.gradebook.writer import free, marks_of_all

ROOT = Path(__file__).resolve().parents[3]
ONE = marks_of_all(1, 1.0)


def opened(path: Path, patience: float = 0.2) -> LabGradebook:
    return LabGradebook(f"sqlite:///{path}", LAB, penalty=free, patience=patience)


def whole(url: str, scores: tuple[float, ...], students: int) -> int:
    """How many students are there; each must have all of one score, or be absent."""
    found = LabGradebook(url, LAB, penalty=free).read()
    for marks in found.values():
        assert any(marks in marks_of_all(students, score) for score in scores), marks
    return len(found)


@contextmanager
def process(url: str, students: int, *scores: float) -> Iterator[subprocess.Popen]:
    """A process about to write; it is gone afterwards."""
    words = [sys.executable, writer.__file__, url, students, *scores]
    with subprocess.Popen(
        [str(word) for word in words], text=True, env={**os.environ, "PYTHONPATH": _python_path()},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as child:  # fmt: skip
        try:
            assert child.stdout
            assert child.stdout.readline() == "ready\n"
            yield child
        finally:
            child.kill()


def _python_path() -> str:
    return os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])


def go(child: subprocess.Popen) -> None:
    assert child.stdin
    child.stdin.write("\n")
    child.stdin.flush()


def test_a_writer_killed_at_any_moment_leaves_each_student_whole(new_url):
    scores, students = (0.0, 1.0, 2.0), 60
    url = new_url()
    for seed in range(3):
        with process(url, students, *(scores * 200)) as child:
            go(child)
            time.sleep(random.Random(seed).uniform(0.05, 0.4))
            child.kill()
        whole(url, scores, students)
    LabGradebook(url, LAB, penalty=free).write(marks_of_all(students, 2.0))
    undisturbed = new_url()
    LabGradebook(undisturbed, LAB, penalty=free).write(marks_of_all(students, 2.0))
    assert content(url) == content(undisturbed)
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file:
            assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_transaction_cut_off_on_disk_is_undone(path, tmp_path):
    """File and journal, copied in the middle of a write, are what a power cut leaves."""
    lab, crashed = opened(path), tmp_path / "crashed.db"
    lab.write(marks_of_all(60, 1.0))
    before, on_disk = content(f"sqlite:///{path}"), path.read_bytes()

    @event.listens_for(lab.database.engine, "connect")
    def small_cache(connection, _record) -> None:
        connection.execute("PRAGMA cache_size = 2")  # pages go to the file before the end

    @event.listens_for(lab.database.engine, "commit")
    def crash(_connection) -> None:
        for name in ("", "-journal"):
            shutil.copy(f"{path}{name}", f"{crashed}{name}")

    lab.write(marks_of_all(60, 2.0))
    assert crashed.read_bytes() != on_disk
    assert content(f"sqlite:///{crashed}") == before


def test_two_writers_at_once_lose_nothing_and_make_nobody_twice(new_url):
    url, students = new_url(), 40
    with process(url, students, 1.0) as one, process(url, students, 1.0) as two:
        go(one)
        go(two)
        new = [int(child.communicate(timeout=120)[0]) for child in (one, two)]
    assert sum(new) == students == whole(url, (1.0,), students)


def test_a_writer_waits_for_another_program(path):
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        threading.Timer(0.3, lambda: other.execute("COMMIT")).start()
        assert opened(path, patience=60).write(ONE).new == ["s000"]


@pytest.mark.parametrize("begin", ["BEGIN IMMEDIATE", "BEGIN; SELECT * FROM grade"])
def test_a_gradebook_in_use_is_a_sentence_and_nothing_is_half_written(path, begin):
    opened(path).write(ONE)
    before = content(f"sqlite:///{path}")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        for statement in begin.split("; "):
            cursor = other.execute(statement)
        cursor.fetchone()
        with pytest.raises(GradebookError, match=r"locked\. Another program is using it"):
            opened(path).write(marks_of_all(3, 2.0))
        assert opened(path).write(ONE, dry_run=True).unchanged == ["s000"]
    assert content(f"sqlite:///{path}") == before


def test_a_row_locked_in_postgresql_is_a_sentence(new_database):
    url = new_database()
    LabGradebook(url, LAB, penalty=free).write(ONE)
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as other:
        other.exec_driver_sql("UPDATE grade SET manual_score = 1")
        with pytest.raises(GradebookError, match="Another program is using it"):
            LabGradebook(url, LAB, penalty=free, patience=0.2).write(marks_of_all(1, 2.0))
    assert LabGradebook(url, LAB, penalty=free).write(marks_of_all(1, 2.0)).changed == ["s000"]


def test_a_full_disk_is_a_sentence_and_the_whole_batches_before_it_are_kept(path, monkeypatch):
    monkeypatch.setattr(book, "BATCH", 20)
    lab = opened(path)

    @event.listens_for(lab.database.engine, "connect")
    def small_disk(connection, _record) -> None:
        connection.execute("PRAGMA max_page_count = 90")

    with pytest.raises(GradebookError, match=r"full\. Make room"):
        lab.write(marks_of_all(500, 1.0))
    kept = whole(f"sqlite:///{path}", (1.0,), 500)
    assert 0 < kept < 500
    assert kept % 20 == 0
    assert len(opened(path).write(marks_of_all(500, 1.0)).new) == 500 - kept


def test_a_limit_on_the_size_of_files_is_a_sentence(path):
    before = content(f"sqlite:///{path}")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size, hard))
    try:
        with pytest.raises(GradebookError, match=r"The disk refused|The disk is full"):
            opened(path).write(marks_of_all(300, 1.0))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert content(f"sqlite:///{path}") == before


@pytest.fixture
def read_only(released_file: Path) -> Iterator[Path]:
    """A gradebook that this process may read only; it gives up being root for that."""
    folder = Path(tempfile.mkdtemp())
    path = Path(shutil.copy(released_file, folder / "gradebook.db"))
    path.chmod(0o444)
    folder.chmod(0o555)
    identity = os.geteuid()
    if identity == 0:
        os.seteuid(65534)
    try:
        yield path
    finally:
        os.seteuid(identity)
        folder.chmod(0o755)
        shutil.rmtree(folder)


def test_a_read_only_gradebook_is_read_and_not_written(read_only):
    assert opened(read_only).read() == {}
    with pytest.raises(GradebookError, match=r"readonly database\. It may only be read"):
        opened(read_only).write(ONE)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda whole: b"not a database " * 1000,
        lambda whole: whole[: len(whole) // 2],
        lambda whole: whole[:100] + os.urandom(len(whole) - 100),
        lambda whole: b"",
        lambda whole: whole.replace(b"extra_credit", b"extra_debits"),
    ],
    ids=["text", "cut", "noise", "empty", "other-columns"],
)
def test_a_damaged_gradebook_is_a_sentence_and_is_left_as_it_is(path, spoil):
    path.write_bytes(spoil(path.read_bytes()))
    before = path.read_bytes()
    for dry_run in (True, False):
        with pytest.raises(GradebookError, match=r"(?i)back it up|put a backup in its place"):
            opened(path).write(ONE, dry_run=dry_run)
    assert path.read_bytes() == before


@pytest.mark.parametrize("seed", range(40))
def test_rotten_bytes_are_never_a_traceback(path, seed):
    lab = opened(path)
    lab.write(marks_of_all(5, 1.0))
    rotten, draw = bytearray(path.read_bytes()), random.Random(seed)
    for _ in range(20):
        rotten[draw.randrange(100, len(rotten))] = draw.randrange(256)
    path.write_bytes(rotten)
    for use in (lab.read, lambda: lab.write(marks_of_all(8, 2.0))):
        with contextlib.suppress(GradebookError):
            use()


def test_a_student_called_locked_is_not_waited_for(path):
    with closing(sqlite3.connect(path)) as file:
        file.execute("DROP TABLE student")
    marks = [Marks("locked", ONE[0].scores)]
    started = time.monotonic()
    with pytest.raises(GradebookError, match="no such table"):
        opened(path, patience=60).write(marks)
    assert time.monotonic() - started < 50


def test_no_gradebook_is_a_sentence_and_none_is_made(tmp_path):
    with pytest.raises(GradebookError, match=r"No gradebook at .*Release the lab first"):
        opened(tmp_path / "none.db").write(ONE)
    assert list(tmp_path.iterdir()) == []


def test_a_lab_that_was_never_released_is_a_sentence(new_url):
    with pytest.raises(GradebookError, match=r"'nose'.*notebooks there are: none\. Release"):
        LabGradebook(new_url(), "nose", penalty=free).write(ONE)


@pytest.mark.parametrize(
    "url", ["mysql://me:secret@host/db", "sqlite://", "sqlite:///:memory:", "gradebook.db", ""]
)
def test_another_kind_of_url_is_a_sentence_without_the_password(url):
    with pytest.raises(CourseError, match=r"must be sqlite:///PATH or postgresql://") as error:
        LabGradebook(url, LAB, penalty=free)
    assert "secret" not in str(error.value)


def test_a_port_that_is_no_number_is_a_sentence_without_the_password():
    with pytest.raises(GradebookError, match=r"The port .* must be a number") as error:
        LabGradebook("postgresql://me:secret@host:port/db", LAB, penalty=free)
    assert "secret" not in str(error.value)


def test_a_server_that_is_away_is_a_sentence_without_the_password(tmp_path):
    pytest.importorskip("psycopg", reason="no driver: python -m pip install 'psycopg[binary]'")
    lab = LabGradebook(f"postgresql://me:secret@/db?host={tmp_path}", LAB, penalty=free)
    with pytest.raises(GradebookError, match="Is the server running") as error:
        lab.read()
    assert "secret" not in str(error.value)


def test_a_database_that_the_server_lacks_is_not_taken_for_another_nbgraders(server):
    with pytest.raises(GradebookError, match=r"does not exist\. Is the server running"):
        LabGradebook(server.format("nowhere"), LAB, penalty=free).read()


def test_a_missing_driver_is_a_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(GradebookError, match=r"PostgreSQL needs a driver.*psycopg\[binary\]"):
        LabGradebook("postgresql://me@/db", LAB, penalty=free)


def test_an_exception_in_mid_write_undoes_the_batch(new_url):
    def broken(student: str, points: float, late: float) -> float:
        raise CourseError("the plugin")

    url = new_url()
    before = content(url)
    late = [Marks("late", ONE[0].scores, timestamp=DUE + timedelta(1))]
    with pytest.raises(CourseError, match="the plugin"):
        LabGradebook(url, LAB, penalty=broken).write([*ONE, *late])
    assert content(url) == before


def test_the_writer_needs_neither_nbgrader_nor_nbformat():
    """Each takes two seconds to import."""
    code = "import sys, autograder.gradebook; print({'nbgrader', 'nbformat'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"
