"""Workers of a running Dask cluster, on any machines: Slurm, Kubernetes, or a few by hand.

All is marked under the layers of the sandbox that every worker has when the run begins; those of
this machine do not matter, since no student's code runs here. A worker that comes later must have
them too.
"""

import contextlib
import logging
import os
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Future
from typing import Any

import dask.config
from distributed import Client, KilledWorker, get_worker
from distributed.comm.addressing import get_address_host_port

from autograder.errors import CourseError
from autograder.examiner.marked import Marked
from autograder.intake import Handed
from autograder.run import task
from autograder.run.machine import Machine, this_machine
from autograder.run.pool import Outcomes, Tasks, failed, mark_all
from autograder.run.work import GRACE, Work
from coursekit.training.search.workers import OnCluster

_PATIENCE = 5  # seconds for the scheduler to answer
_FIRST_WORKER = 10  # seconds for a first worker to come
_AHEAD = 2  # tasks a thread that are sent before their turn
_LOOK = 1  # seconds between two looks at how many workers there are
_SETTINGS = {
    "distributed.comm.timeouts.connect": f"{_PATIENCE}s",
    "distributed.admin.large-graph-warning-threshold": "1 GiB",  # a submission may be that large
}
_LOGGERS = "distributed", "distributed.client"  # Dask gives both a level
_INSTALL = "Install there what is installed here, the same version of the course, and start it anew"
_ONE_AT_A_TIME = threading.Lock()  # a worker may have several threads


class UnfitError(Exception):
    """A worker that might mark otherwise than the others."""


@contextlib.contextmanager
def cluster(address: str) -> Iterator["Cluster"]:
    """The workers of the scheduler at `address`; CourseError where they cannot be used."""
    for logger in _LOGGERS:  # a lost connection is told below
        logging.getLogger(logger).setLevel(logging.CRITICAL)
    with dask.config.set(_SETTINGS), _connected(address) as client:
        there = Cluster(client, address)
        yield there
        with contextlib.suppress(Exception):  # who is gone has left
            client.run(_leave, on_error="ignore")


def _connected(address: str) -> Client:
    try:
        # A Client that finds nobody is slow to give up, and says so at length.
        socket.create_connection(get_address_host_port(address), _PATIENCE).close()
        return Client(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError, OverflowError) as error:
        raise CourseError(
            f"No Dask scheduler answers at '{address}': {error}. Expected the address that one "
            "shows when it starts, such as tcp://10.0.0.1:8786."
        ) from error


class Cluster:
    """The workers of a cluster, once each was found fit."""

    def __init__(self, client: Any, address: str) -> None:  # a Client, whose answers have no type
        self._client, self._address = client, address
        self._machines = self._find_machines()
        self._work: Any = None  # a future: it is sent once to each worker
        self._room, self._looked = 0, -float(_LOOK)

    def _find_machines(self) -> dict[str, Machine]:
        with contextlib.suppress(TimeoutError):
            self._client.wait_for_workers(1, timeout=_FIRST_WORKER)
        found = self._ask_all()
        if not found:
            raise CourseError(
                f"The scheduler at '{self._address}' has no workers. Start some and try again."
            )
        scheduler = {self._address: self._ask_scheduler()}  # which unpacks what it passes on
        for name, machine in [*scheduler.items(), *sorted(found.items())]:
            if said := _misfit(machine):
                raise CourseError(f"{name} {said}. {_INSTALL}.")
        return found

    def _ask_all(self) -> dict[str, Any]:
        """What each worker says of itself; an exception where it cannot."""
        try:
            return self._client.run(this_machine, on_error="return")
        except Exception as error:  # of Dask itself
            return {self._address: error}

    def _ask_scheduler(self) -> Machine | Exception:
        try:
            return self._client.run_on_scheduler(this_machine)
        except Exception as error:
            return error

    def problems(self) -> dict[str, str]:
        """Why a layer of the sandbox does not work everywhere, or "", by layer."""
        problems = dict.fromkeys(this_machine().problems, "")
        for name, machine in sorted(self._machines.items()):
            for layer, problem in machine.problems.items():
                if problem and not problems[layer]:
                    problems[layer] = f"On {name}: {problem}"
        return problems

    def mark(self, work: Work, tasks: Tasks) -> Outcomes:
        """Yield each student with what became of the submission, in the order of finishing.

        A task whose worker dies is tried on others by the scheduler.
        """
        self._work = self._client.submit(_same, work, pure=False)
        yield from mark_all(self, tasks)

    @property
    def room(self) -> int:
        """How many tasks to send at a time; workers come and go."""
        if time.monotonic() - self._looked > _LOOK:
            try:
                threads = sum(self._client.nthreads().values())
            except OSError:
                raise self._gone() from None
            self._room, self._looked = max(1, _AHEAD * threads), time.monotonic()
        return self._room

    patience = None  # `_ended_after` ends what hangs, and the scheduler knows who is gone

    def start_anew(self) -> None:
        """Nothing: Dask replaces its workers itself."""

    def start(self, student: str, handed: Handed) -> Future:
        """Send a task."""
        return OnCluster(self._client).submit(_mark, this_machine(), self._work, student, handed)

    def outcome(self, future: Future) -> Marked:
        """What became of a task; CourseError where the cluster is no good any more."""
        try:
            return future.result()
        except BrokenExecutor:
            raise self._gone() from None
        except (UnfitError, ImportError, AttributeError) as error:
            raise CourseError(
                f"A worker has joined that must not mark: {error}. {_INSTALL}."
            ) from None
        except KilledWorker as error:
            return failed(f"{error.allowed_failures + 1} workers died of it or beside it")
        except Exception as error:
            return failed(f"the cluster failed: {type(error).__name__}: {error}")

    def _gone(self) -> CourseError:
        return CourseError(
            f"The scheduler at '{self._address}' is gone. What was finished is kept: start it "
            "anew and run the command again."
        )


def _misfit(machine: Machine | Exception) -> str:
    """What is wrong with a process of the cluster, or ""."""
    if isinstance(machine, Exception):
        return f"cannot mark: {machine}"
    return machine.misses(this_machine())


def _same(work: Work) -> Work:
    return work


def _mark(expected: Machine, work: Work, student: str, handed: Handed) -> Marked:
    """In a worker: mark a submission, if that gives the same as anywhere else."""
    here = this_machine()
    lacks = [f"lacks {layer}: {here.problems[layer]}" for layer in work.layers]
    said = here.misses(expected) or next((s for s in lacks if not s.endswith(": ")), "")
    if said:
        raise UnfitError(f"{get_worker().address} {said}")
    with _ONE_AT_A_TIME, _ended_after(work.times.notebook + GRACE):
        return task.grade(work, student, handed)


@contextlib.contextmanager
def _ended_after(seconds: float) -> Iterator[None]:
    """End this process where what is inside hangs: the task goes to another one."""
    timer = threading.Timer(seconds, os._exit, [1])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _leave() -> None:
    """In a worker: end what was prepared, unless somebody else is at it."""
    if _ONE_AT_A_TIME.acquire(blocking=False):
        try:
            task.forget()
        finally:
            _ONE_AT_A_TIME.release()
