"""Does a bomb stop at its limit, and only for the one who set it off?"""

import contextlib
import errno
import faulthandler
import mmap
import os
import resource
import select
import signal
import time
from pathlib import Path

import pytest

from autograder.sandbox import limits, privileges
from autograder.sandbox.limits import Limits
from tests.autograder.sandbox.children import SMALL, candidate, child, has, needs

LITTLE = Limits(memory=32 << 20)


def limited(action, bounds: Limits = SMALL):
    """Run it in a child that has limits and no other layer."""
    return child(lambda: (limits.apply(bounds, others=1 << 16), action())[1])


def take_memory() -> int:
    """So much that no free memory which this process has already will do."""
    return len(bytearray(16 * LITTLE.memory))


def map_memory() -> int:
    return len(mmap.mmap(-1, 2 * LITTLE.memory))


def fork_many() -> int:
    """More than the limit; each ends at once and stays to be counted, since nobody waits for it."""
    for _ in range(SMALL.processes + 2):
        if os.fork() == 0:
            os._exit(0)
    return SMALL.processes + 2


def open_many() -> int:
    return len([os.dup(0) for _ in range(SMALL.open_files)])


def write_much(folder: Path, size: int) -> int:
    return (folder / "file").write_bytes(b"x" * size)


def use_time(seconds: float) -> float:
    while time.process_time() < seconds:
        sum(range(1000))
    return time.process_time()


def recurse(depth: int) -> int:
    """In C, where Python does not count: the stack overflows."""
    faulthandler.disable()
    nested: tuple = ()
    for _ in range(depth):
        nested = (nested,)
    return bool(hash(nested))


@pytest.mark.parametrize("action", [take_memory, map_memory])
def test_memory_beyond_the_limit_is_refused(action):
    assert child(action).value >= 2 * LITTLE.memory
    outcome = limited(action, LITTLE)
    assert outcome.error == "MemoryError" or outcome.number == errno.ENOMEM, outcome


def test_memory_is_counted_from_the_present_size():
    """Torch maps many gigabytes before a student's first line."""

    def large_then_small() -> int:
        kept = mmap.mmap(-1, 4 * LITTLE.memory)
        limits.apply(LITTLE, others=1 << 16)
        return len(bytearray(LITTLE.memory // 2)) + len(kept) * 0

    assert child(large_then_small).value == LITTLE.memory // 2


@needs("namespaces")
def test_a_fork_bomb_stops_at_the_limit(scratch):
    assert child(fork_many).value == SMALL.processes + 2
    if os.geteuid() == 0 and not has("unprivileged_user"):
        pytest.skip("root's processes are not counted, and there is no other uid")
    assert candidate(scratch, fork_many).number == errno.EAGAIN


@needs("unprivileged_user")
def test_a_copy_can_be_taken_of_one_that_has_used_up_all_processes(scratch):
    def refused_but_for_the_copy() -> int:
        with contextlib.suppress(BlockingIOError):
            fork_many()
        with limits.spare_process():
            _ = os.fork() or os._exit(0)
        try:
            return (os.fork() or os._exit(0)) * 0
        except BlockingIOError:
            return 1

    assert candidate(scratch, refused_but_for_the_copy).value == 1


@needs("unprivileged_user")
def test_processes_that_ran_before_do_not_use_up_the_limit():
    def fork_after(count_others: bool) -> int:
        privileges.drop(privileges.uid_for(7), privileges.uid_for(7))
        for _ in range(SMALL.processes):
            _ = os.fork() or os._exit(0)
        others = limits.other_tasks(None, ()) if count_others else 0
        limits.apply(SMALL, others)
        return (os.fork() or os._exit(0)) and 1

    assert child(lambda: fork_after(True)).value == 1
    assert child(lambda: fork_after(False)).number == errno.EAGAIN


def test_who_has_a_count_of_its_own_needs_no_allowance(monkeypatch):
    monkeypatch.setattr(limits, "_tasks_of", lambda uid: 99)
    monkeypatch.setattr(limits, "_kernel_version", lambda: (5, 14))
    assert limits.other_tasks(1000, ()) == 0
    assert limits.other_tasks(None, {"user"}) == 0
    assert limits.other_tasks(None, {"pid"}) == 99
    monkeypatch.setattr(limits, "_kernel_version", lambda: (5, 13))
    assert limits.other_tasks(None, {"user"}) == 99


def test_open_files_are_limited():
    assert child(open_many).value == SMALL.open_files
    assert limited(open_many).number == errno.EMFILE


def test_a_file_cannot_grow_beyond_the_limit(tmp_path):
    size = SMALL.file_size + 1
    assert child(lambda: write_much(tmp_path, size)).value == size
    assert limited(lambda: write_much(tmp_path, size)).number == errno.EFBIG


def test_processor_time_is_limited():
    """The kernel counts in ticks, so that the limit comes a little late on a busy machine."""
    assert child(lambda: use_time(1.1)).worked
    assert limited(lambda: use_time(5), Limits(cpu_seconds=1)).status == -signal.SIGKILL


def test_recursion_without_end_crashes_the_candidate_alone(scratch):
    assert candidate(scratch, lambda: recurse(1000)).worked
    assert candidate(scratch, lambda: recurse(200_000)).status == -signal.SIGSEGV


def test_the_stack_is_limited_where_it_was_not():
    def stack() -> list[int]:
        resource.setrlimit(resource.RLIMIT_STACK, (-1, resource.getrlimit(3)[1]))
        limits.apply(SMALL, others=1 << 16)
        return list(resource.getrlimit(resource.RLIMIT_STACK))

    assert child(stack).value == [SMALL.stack, SMALL.stack]


def test_a_limit_that_is_already_lower_stays():
    def open_files() -> int:
        resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))
        limits.apply(SMALL, others=1 << 16)
        return resource.getrlimit(resource.RLIMIT_NOFILE)[1]

    assert child(open_files).value == 40


def test_where_there_is_no_proc_memory_is_left_alone(monkeypatch):
    def missing(*_args, **_options):
        raise FileNotFoundError

    monkeypatch.setattr(Path, "read_text", missing)
    assert limits._memory(1) == {}


def test_the_oom_killer_is_offered_this_process_first():
    def score() -> str:
        limits.offer_to_oom_killer()
        return Path("/proc/self/oom_score_adj").read_text(encoding="ascii")

    assert child(score).value == "1000\n"


def test_a_daemon_ends_with_its_candidate(scratch):
    """Forked twice, it has no parent that would wait for it; the pipe tells whether it lives."""

    def start_daemon() -> int:
        if os.fork() == 0:
            if os.fork() == 0:
                os.write(writer, str(os.getpid()).encode())
                time.sleep(30)
            os._exit(0)
        return os.wait()[1]

    reader, writer = os.pipe()
    if has("namespaces"):
        assert candidate(scratch, start_daemon).worked
        assert select.select([reader], [], [], 5)[0]
        assert os.read(reader, 20)
    left = child(start_daemon).worked and int(os.read(reader, 20))
    os.close(writer)
    assert not select.select([reader], [], [], 0.1)[0], "without the layer it lives on"
    os.kill(left, signal.SIGKILL)
    assert select.select([reader], [], [], 5)[0] and os.read(reader, 1) == b"", "none is left"
    os.close(reader)
