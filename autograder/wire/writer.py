"""Write a message. Each type reads its own values, so what a subclass overrides is not asked."""

import sys
from collections import defaultdict
from collections.abc import Callable
from types import EllipsisType
from typing import Any

import msgpack
import numpy as np

from autograder.wire import codes
from autograder.wire.arrays import describe, dtype_code, extent
from autograder.wire.codes import (
    DICTS,
    INT_BITS,
    NUMBER,
    PACKED,
    SCALAR_CODES,
    SCALARS,
    TWO_FLOATS,
    TYPE_CODES,
    check_keys,
    check_range,
)
from autograder.wire.named import Kinds, is_named
from autograder.wire.tensors import tensor_memory
from autograder.wire.terms import Limits, Ref, WireError

_READ_BASE = {  # how a plain type reads a value of its subclass, whatever that has overridden
    int: int.__int__,
    float: float.__float__,
    complex: complex.__complex__,
    str: str.__str__,
    bytes: bytes.__bytes__,
}


class Writer:
    """A message that is being written: the row in `packer`, then the memory of the arrays."""

    def __init__(
        self,
        refer: Callable[[object], Ref],
        arrays: list[np.ndarray],
        limits: Limits,
        kinds: Kinds,
        keeps: Callable[[object], bool] | None = None,
        shares: Callable[[np.ndarray], bool] | None = None,
    ) -> None:
        self.refer, self.arrays, self.limits = refer, arrays, limits
        self.kinds, self.keeps, self.shares = kinds, keeps, shares
        self.packer = msgpack.Packer(autoreset=False, buf_size=1024)
        self.memory: list[Any] = []
        self.bulk, self.items_left, self.keys_left = 0, limits.items - 1, limits.keys
        # By id: the place of an array, its extent, and itself, so that no other gets its id.
        self.seen: dict[int, tuple[bytes, int, object]] = {}
        self.naming = False

    def item(self, value: Any, depth: int) -> None:
        kind = type(value)
        (_WRITERS.get(kind) or _writer_of(kind))(self, value, depth)

    def write_native(self, value: Any, depth: int) -> None:
        self.packer.pack(value)

    def write_whole(self, value: int, depth: int) -> None:
        if -(2**63) <= value < 2**64:
            self.packer.pack(value)
        elif value.bit_length() > INT_BITS:
            raise WireError(f"An integer of {value.bit_length():,} bits is too large to cross.")
        else:
            data = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
            self.packer.pack_ext_type(codes.INT, data)

    def write_derived(self, value: Any, depth: int) -> None:
        base = next(base for base in type(value).__mro__ if base in _READ_BASE)
        self.item(_READ_BASE[base](value), depth)

    def write_complex(self, value: complex, depth: int) -> None:
        self.packer.pack_ext_type(codes.COMPLEX, TWO_FLOATS.pack(value.real, value.imag))

    def parts(self, code: int, values: list[Any], depth: int) -> None:
        """How many, then each."""
        if depth >= self.limits.depth:
            raise WireError(f"More than {depth} containers in each other cannot cross, or a cycle.")
        self.items_left -= len(values)
        if self.items_left < 0:
            raise WireError(f"More than {self.limits.items:,} values cannot cross; try an array.")
        self.packer.pack_ext_type(code, NUMBER.pack(len(values)))
        pack = self.packer.pack
        for value in values:
            if type(value) in PACKED:
                pack(value)
            else:
                self.item(value, depth + 1)

    def write_list(self, value: list, depth: int) -> None:
        self.parts(codes.LIST, [*list.__iter__(value)], depth)

    def write_tuple(self, value: tuple, depth: int) -> None:
        self.parts(codes.TUPLE, [*tuple.__iter__(value)], depth)

    def write_named(self, value: tuple, depth: int) -> None:
        self.parts(codes.NAMED, [*self.kinds.note(type(value)), *tuple.__iter__(value)], depth)

    def write_set(self, value: set, depth: int) -> None:
        self.parts(codes.SET, self.keys([*set.__iter__(value)]), depth)

    def write_frozenset(self, value: frozenset, depth: int) -> None:
        self.parts(codes.FROZENSET, self.keys([*frozenset.__iter__(value)]), depth)

    def write_dict(self, value: dict, depth: int) -> None:
        parts = [part for pair in dict.items(value) for part in pair]
        self.keys(parts[::2])
        self.parts(codes.DICT, parts, depth)

    def write_dict_of(self, value: Any, depth: int) -> None:
        kind = next(kind for kind in type(value).__mro__ if kind in DICTS)
        factory = value.default_factory if kind is defaultdict else None
        parts = [part for pair in dict.items(value) for part in pair]
        self.keys(parts[::2])
        self.parts(codes.DICT_OF, [DICTS.index(kind), factory, *parts], depth)

    def keys(self, keys: list[Any]) -> list[Any]:
        """The same, if they may be keys or elements of a set."""
        self.keys_left = check_keys(keys, self.keys_left)
        return keys

    def write_slice(self, value: slice, depth: int) -> None:
        self.parts(codes.SLICE, [value.start, value.stop, value.step], depth)

    def write_range(self, value: range, depth: int) -> None:
        check_range(value, self.limits)
        self.parts(codes.RANGE, [value.start, value.stop, value.step], depth)

    def write_ellipsis(self, value: EllipsisType, depth: int) -> None:
        self.packer.pack_ext_type(codes.ELLIPSIS, b"")

    def write_dtype(self, value: np.dtype, depth: int) -> None:
        self.packer.pack_ext_type(codes.DTYPE, dtype_code(value).encode())

    def write_type(self, value: type, depth: int) -> None:
        if value in TYPE_CODES:
            self.packer.pack_ext_type(codes.TYPE, TYPE_CODES[value])
        else:
            self.write_reference(value, depth)

    def write_scalar(self, value: np.generic, depth: int) -> None:
        code = next(filter(None, map(SCALAR_CODES.get, type(value).__mro__)), None)
        if code is None:
            raise WireError(f"A NumPy scalar of type {type(value).__name__} cannot cross.")
        self.packer.pack_ext_type(codes.SCALAR, code + np.generic.tobytes(value))

    def write_numpy_text(self, value: np.character, depth: int) -> None:
        base = str if isinstance(value, str) else bytes
        self.parts(codes.NUMPY_TEXT, [_READ_BASE[base](value)], depth)

    def write_array(self, value: np.ndarray, depth: int) -> None:
        if self.shares and not self.naming and self.shares(value):
            self.write_reference(value, depth)
        elif not self.is_repeated(value):
            plain = value if type(value) is np.ndarray else np.ndarray.view(value, np.ndarray)
            self.block(codes.ARRAY, value, plain, 0)

    def write_tensor(self, value: Any, depth: int) -> None:
        if self.keeps and self.keeps(value):
            self.write_reference(value, depth)
        elif not self.is_repeated(value):
            self.block(codes.TENSOR, value, *tensor_memory(sys.modules["torch"], value))

    def is_repeated(self, value: object) -> bool:
        """Whether it was met before; then its place among the arrays is said."""
        place, size, _ = self.seen.get(id(value), (b"", 0, None))
        if place:
            self.grow(size)
            self.packer.pack_ext_type(codes.SAME, place)
        return bool(place)

    def block(self, code: int, value: object, array: np.ndarray, flags: int) -> None:
        size = extent(array.shape, array.itemsize)
        self.grow(size)
        head, memory = describe(array, flags)
        self.packer.pack_ext_type(code, head)
        self.seen[id(value)] = NUMBER.pack(len(self.seen)), size, value
        self.arrays.append(array)
        self.memory.append(memory)

    def grow(self, size: int) -> None:
        self.bulk += size
        if self.bulk > self.limits.size:
            raise WireError(f"Arrays of more than {self.limits.size:,} bytes cannot cross.")

    def write_reference(self, value: object, depth: int) -> None:
        if self.naming:
            raise WireError(f"The state of a Ref is plain data; it holds a {type(value).__name__}.")
        ref = self.refer(value)
        self.naming = True
        self.parts(codes.REF, [ref.owner, ref.number, ref.kind, ref.name, ref.state], depth)
        self.naming = False


