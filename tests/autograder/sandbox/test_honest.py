"""Does honest work go on as usual behind all the layers?"""

import asyncio
import importlib
import multiprocessing
import shutil
import sqlite3
import sys
import tempfile
import threading
from pathlib import Path

import numpy as np
import pytest

from tests.autograder.sandbox.children import Limits, candidate

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="candidates are held on Linux")


def use_numpy(scratch: Path) -> float:
    a = np.random.default_rng(0).normal(size=(100, 100))
    np.save(scratch / "a.npy", a @ np.linalg.inv(a))
    return float(np.load(scratch / "a.npy").trace().round(6))


def use_threads(scratch: Path) -> float:
    results = []
    threads = [threading.Thread(target=results.append, args=(i,)) for i in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return float(sum(results))


def use_processes(scratch: Path) -> float:
    with multiprocessing.get_context("fork").Pool(2) as pool:
        return float(sum(pool.map(abs, [-1, 2, -3])))


def use_a_process_that_is_ended(scratch: Path) -> float:
    context = multiprocessing.get_context("fork")
    process = context.Process(target=threading.Event().wait)
    process.start()
    process.terminate()
    process.join(5)
    return float(process.exitcode or 0)


def use_temporary_files(scratch: Path) -> float:
    tempfile.tempdir = str(scratch)
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as file:
        Path(folder, "a").write_text("a", encoding="ascii")
        shutil.copy(Path(folder, "a"), Path(folder, "b"))
        return float(file.write(b"abc"))


def use_an_event_loop(scratch: Path) -> float:
    return float(asyncio.run(asyncio.sleep(0, 7)))


def use_a_database(scratch: Path) -> float:
    with sqlite3.connect(scratch / "data.db") as connection:
        connection.execute("create table t (n)")
        connection.execute("insert into t values (4)")
        return float(connection.execute("select sum(n) from t").fetchone()[0])


SHARED_OBJECTS = (
    "scipy.special._ufuncs",
    "scipy.ndimage._nd_image",
    "scipy.optimize._lbfgsb",
    "scipy.interpolate._dierckx",
    "sklearn.tree._tree",
    "sklearn.linear_model._cd_fast",
)


def import_a_library(scratch: Path) -> float:
    """With shared objects, which were not loaded before."""
    fresh = next(name for name in SHARED_OBJECTS if name not in sys.modules)
    return float(importlib.import_module(fresh).__file__.endswith(".so"))  # pyright: ignore


def draw(scratch: Path) -> float:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(1, 1))
    figure.subplots().plot([1, 2])
    figure.savefig(scratch / "figure.png")
    return float((scratch / "figure.png").stat().st_size > 500)


WORK = {
    use_numpy: 100,
    use_threads: 10,
    use_processes: 6,
    use_a_process_that_is_ended: -15,
    use_temporary_files: 3,
    use_an_event_loop: 7,
    use_a_database: 4,
    import_a_library: 1,
    draw: 1,
}


@pytest.mark.parametrize("work", WORK, ids=lambda w: w.__name__)
def test_honest_work_goes_on_as_usual(work, scratch, monkeypatch):
    monkeypatch.setenv("MPLCONFIGDIR", str(scratch))
    bounds = Limits(memory=512 << 20, processes=64)
    outcome = candidate(scratch, lambda: work(scratch), bounds)
    assert outcome.value == WORK[work], outcome.details
