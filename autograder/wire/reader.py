"""Read a message of which nothing is known. Every length is checked before it is believed."""

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import islice
from types import EllipsisType
from typing import Any

import msgpack
import numpy as np

from autograder.wire import codes
from autograder.wire.arrays import dtype_of, extent, read_head, rebuild
from autograder.wire.codes import (
    DICTS,
    INT_BITS,
    NATIVE,
    NUMBER,
    SCALARS,
    TWO_FLOATS,
    TYPES,
    check_keys,
    check_range,
    crowded,
)
from autograder.wire.named import Kinds, named
from autograder.wire.tensors import make_tensor
from autograder.wire.terms import Limits, Ref, WireError

_MOST_NAMES = 100  # kinds of named tuples in a message: each may need a class
_END = object()
_UNKNOWN = "Expected plain data, got another kind of value."


class Reader:
    """A message that is being read. `tokens` are what msgpack read in its row, and an end."""

    def __init__(
        self,
        data: bytes | bytearray,
        resolve: Callable[[Ref], object],
        arrays: list[np.ndarray],
        limits: Limits,
        kinds: Kinds,
    ) -> None:
        self.data, self.resolve, self.arrays, self.limits = data, resolve, arrays, limits
        self.kinds = kinds
        tokens, self.offset = _row(data, limits)
        self.tokens = iter([*tokens, _END])
        self.bulk, self.keys_left = self.offset, limits.keys
        self.made: list[tuple[object, int]] = []  # arrays and tensors, with their extents
        self.naming = False
        self.names: set[str] = set()  # of the kinds of named tuples

    def values(self, count: int, depth: int) -> list[Any]:
        """The next values of the row."""
        built = self.built
        return [
            token if type(token) in NATIVE else built(token, depth)
            for token in islice(self.tokens, count)
        ]

    def built(self, token: Any, depth: int) -> Any:
        if type(token) is not tuple:
            raise WireError("Expected more of the message." if token is _END else _UNKNOWN)
        read = _READERS.get(token[0])
        if read is None:
            raise WireError(_UNKNOWN)
        return read(self, token[1], depth)

    def close(self) -> None:
        if next(self.tokens) is not _END or self.offset != len(self.data):
            raise WireError("Expected one value, got more.")

    def parts(self, data: bytes, depth: int, expected: int | None = None) -> list[Any]:
        if len(data) != NUMBER.size or depth >= self.limits.depth:
            raise WireError(f"Expected a number of parts, and at most {self.limits.depth} levels.")
        (count,) = NUMBER.unpack(data)
        if expected not in (None, count):
            raise WireError(f"Expected {expected} parts, got {count:,}.")
        return self.values(count, depth + 1)

    def read_tuple(self, data: bytes, depth: int) -> tuple:
        return tuple(self.parts(data, depth))

    def read_named(self, data: bytes, depth: int) -> tuple:
        parts = self.parts(data, depth)
        self.names.add(repr(parts[:2]))
        if len(parts) < 2 or len(self.names) > _MOST_NAMES:
            raise WireError(f"Expected named tuples, of at most {_MOST_NAMES} kinds.")
        name, fields, *values = parts
        return named(self.kinds, name, fields, values)

    def keyed(self, make: Callable[[list], Any], keys: list[Any], parts: list[Any]) -> Any:
        """A dict or a set of these parts; of plain keys, so no strange code runs here."""
        self.keys_left = check_keys(keys, self.keys_left)
        try:
            made = () if crowded(keys) else make(parts)
        except Exception as error:  # NumPy's scalars and large integers do not always compare
            raise WireError(f"Expected keys that can be compared: {error}.") from error
        if len(made) != len(keys):
            raise WireError("Expected keys that differ, got equal ones or equal hashes.")
        return made

    def read_set(self, data: bytes, depth: int) -> set:
        parts = self.parts(data, depth)
        return self.keyed(set, parts, parts)

    def read_frozenset(self, data: bytes, depth: int) -> frozenset:
        parts = self.parts(data, depth)
        return self.keyed(frozenset, parts, parts)

    def read_dict(self, data: bytes, depth: int) -> dict:
        return self.pairs(self.parts(data, depth))

    def pairs(self, parts: list[Any]) -> dict:
        if len(parts) % 2:
            raise WireError("Expected a value for each key.")
        return self.keyed(_dict, parts[::2], parts)

    def read_dict_of(self, data: bytes, depth: int) -> dict:
        parts = self.parts(data, depth)
        if len(parts) < 2 or type(parts[0]) is not int or not 0 <= parts[0] < len(DICTS):
            raise WireError("Expected the kind of a dict.")
        kind: Any = DICTS[parts[0]]
        factory, pairs = parts[1], self.pairs(parts[2:])
        if kind is not defaultdict:
            return kind(pairs)
        if not (factory is None or callable(factory)):
            raise WireError("Expected what makes the values that are missing.")
        return defaultdict(factory, pairs)

    def read_slice(self, data: bytes, depth: int) -> slice:
        return slice(*self.parts(data, depth, 3))

    def read_range(self, data: bytes, depth: int) -> range:
        start, stop, step = self.parts(data, depth, 3)
        if not type(start) is type(stop) is type(step) is int or step == 0:
            raise WireError("Expected three integers of a range.")
        return check_range(range(start, stop, step), self.limits)

    def read_numpy_text(self, data: bytes, depth: int) -> np.str_ | np.bytes_:
        (value,) = self.parts(data, depth, 1)
        if type(value) not in (str, bytes):
            raise WireError("Expected text for NumPy.")
        return np.str_(value) if type(value) is str else np.bytes_(value)

    def read_reference(self, data: bytes, depth: int) -> Any:
        if self.naming:
            raise WireError("Expected plain data as the state of a Ref, got a Ref.")
        self.naming = True
        ref = Ref(*self.parts(data, depth, 5))
        self.naming = False
        return self.resolve(ref)

    def read_whole(self, data: bytes, depth: int) -> int:
        value = int.from_bytes(data[: INT_BITS // 8 + 1], "little", signed=True)
        if len(data) > INT_BITS // 8 + 1 or value.bit_length() > INT_BITS:
            raise WireError(f"Expected an integer of at most {INT_BITS} bits.")
        return value

    def read_complex(self, data: bytes, depth: int) -> complex:
        if len(data) != TWO_FLOATS.size:
            raise WireError("Expected a complex number.")
        return complex(*TWO_FLOATS.unpack(data))

    def read_ellipsis(self, data: bytes, depth: int) -> EllipsisType:
        return ...

    def read_dtype(self, data: bytes, depth: int) -> np.dtype:
        return dtype_of(data.decode("latin-1"))

    def read_type(self, data: bytes, depth: int) -> type:
        return _entry(TYPES, data)

    def read_scalar(self, data: bytes, depth: int) -> Any:
        dtype = np.dtype(_entry(SCALARS, data[:1]))
        if len(data) != 1 + dtype.itemsize:
            raise WireError(f"Expected a NumPy scalar of {dtype.itemsize} bytes.")
        return rebuild(0, (), dtype, data, 1)[()]

    def read_array(self, data: bytes, depth: int) -> np.ndarray:
        array, _, size = self.block(data)
        self.made.append((array, size))
        return array

    def read_tensor(self, data: bytes, depth: int) -> Any:
        array, flags, size = self.block(data)
        tensor = make_tensor(array, flags)
        self.made.append((tensor, size))
        return tensor

    def block(self, head: bytes) -> tuple[np.ndarray, int, int]:
        """The next array, its flags and its extent."""
        flags, shape, dtype = read_head(head)
        size = extent(shape, dtype.itemsize)
        self.grow(size)
        start, stop = self.offset, self.offset + dtype.itemsize * math.prod(shape)
        if stop > len(self.data):
            raise WireError(f"Expected {stop - start:,} bytes of an array, got fewer.")
        array = rebuild(flags, shape, dtype, self.data, start)
        self.offset = stop
        self.arrays.append(array)
        return array, flags, size

    def read_same(self, data: bytes, depth: int) -> Any:
        thing, size = _entry(self.made, data)
        self.grow(size)
        return thing

    def grow(self, size: int) -> None:
        self.bulk += size
        if self.bulk > self.limits.size:
            raise WireError(f"Expected arrays of at most {self.limits.size:,} bytes.")


_READERS: dict[int, Callable[[Reader, bytes, int], Any]] = {
    codes.LIST: Reader.parts,
    codes.TUPLE: Reader.read_tuple,
    codes.NAMED: Reader.read_named,
    codes.DICT_OF: Reader.read_dict_of,
    codes.DICT: Reader.read_dict,
    codes.SET: Reader.read_set,
    codes.FROZENSET: Reader.read_frozenset,
    codes.SLICE: Reader.read_slice,
    codes.RANGE: Reader.read_range,
    codes.NUMPY_TEXT: Reader.read_numpy_text,
    codes.REF: Reader.read_reference,
    codes.INT: Reader.read_whole,
    codes.COMPLEX: Reader.read_complex,
    codes.ELLIPSIS: Reader.read_ellipsis,
    codes.DTYPE: Reader.read_dtype,
    codes.TYPE: Reader.read_type,
    codes.SCALAR: Reader.read_scalar,
    codes.ARRAY: Reader.read_array,
    codes.TENSOR: Reader.read_tensor,
    codes.SAME: Reader.read_same,
}


def _row(data: bytes | bytearray, limits: Limits) -> tuple[list[Any], int]:
    """The values in the row, and where it ends."""
    if not NUMBER.size <= len(data) <= limits.size:
        raise WireError(f"Expected a message of at most {limits.size:,} bytes, got {len(data):,}.")
    (length,) = NUMBER.unpack_from(data)
    end = NUMBER.size + length
    if length > limits.text or end > len(data):
        raise WireError(f"Expected a row that fits into its message, got {length:,} bytes.")
    unpacker = msgpack.Unpacker(
        ext_hook=_pair, max_array_len=0, max_map_len=0, max_buffer_size=limits.text
    )
    unpacker.feed(memoryview(data)[NUMBER.size : end])
    try:
        tokens = list(islice(unpacker, limits.items + 1))
    except (ValueError, msgpack.UnpackException) as error:
        raise WireError(f"Expected a row of msgpack values: {error}.") from error
    if len(tokens) > limits.items or unpacker.tell() != length:
        raise WireError(f"Expected at most {limits.items:,} whole values.")
    return tokens, end


def _pair(code: int, data: bytes) -> tuple[int, bytes]:
    return code, data


def _entry(table: Sequence[Any], data: bytes) -> Any:
    """What stands in the table at the place that these bytes say."""
    place = int.from_bytes(data[:4], "little")
    if not data or len(data) > 4 or place >= len(table):
        raise WireError("Expected the place of something known.")
    return table[place]


def _dict(parts: list[Any]) -> dict[Any, Any]:
    return dict(zip(parts[::2], parts[1::2], strict=True))
