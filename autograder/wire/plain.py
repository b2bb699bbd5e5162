"""Plain data as bytes and back. The bytes may come from an enemy; what they make is harmless.

A message is a row of msgpack values and, after it, the memory of its arrays. The row is flat: what
msgpack has no type for is an extension value that says how many of the next values belong to it.
So nothing is allocated before it has come, and no bytes can make msgpack nest.

Objects that are not plain (functions, modules, generators …) stay where they are; a `Ref` crosses.
Subclasses arrive as the plain type below them, matrices as arrays; only named tuples stay what they
are.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.wire.codes import NUMBER
from autograder.wire.named import Kinds
from autograder.wire.reader import Reader
from autograder.wire.terms import LIMITS, Limits, Ref, WireError
from autograder.wire.writer import Writer

__all__ = ["LIMITS", "Limits", "Ref", "WireError", "decode", "encode"]


def encode(
    value: object,
    refer: Callable[[object], Ref],
    *,
    arrays: list[np.ndarray] | None = None,
    keeps: Callable[[object], bool] | None = None,
    shares: Callable[[np.ndarray], bool] | None = None,
    kinds: Kinds | None = None,
    limits: Limits = LIMITS,
) -> bytes:
    """The message that says this value. refer: gives the name of an object that is not plain.

    keeps, shares: which tensors and arrays have a name as well; by default all cross as plain ones.
    arrays: takes each array that is met (also a tensor's memory), in the order in which `decode`
    makes them. kinds: remembers the classes of named tuples. Raises WireError for what cannot
    cross, and what `refer` raises.

    >>> decode(encode({"lr": (0.1, ...)}, refer=id), resolve=id)
    {'lr': (0.1, Ellipsis)}
    """
    met = [] if arrays is None else arrays
    writer = Writer(refer, met, limits, kinds or Kinds(), keeps, shares)
    try:
        writer.item(value, 0)
    except (RecursionError, UnicodeEncodeError) as error:
        raise WireError(f"This value cannot cross: {error}.") from error
    row = writer.packer.bytes()
    if len(row) > limits.text or NUMBER.size + len(row) + writer.bulk > limits.size:
        raise WireError(f"A value of {len(row) + writer.bulk:,} bytes is too large to cross.")
    return b"".join([NUMBER.pack(len(row)), row, *writer.memory])


def decode(
    data: bytes | bytearray,
    resolve: Callable[[Ref], object],
    *,
    arrays: list[np.ndarray] | None = None,
    kinds: Kinds | None = None,
    limits: Limits = LIMITS,
) -> Any:
    """The value that a message says, made of new objects. resolve: finds an object by its name.

    arrays: takes each array that is made; kinds: knows classes of named tuples. Raises WireError
    for bytes that are no message within the limits, and what `resolve` raises.
    """
    reader = Reader(data, resolve, [] if arrays is None else arrays, limits, kinds or Kinds())
    (value,) = reader.values(1, 0)
    reader.close()
    return value
