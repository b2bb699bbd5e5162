"""Messages over a socket: four bytes of length, then the message. The other end may be an enemy."""

import io
import socket
import time
from struct import Struct

from autograder.wire.terms import WireError

_LENGTH = Struct("<I")
_SHORT = 4096  # bytes that are worth copying to save a call
_AT_ONCE = 2**18


class Late(TimeoutError):
    """The deadline passed. Half a message may have gone, so the connection is of no more use."""


class Closed(EOFError):
    """The other end is gone."""


def send(sock: socket.socket, data: bytes, *, deadline: float | None) -> None:
    """Send one message until the deadline, a moment of `time.monotonic`; None: no limit.

    Raises `Late` and `Closed`.
    """
    try:
        _set_timeout(sock, deadline)
        sock.sendall(_LENGTH.pack(len(data)) + data[:_SHORT])
        if len(data) > _SHORT:
            _set_timeout(sock, deadline)
            sock.sendall(memoryview(data)[_SHORT:])
    except TimeoutError as error:
        raise Late("The other side does not take its messages in time.") from error
    except OSError as error:
        raise Closed(f"The other side is gone: {error}.") from error


def receive(sock: socket.socket, *, limit: int, deadline: float | None) -> bytes:
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


def _exactly(sock: socket.socket, length: int, deadline: float | None) -> bytes:
    whole = io.BytesIO()
    while (left := length - whole.tell()) > 0:
        _set_timeout(sock, deadline)
        part = sock.recv(min(left, _AT_ONCE))
        if not part:
            raise Closed("The other side is gone.")
        whole.write(part)
    return whole.getvalue()


def _set_timeout(sock: socket.socket, deadline: float | None) -> None:
    left = None if deadline is None else deadline - time.monotonic()
    if left is not None and left <= 0:
        raise TimeoutError
    sock.settimeout(left)
