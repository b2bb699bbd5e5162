"""Does a search survive what happens to its workers, and give the same results anywhere?"""

import math
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from distributed import LocalCluster
from threadpoolctl import threadpool_info

from coursekit.training.search import Results, choice, log_uniform, random_search, uniform
from coursekit.training.search.workers import OnCluster, open_pool, run_all

SPACE = {"x": uniform(-1, 1), "kind": choice("good", "raises", "nan")}
QUIET: dict[str, Any] = {"progress": False}


def objective_of_all_kinds():
    # A function in a function travels by value: workers need not find this file.
    def objective(x, kind):
        if kind == "raises":
            raise ZeroDivisionError(f"at {x:.3f}")
        return {"score": math.nan if kind == "nan" else 1 - x**2, "twice": 2 * x}

    return objective


def search(n=12, **how) -> Results:
    return random_search(objective_of_all_kinds(), SPACE, n=n, seed=1, **QUIET, **how)


@pytest.fixture(scope="module")
def in_one_thread() -> Results:
    return search(executor="threads", workers=1)


def test_there_are_trials_of_all_kinds(in_one_thread):
    assert {trial.params["kind"] for trial in in_one_thread.trials} == {"good", "raises", "nan"}


def test_results_are_the_same_in_any_number_of_threads(in_one_thread):
    assert search(executor="threads", workers=3) == in_one_thread


def test_results_are_the_same_in_processes(in_one_thread):
    assert search(workers=2) == in_one_thread


def test_results_are_the_same_in_an_executor_of_ones_own(in_one_thread):
    with ThreadPoolExecutor(2) as threads:
        assert search(executor=threads) == in_one_thread
        assert threads.submit(int).result() == 0  # it is left open
    with ProcessPoolExecutor(1, get_context("spawn")) as processes:
        assert search(executor=processes) == in_one_thread


def test_results_are_the_same_on_a_dask_cluster(in_one_thread):
    local: Any = LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=":0")
    with local as cluster:
        assert search(executor=cluster.scheduler_address) == in_one_thread


def test_results_are_the_same_whatever_finishes_first():
    def slow_first(x):
        time.sleep(0.1 * (x == slowest))
        return x

    space = {"x": uniform(0, 1)}
    slowest = random_search(lambda x: 0, space, n=1, executor="threads", **QUIET).best.params["x"]
    results = random_search(slow_first, space, n=4, executor="threads", workers=4, **QUIET)
    assert [trial.number for trial in results.trials] == [0, 1, 2, 3]
    assert results.trials[0].seconds > results.trials[3].seconds


def test_a_worker_that_is_killed_costs_its_own_trial_only():
    def objective(x):
        if x < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(0.05)  # so that others run at the moment of the murder
        return x

    results = random_search(objective, {"x": uniform(-0.2, 1)}, n=10, seed=2, workers=2, **QUIET)
    killed = [trial for trial in results.trials if trial.params["x"] < 0]
    assert 1 <= len(killed) < 4
    assert {t.failed for t in killed} == {
        "killed its worker process, in company and alone (out of memory?)"
    }
    assert all(t.score == t.params["x"] for t in results.trials if t not in killed)


def test_an_executor_of_ones_own_that_breaks_ends_the_search_with_a_sentence(tmp_path):
    def objective(x):
        os.kill(os.getpid(), signal.SIGKILL)

    with (
        ProcessPoolExecutor(1, get_context("spawn")) as mine,
        pytest.raises(RuntimeError, match=r"the executor is broken.*again with a new executor"),
    ):
        random_search(objective, {"x": uniform(0, 1)}, n=2, executor=mine, **QUIET)


class DaskFuture:
    """As much of a future of Dask as is needed, without a cluster to kill."""

    def __init__(self, error: Exception | None, cancelled: bool) -> None:
        self.error, self.was_cancelled, self.released = error, cancelled, 0

    def add_done_callback(self, callback) -> None:
        callback(self)

    def result(self):
        if self.error:
            raise self.error
        return {"score": 1.0}

    def cancelled(self) -> bool:
        return self.was_cancelled

    def release(self) -> None:
        self.released += 1


@pytest.mark.parametrize(
    ("error", "cancelled", "raised"),
    [
        (None, False, None),
        (ChildProcessError("four workers died"), False, ChildProcessError),
        (RuntimeError("cancelled"), True, BrokenExecutor),
    ],
)
def test_a_future_of_dask_always_ends_and_lets_its_result_go(error, cancelled, raised):
    future = DaskFuture(error, cancelled)

    class Client:
        def submit(self, function, *arguments, pure):
            assert (function, arguments, pure) == (abs, (1,), False)
            return future

    here = OnCluster(Client()).submit(abs, 1)
    assert here.done() and future.released == 1
    assert type(here.exception()) is (raised or type(None))
    assert raised or here.result() == {"score": 1.0}


def test_what_an_executor_raises_for_a_trial_is_the_failure_of_that_trial():
    class Raises(ThreadPoolExecutor):
        def submit(self, fn, /, *args, **kwargs):
            there = Future()
            there.set_exception(ChildProcessError("four workers died"))
            return there

    with Raises(1) as mine:
        trials = random_search(abs, {"x": uniform(0, 1)}, n=2, executor=mine, **QUIET).trials
    assert [trial.failed for trial in trials] == ["ChildProcessError: four workers died"] * 2