_WRITERS: dict[type, Callable[[Writer, Any, int], None]] = {
    **dict.fromkeys(PACKED, Writer.write_native),
    **dict.fromkeys(SCALARS, Writer.write_scalar),
    np.generic: Writer.write_scalar,
    np.str_: Writer.write_numpy_text,
    np.bytes_: Writer.write_numpy_text,
    int: Writer.write_whole,
    complex: Writer.write_complex,
    list: Writer.write_list,
    tuple: Writer.write_tuple,
    set: Writer.write_set,
    frozenset: Writer.write_frozenset,
    dict: Writer.write_dict,
    **dict.fromkeys(DICTS, Writer.write_dict_of),
    slice: Writer.write_slice,
    range: Writer.write_range,
    EllipsisType: Writer.write_ellipsis,
    np.dtype: Writer.write_dtype,
    type: Writer.write_type,
    np.ndarray: Writer.write_array,
}


def _writer_of(kind: type) -> Callable[[Writer, Any, int], None]:
    """For a type that is not in the table: by what it derives from."""
    if issubclass(kind, getattr(sys.modules.get("torch"), "Tensor", ())):
        return Writer.write_tensor
    for base in kind.__mro__:
        if is_named(base):
            return Writer.write_named
        if base in _WRITERS:
            return Writer.write_derived if base in _READ_BASE else _WRITERS[base]
    return Writer.write_reference
