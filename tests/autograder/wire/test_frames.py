"""Do messages arrive whole, and does a hostile other end cost at most the time that is allowed?"""

import math
import socket
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.wire.frames import Closed, Late, receive, send
from autograder.wire.plain import WireError

MIB = 2**20


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    here, there = socket.socketpair()
    with here, there:
        yield here, there


def soon(seconds: float = 5.0) -> float:
    return time.monotonic() + seconds


@contextmanager
def meanwhile(work: Callable[[], object]) -> Iterator[None]:
    """Do this in a thread, which must have ended soon after."""

    def run() -> None:
        with suppress(OSError, Closed, Late):  # the test looks at the other end
            work()

    thread = threading.Thread(target=run)
    thread.start()
    yield
    thread.join(5)
    assert not thread.is_alive()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.binary(max_size=6000), max_size=5))
def test_messages_arrive_whole_and_in_order(messages):
    here, there = socket.socketpair()
    with here, there:
        for message in messages:
            send(here, message, deadline=None)
        assert [receive(there, limit=6000, deadline=None) for _ in messages] == messages


@pytest.mark.parametrize("size", [0, 1, 4095, 4096, 4097, 5 * MIB])
def test_a_message_of_any_size_arrives(ends, size):
    here, there = ends
    message = bytes(range(256)) * (size // 256) + bytes(size % 256)
    with meanwhile(lambda: send(here, message, deadline=soon())):
        assert receive(there, limit=size, deadline=soon()) == message


def test_a_message_that_dribbles_arrives(ends):
    here, there = ends

    def dribble() -> None:
        for byte in b"\5\0\0\0hello":
            here.sendall(bytes([byte]))
            time.sleep(0.002)

    with meanwhile(dribble):
        assert receive(there, limit=5, deadline=soon()) == b"hello"


def test_dribbling_does_not_move_the_deadline(ends):
    here, there = ends
    stop = threading.Event()

    def dribble() -> None:
        here.sendall(b"\xff\xff\0\0")
        while not stop.wait(0.01):
            here.sendall(b"a")

    with meanwhile(dribble):
        start = time.monotonic()
        with pytest.raises(Late, match="in time"):
            receive(there, limit=MIB, deadline=start + 0.1)
        assert 0.09 < time.monotonic() - start < 1
        stop.set()


@pytest.mark.parametrize("came", [b"", b"\5", b"\5\0\0\0", b"\5\0\0\0hell"])
def test_silence_at_any_place_is_late(ends, came):
    here, there = ends
    here.sendall(came)
    with pytest.raises(Late, match="does not answer"):
        receive(there, limit=5, deadline=soon(0.02))


@pytest.mark.parametrize("came", [b"", b"\5", b"\5\0\0\0", b"\5\0\0\0hell"])
def test_an_end_at_any_place_is_closed(ends, came):
    here, there = ends
    here.sendall(came)
    here.close()
    with pytest.raises(Closed, match="gone"):
        receive(there, limit=5, deadline=soon())


def test_a_deadline_that_has_passed_is_late_even_if_the_message_is_there(ends):
    here, there = ends
    send(here, b"a", deadline=None)
    with pytest.raises(Late):
        receive(there, limit=5, deadline=time.monotonic() - 1)
    with pytest.raises(Late):
        send(here, b"a", deadline=time.monotonic() - 1)
    assert receive(there, limit=5, deadline=None) == b"a"


def test_a_frame_announced_as_too_large_is_refused_before_it_comes(ends):
    here, there = ends
    here.sendall(b"\xff\xff\xff\xff")
    with pytest.raises(WireError, match=r"at most 5 bytes, got 4,294,967,295"):
        receive(there, limit=5, deadline=soon())


def test_memory_is_taken_only_for_what_has_come(ends):
    here, there = ends
    here.sendall((512 * MIB).to_bytes(4, "little") + b"a")
    tracemalloc.start()
    with pytest.raises(Late):
        receive(there, limit=math.inf, deadline=soon(0.02))  # pyright: ignore
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2 * MIB


def test_a_flood_is_read_one_message_at_a_time(ends):
    here, there = ends

    def flood() -> None:
        while True:
            send(here, b"a" * 1000, deadline=None)

    with meanwhile(flood):
        for _ in range(100):
            assert receive(there, limit=1000, deadline=soon()) == b"a" * 1000
        there.close()


def test_who_does_not_read_is_late_and_who_left_is_closed(ends):
    here, there = ends
    with pytest.raises(Late, match="does not take"):
        send(here, bytes(5 * MIB), deadline=soon(0.05))
    there.close()
    with pytest.raises(Closed, match="gone"):
        send(here, b"a", deadline=None)


def test_an_own_end_that_is_closed_is_closed(ends):
    here, _ = ends
    here.close()
    with pytest.raises(Closed):
        receive(here, limit=5, deadline=None)
    with pytest.raises(Closed):
        send(here, b"a", deadline=None)