def test_a_cluster_that_is_not_there_is_named():
    from dask import config

    with (
        config.set({"distributed.comm.timeouts.connect": "100ms"}),
        pytest.raises(ConnectionError, match=r"a Dask scheduler at tcp://127\.0\.0\.1:9"),
    ):
        search(executor="tcp://127.0.0.1:9")


@pytest.mark.parametrize("address", ["tpc://127.0.0.1:8786", "tcp://127.0.0.1"])
def test_an_address_that_is_none_is_refused_at_once(address):
    with pytest.raises(ConnectionError, match=f"no cluster answers.*{address}, got .*address"):
        search(executor=address)


def test_workers_have_one_blas_thread_and_this_process_has_its_own_afterwards():
    def objective(x):
        import numpy  # noqa: F401 - so that there is a BLAS
        from threadpoolctl import threadpool_info

        return max(pool["num_threads"] for pool in threadpool_info())

    before = threadpool_info()
    for executor in ("threads", "processes"):
        results = random_search(
            objective, {"x": uniform(0, 1)}, n=1, executor=executor, workers=1, **QUIET
        )
        assert results.best.score == 1
    with ThreadPoolExecutor(1) as mine:
        results = random_search(objective, {"x": uniform(0, 1)}, n=1, executor=mine, **QUIET)
        assert results.best.score == 1
    assert threadpool_info() == before


def test_an_objective_that_cannot_travel_is_refused_at_once():
    lock = threading.Lock()

    def objective(x):
        with lock:
            return x

    space = {"x": uniform(0, 1)}
    with pytest.raises(TypeError, match=r"cannot be sent to another process.*pickle"):
        random_search(objective, space, n=1, **QUIET)
    assert random_search(objective, space, n=1, executor="threads", **QUIET).best.score > 0


@pytest.mark.parametrize(
    ("how", "error", "says"),
    [
        ({"executor": "slurm"}, ValueError, "executor is unknown.*'processes', 'threads'"),
        ({"executor": 3}, TypeError, "Executor, got int"),
        ({"executor": "threads", "workers": 0}, ValueError, "workers is too small"),
        ({"executor": "threads", "workers": 1.5}, TypeError, "workers is not a whole number"),
    ],
)
def test_wrong_workers_are_refused(how, error, says):
    with pytest.raises(error, match=f"search: .*{says}"):
        search(**how)


def test_no_more_trials_are_handed_out_than_there_are_workers():
    # Else a worker that dies would make suspects of all that wait.
    handed_out, most = set(), []

    class Spy(ThreadPoolExecutor):
        def submit(self, fn, /, *args, **kwargs):
            handed_out.update(args)
            return super().submit(fn, *args, **kwargs)

    with open_pool("threads", 2) as pool, Spy(2) as pool.executor:
        for number, _ in run_all(lambda i: {"score": i}, {i: i for i in range(6)}, pool):
            most.append(len(handed_out))
            handed_out.remove(number)
    assert len(most) == 6 and max(most) == 2


SCRIPT = """
import os, signal, sys, time
from pathlib import Path
from typing import Any
from coursekit.training.search import log_uniform, random_search

MARK = Path(sys.argv[2])

def objective(lr):
    with MARK.open("a") as file:
        file.write(f"{os.getpid()} ")
    time.sleep(float(sys.argv[3]))
    return -lr

if __name__ == "__main__":
    space = {"lr": log_uniform(1e-6, 1e-3)}
    found = random_search(objective, space, n=8, workers=2, path=sys.argv[1], progress=False)
    print(found.reused, [trial.record["lr"] for trial in found.trials])
"""


def run_script(tmp_path: Path, *, slow: float) -> subprocess.Popen:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    arguments = [sys.executable, script, tmp_path / "s.jsonl", tmp_path / "mark", str(slow)]
    return subprocess.Popen(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def wait_for(condition, seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_killed_search_goes_on_where_it_was_and_leaves_no_process(tmp_path, how):
    file, mark = tmp_path / "s.jsonl", tmp_path / "mark"
    process = run_script(tmp_path, slow=0.15)
    wait_for(lambda: file.exists() and file.read_text().count("\n") >= 4)
    os.kill(process.pid, how) if how == signal.SIGKILL else os.killpg(process.pid, how)
    _, said = process.communicate(timeout=20)
    assert process.returncode != 0
    wait_for(lambda: not any(alive(int(pid)) for pid in mark.read_text().split()), 10)
    before = file.read_text().count("\n") - 1
    mark.write_text("")
    second = run_script(tmp_path, slow=0)
    out, err = second.communicate(timeout=30)
    assert (second.returncode, err) == (0, "")
    assert out.startswith(f"{before} ")
    assert len(mark.read_text().split()) == 8 - before > 0
    fresh = random_search(
        lambda lr: 0, {"lr": log_uniform(1e-6, 1e-3)}, n=8, executor="threads", **QUIET
    )
    assert out.strip() == f"{before} {[trial.params['lr'] for trial in fresh.trials]}"
    if how == signal.SIGINT:
        assert said.strip().endswith("KeyboardInterrupt")


def test_a_script_without_the_guard_is_told_about_it(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "from coursekit.training.search import random_search, uniform\n"
        "random_search(abs, {'x': uniform(0, 1)}, n=1, workers=1)\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("RuntimeError: search: worker processes cannot start.")
    assert "if __name__ == '__main__':" in last
