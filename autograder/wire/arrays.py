"""Arrays as a short head and their bytes; what comes back is memory of its own.

Kept are dtype, byte order, shape, the writeable flag, and whether the layout is C's, Fortran's or
neither. The head is a byte of flags, the number of axes, the axes, and the dtype's code.
"""

import math
import re
from functools import lru_cache
from struct import Struct
from typing import Any

import numpy as np

from autograder.wire.terms import WireError

STRIDED, FORTRAN, WRITEABLE, GRADIENT, BFLOAT = 1, 2, 4, 8, 16  # the flags
_KINDS = "biufcUS"
_CODE = re.compile(r"[<>|][biufcUS][0-9]{1,9}")
_MAX_AXES = 32
_HEADS = [Struct(f"<BB{axes}Q") for axes in range(_MAX_AXES + 1)]


def dtype_code(dtype: np.dtype) -> str:
    """The code of a dtype whose values are plain, such as '<f4'; else WireError."""
    if dtype.kind not in _KINDS:
        raise WireError(
            f"Arrays of dtype {dtype} cannot cross. Expected numbers, booleans, or fixed-length "
            "text; try a list."
        )
    return dtype.str


@lru_cache(maxsize=256)
def dtype_of(code: str) -> np.dtype:
    """The dtype that `dtype_code` gave this code, or WireError."""
    try:
        dtype = np.dtype(code) if _CODE.fullmatch(code) else None
    except (TypeError, ValueError, OverflowError):
        dtype = None
    if dtype is None or dtype.str != code:
        raise WireError(f"Expected the code of a plain dtype, got {code!r:.40}.")
    return dtype


def extent(shape: tuple[int, ...], itemsize: int) -> int:
    """What an array counts towards the limit: its bytes, an empty axis taken as one.

    So an array of no elements and 10¹² rows is as large as it is to whoever loops over it.
    """
    return (math.prod(shape) or math.prod(max(n, 1) for n in shape)) * max(itemsize, 1)


def describe(array: np.ndarray, more: int = 0) -> tuple[bytes, np.ndarray | bytes]:
    """The head of an array and its memory, ready to be joined. more: flags to add."""
    if array.ndim > _MAX_AXES:
        raise WireError(f"Expected an array of at most {_MAX_AXES} axes, got {array.ndim}.")
    flags, layout, memory = array.flags, 0, array
    if not flags.c_contiguous:
        layout = FORTRAN if flags.f_contiguous else STRIDED
        memory = array.T if layout == FORTRAN else array.tobytes()
    code = dtype_code(array.dtype)
    if array.dtype.kind == "U":
        _check_text(array.dtype, array.tobytes())
    more |= layout | (WRITEABLE if flags.writeable else 0)
    return _HEADS[array.ndim].pack(more, array.ndim, *array.shape) + code.encode(), memory


def read_head(head: bytes) -> tuple[int, tuple[int, ...], np.dtype]:
    """Flags, shape and dtype, or WireError."""
    axes = head[1] if len(head) > 1 else _MAX_AXES + 1
    if axes > _MAX_AXES or len(head) < _HEADS[axes].size:
        raise WireError("Expected the head of an array, got other bytes.")
    flags, _, *shape = _HEADS[axes].unpack_from(head)
    return flags, tuple(shape), dtype_of(head[_HEADS[axes].size :].decode("latin-1"))


def rebuild(
    flags: int, shape: tuple[int, ...], dtype: np.dtype, data: bytes | bytearray, offset: int
) -> np.ndarray:
    """The array whose memory lies at that offset, which the caller has checked."""
    order = "F" if flags & FORTRAN else "C"
    array = np.ndarray(shape, dtype, data, offset, order=order)
    if dtype.kind in "bU" or dtype.char in "gG":
        array = _checked(array, data[offset : offset + array.nbytes])
    array = _spread(array) if flags & STRIDED else array.copy("K")
    if not flags & WRITEABLE:
        array.flags.writeable = False
    return array


def _spread(array: np.ndarray) -> np.ndarray:
    """A copy that is contiguous in no order: every second place of a larger array."""
    if not array.ndim:
        return array.copy()
    larger = np.zeros((*array.shape[:-1], 2 * array.shape[-1]), array.dtype)
    larger[..., ::2] = array
    return larger[..., ::2]


def _checked(array: np.ndarray, memory: bytes | bytearray) -> np.ndarray:
    """The array, if its memory holds values of its dtype; not all bits do."""
    kind = array.dtype.kind
    if kind == "b" and (array.view(np.uint8) > 1).any():
        raise WireError("Expected booleans as bytes 0 and 1, got others.")
    if kind == "U":
        _check_text(array.dtype, memory)
    return _numbers(array.copy("K")) if array.dtype.char in "gG" else array


def _numbers(array: Any) -> np.ndarray:
    """Long doubles; the 80 bits that are no number become nan."""
    with np.errstate(all="ignore"):
        for part in (array.real, array.imag) if array.dtype.kind == "c" else (array,):
            np.multiply(part, 1, out=part)
    return array


def _check_text(dtype: np.dtype, memory: bytes | bytearray) -> None:
    try:
        memory.decode("utf-32-be" if dtype.str[0] == ">" else "utf-32-le")
    except UnicodeDecodeError as error:
        raise WireError(f"Expected an array of valid text: {error}.") from error
