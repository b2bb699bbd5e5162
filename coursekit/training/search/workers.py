"""Who runs the trials: processes, threads, a Dask cluster, or an executor of yours."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Generator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from typing import Any

from coursekit.numpy_ref import _check
from coursekit.training.search.measure import failure

Job = Callable[[dict[str, Any]], dict[str, Any]]
Outcomes = Generator[tuple[int, dict[str, Any]], None, Any]
EXPECTED = "'processes', 'threads', the address of a Dask scheduler, or an Executor"


class Pool:
    """An executor that somebody else made, and will close."""

    width = 10**9  # jobs to hand over at a time: it has a queue of its own

    def __init__(self, executor: Executor) -> None:
        from threadpoolctl import threadpool_limits

        self.limits = threadpool_limits(1)  # trials in threads set it too; here it is set back
        self.executor = executor
        self.shares_memory = isinstance(executor, ThreadPoolExecutor)

    def renew(self) -> None:
        """Replace an executor that broke. Raises RuntimeError where only its owner could."""
        raise RuntimeError(
            "search: the executor is broken. Expected workers that answer, got a process that "
            "died or a cluster that is gone. What is finished is in the file if the search has a "
            "path: run it again with a new executor."
        )

    def close(self, *, at_once: bool) -> None:
        """End what this search has started; `at_once` does not wait for it."""

    def __enter__(self) -> "Pool":
        return self

    def __exit__(self, kind: object, *error: object) -> None:
        self.limits.restore_original_limits()
        self.close(at_once=kind is not None)


class Threads(Pool):
    """Threads of this process: for what releases the GIL, and for trying things out."""

    def __init__(self, workers: int) -> None:
        super().__init__(ThreadPoolExecutor(workers))
        self.width = workers

    def close(self, *, at_once: bool) -> None:
        """End the threads; one that is in a trial cannot be stopped."""
        self.executor.shutdown(wait=not at_once, cancel_futures=True)


class Processes(Pool):
    """Processes that start anew (spawn), which works the same way on every system."""

    def __init__(self, workers: int) -> None:
        super().__init__(self._start(workers))
        self.width = workers

    def renew(self) -> None:
        """Kill what is left of the processes and start new ones."""
        self.close(at_once=True)
        self.executor = self._start(self.width)

    def close(self, *, at_once: bool) -> None:
        """End the processes, in the middle of their trials if at once."""
        if at_once:
            # Python 3.14 has kill_workers for it; before, nothing public stops a running call.
            for process in list((self.executor._processes or {}).values()):
                process.kill()
        self.executor.shutdown(wait=True, cancel_futures=True)

    @staticmethod
    def _start(workers: int) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("spawn")
        executor = ProcessPoolExecutor(workers, context, initializer=prepare_process)
        try:
            executor.submit(int).result()
        except BrokenExecutor:
            raise RuntimeError(
                "search: worker processes cannot start. Expected a script that can be imported, "
                "got one that dies when it is. Put what it runs under "
                "`if __name__ == '__main__':`, or try executor='threads'."
            ) from None
        return executor


class Cluster(Pool):
    """The workers of a Dask cluster, by the address of its scheduler."""

    def __init__(self, address: str) -> None:
        from distributed import Client
        from distributed.comm.addressing import get_address_host

        try:
            get_address_host(address)  # a client of an unknown protocol takes a minute to close
            self.client: Any = Client(address, set_as_default=False)
        except (OSError, ValueError) as error:
            wrong, expected = "no cluster answers", f"a Dask scheduler at {address}"
            raise ConnectionError(_check.message("search", wrong, expected, error)) from error
        super().__init__(OnCluster(self.client))
        self.width = sum(self.client.nthreads().values()) or 1

    def close(self, *, at_once: bool) -> None:
        """Leave the cluster; what of this search still waits there is cancelled."""
        self.client.close()


class OnCluster(Executor):
    """An executor over a Dask client, which tries a job whose worker dies on other workers.

    After four deaths it raises. Unlike here, a future of `Client.get_executor` may then never end.
    """

    def __init__(self, client: Any) -> None:
        self.client = client

    def submit(self, fn: Callable, /, *args: Any, **kwargs: Any) -> Future:
        """Call fn(*args, **kwargs) on a worker."""
        here: Future = Future()
        # Not pure: two trials with equal parameters are two trials.
        there = self.client.submit(fn, *args, **kwargs, pure=False)
        there.add_done_callback(lambda _: self._settle(here, there))
        here.add_done_callback(lambda _: there.cancel() if here.cancelled() else None)
        return here

    @staticmethod
    def _settle(here: Future, there: Any) -> None:
        if not here.set_running_or_notify_cancel():
            return
        try:
            here.set_result(there.result())
        except Exception as error:
            # A cluster that is gone cancels what it was asked for.
            here.set_exception(BrokenExecutor("cancelled") if there.cancelled() else error)
        finally:
            there.release()  # else the cluster computes it again when it loses the worker


def open_pool(executor: object, workers: int | None) -> Pool:
    """The pool for the argument `executor` of a search, with as many workers as cores by default.

    Raises ValueError or TypeError if it is nothing of the kind, ConnectionError without a cluster.
    """
    count = _check.count("search", "workers", (os.cpu_count() or 1) if workers is None else workers)
    if isinstance(executor, Executor):
        return Pool(executor)
    if not isinstance(executor, str):
        got = type(executor).__name__
        raise TypeError(_check.message("search", "executor is none", EXPECTED, got))
    if "://" in executor:
        return Cluster(executor)
    own = {"processes": Processes, "threads": Threads}
    if executor not in own:
        raise ValueError(_check.message("search", "executor is unknown", EXPECTED, repr(executor)))
    return own[executor](count)


def prepare_process() -> None:
    """What a new worker process does first."""
    os.environ["OMP_NUM_THREADS"] = "1"  # for libraries not loaded yet, such as torch
    # Ctrl-C reaches workers too: they end without a word, and the search says what happened.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A search that is killed must not leave processes behind that go on computing."""
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        os._exit(1)


def run_all(job: Job, todo: dict[int, Any], pool: Pool) -> Outcomes:
    """Yield (number, job(todo[number])) in the order in which they finish.

    If a worker process dies, the pool is renewed, and each job that ran at that moment is run
    once more, alone: the one that kills its worker again has failed, the others are innocent.
    """
    waiting = dict(todo)
    while waiting:
        suspects = yield from _side_by_side(job, waiting, pool)
        for number in suspects:
            yield number, _alone(job, todo[number], pool)


def _side_by_side(job: Job, waiting: dict[int, Any], pool: Pool) -> Outcomes:
    """Run jobs, taking them out of `waiting`; return those running when a worker dies, if any."""
    running: dict[Future, int] = {}
    try:
        while waiting or running:
            for number in list(waiting)[: pool.width - len(running)]:
                running[pool.executor.submit(job, waiting[number])] = number
                del waiting[number]
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                outcome = _result(future)
                yield running.pop(future), outcome
        return []
    except BrokenExecutor:
        pool.renew()
        return sorted(running.values())
    finally:
        for future in running:
            future.cancel()


def _alone(job: Job, argument: Any, pool: Pool) -> dict[str, Any]:
    try:
        return _result(pool.executor.submit(job, argument))
    except BrokenExecutor:
        pool.renew()
        return failure("killed its worker process, in company and alone (out of memory?)")


def _result(future: Future) -> dict[str, Any]:
    """What the job returned; what the executor itself raised is a failed trial."""
    try:
        return future.result()
    except BrokenExecutor:
        raise
    except Exception as error:
        return failure(f"{type(error).__name__}: {error}")
