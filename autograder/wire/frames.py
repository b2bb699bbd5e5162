"""Messages over a socket: four bytes of length, then the message. The other end may be an enemy."""

import socket
import time
from collections.abc import Callable
from struct import Struct
from typing import Any

from autograder.wire.terms import WireError

_LENGTH = Struct("<I")
_AT_ONCE = 2**18
_TICK = 1.0  # seconds between two looks at the deadline: another time for each call costs time too


class Late(TimeoutError):
    """The deadline passed. Half a message may have gone, so the connection is of no more use."""


class Closed(EOFError):
    """The other end is gone."""


def send(sock: socket.socket, data: bytes, *, deadline: float | None) -> None:
    """Send one message until the deadline, a moment of `time.monotonic`; None: no limit.

    Raises `Late` and `Closed`.
    """
    head = _LENGTH.pack(len(data))
    try:
        sent = _call(sock.sendmsg, [head, data], sock, deadline)
        left = memoryview(head + data)[sent:] if sent < len(head) + len(data) else b""
        while left:
            left = left[_call(sock.send, left, sock, deadline) :]
    except TimeoutError as error:
        raise Late("The other side does not take its messages in time.") from error
    except OSError as error:
        raise Closed(f"The other side is gone: {error}.") from error


def receive(sock: socket.socket, *, limit: int, deadline: float | None) -> bytes | bytearray:
    """The next message, of at most `limit` bytes.

    Raises `Late`, `Closed`, and WireError for one that is announced as larger; memory is taken
    only for what has come.
    """
    try:
        (length,) = _LENGTH.unpack(_exactly(sock, _LENGTH.size, deadline))
        if length > limit:
            raise WireError(f"Expected a message of at most {limit:,} bytes, got {length:,}.")
        return _exactly(sock, length, deadline)
    except TimeoutError as error:
        raise Late("The other side does not answer in time.") from error
    except OSError as error:
        raise Closed(f"The other side is gone: {error}.") from error


def _exactly(sock: socket.socket, length: int, deadline: float | None) -> bytes | bytearray:
    if length <= _AT_ONCE:
        return _part(sock, length, deadline)
    starts = range(0, length, _AT_ONCE)
    return b"".join([_part(sock, min(_AT_ONCE, length - at), deadline) for at in starts])


def _part(sock: socket.socket, length: int, deadline: float | None) -> bytearray:
    part = bytearray(length)
    left = memoryview(part)
    while left:
        come = _call(sock.recv_into, left, sock, deadline)
        if not come:
            raise Closed("The other side is gone.")
        left = left[come:]
    return part


def _call(
    method: Callable[..., int], data: Any, sock: socket.socket, deadline: float | None
) -> int:
    """What the socket's method returns when it is possible; TimeoutError after the deadline."""
    while True:
        wait = None if deadline is None else min(deadline - time.monotonic(), _TICK)
        if wait is not None and wait <= 0:
            raise TimeoutError
        if sock.gettimeout() != wait:
            sock.settimeout(wait)
        try:
            return method(data)
        except TimeoutError:
            continue
