"""Can any bytes do more than make plain data or raise one error?"""

import resource
import time
from contextlib import suppress
from struct import Struct
from typing import Any

import msgpack
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.wire import codes
from autograder.wire.plain import Ref, WireError, decode, encode
from tests.autograder.wire.values import VALUES

HEAD = Struct("<BB2Q")
PLAIN = (type(None), bool, int, float, complex, str, bytes, np.generic, np.dtype, type, slice)
MORE = (range, type(...), Ref, np.ndarray)


def row(*tokens: Any, memory: bytes = b"") -> bytes:
    """A message of these tokens; a pair is an extension value."""
    packer = msgpack.Packer(autoreset=False, unicode_errors="surrogatepass")
    for token in tokens:
        if isinstance(token, tuple):
            packer.pack_ext_type(*token)
        else:
            packer.pack(token)
    return codes.NUMBER.pack(len(packer.bytes())) + packer.bytes() + memory


def some(code: int, count: int) -> tuple[int, bytes]:
    """The extension value before so many parts."""
    return code, codes.NUMBER.pack(count)


def array(dtype: str, memory: bytes, shape: tuple[int, int] = (1, 1), flags: int = 2) -> bytes:
    return row((codes.ARRAY, HEAD.pack(flags, 2, *shape) + dtype.encode()), memory=memory)


def is_plain(value: Any) -> bool:
    if type(value) is np.ndarray:
        return value.dtype.kind in "biufcUS" and value.nbytes < 2**26
    if type(value) in (list, tuple, set, frozenset):
        return all(map(is_plain, value))
    if type(value) is dict:
        return all(map(is_plain, [*value, *value.values()]))
    return isinstance(value, PLAIN + MORE)


def gives_plain_data_or_the_error(message: bytes) -> bool:
    try:
        value = decode(message, lambda ref: ref)
    except WireError as error:
        return len(str(error)) > 10
    repr(value)
    return is_plain(value)


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=60))
def test_random_bytes_are_plain_data_or_no_message(noise):
    assert gives_plain_data_or_the_error(noise)
    assert gives_plain_data_or_the_error(codes.NUMBER.pack(len(noise)) + noise)


TOKENS = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**64 - 1),
    st.text(max_size=4),
    st.binary(max_size=4),
    st.sampled_from([[], {}, "examiner", "class", 1.0]),
    st.builds(some, st.integers(0, 18), st.integers(0, 3)),
    st.tuples(st.integers(0, 127), st.binary(max_size=12)),
    st.just((codes.ARRAY, HEAD.pack(3, 2, 1, 2) + b"|b1")),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(TOKENS, max_size=8), st.binary(max_size=8))
def test_any_row_of_tokens_is_plain_data_or_no_message(tokens, memory):
    assert gives_plain_data_or_the_error(row(*tokens, memory=memory))


@settings(max_examples=80, deadline=None)
@given(VALUES, st.data())
def test_a_message_with_changed_bytes_is_plain_data_or_no_message(value, data):
    message = bytearray(encode(value, lambda thing: Ref("examiner", 0, "object", "a")))
    for _ in range(data.draw(st.integers(1, 4))):
        message[data.draw(st.integers(0, len(message) - 1))] = data.draw(st.integers(0, 255))
    assert gives_plain_data_or_the_error(bytes(message))
    assert gives_plain_data_or_the_error(bytes(message[: len(message) // 2]))


REF = ["examiner", 0, "class", "a", None]
FORGED = {
    "nothing": b"",
    "half a length": b"\1\0",
    "a row longer than the message": b"\xff\0\0\0",
    "no value": row(),
    "two values": row(1, 2),
    "memory that nobody needs": row(1, memory=b"a"),
    "half a value": codes.NUMBER.pack(3) + b"\xcb\0\0",
    "a value and a half": codes.NUMBER.pack(4) + b"\1\xcb\0\0",
    "lists of msgpack": row([[]]),
    "a map of msgpack": row({"a": 1}),
    "a date of msgpack": row((127, b"")),
    "a code of none": row((99, b"")),
    "a timestamp": codes.NUMBER.pack(6) + b"\xd6\xff\0\0\0\1",
    "a surrogate": row("\ud800"),
    "parts that do not come": row(some(codes.LIST, 2), 1),
    "four thousand million parts": row(some(codes.LIST, 2**32 - 1)),
    "a count of two bytes": row((codes.LIST, b"\1\0"), 1),
    "33 lists in each other": row(*[some(codes.LIST, 1)] * 33, 1),
    "100,000 lists in each other": row(*[some(codes.LIST, 1)] * 100_000, 1),
    "a key without value": row(some(codes.DICT, 1), 1),
    "equal keys": row(some(codes.DICT, 4), 1, 2, 1.0, 3),
    "a list as key": row(some(codes.DICT, 2), some(codes.LIST, 0), 1),
    "an object as key": row(some(codes.DICT, 2), some(codes.REF, 5), *REF, 1),
    "an object in a key": row(some(codes.SET, 1), some(codes.TUPLE, 1), some(codes.REF, 5), *REF),
    "an array in a set": row(some(codes.SET, 1), (codes.ARRAY, HEAD.pack(2, 2, 0, 0) + b"<f8")),
    "half a slice": row(some(codes.SLICE, 1), 1),
    "a range of floats": row(some(codes.RANGE, 3), 1.0, 2.0, 1.0),
    "a range without steps": row(some(codes.RANGE, 3), 1, 2, 0),
    "a long range": row(some(codes.RANGE, 3), 0, 10**18, 1),
    "numpy text of numbers": row(some(codes.NUMPY_TEXT, 1), 1),
    "a ref of an unknown owner": row(some(codes.REF, 5), "me", *REF[1:]),
    "a ref of a negative number": row(some(codes.REF, 5), "examiner", -1, *REF[2:]),
    "a ref of a long name": row(some(codes.REF, 5), *REF[:3], "a" * 201, None),
    "a ref in a ref": row(some(codes.REF, 5), *REF[:4], some(codes.REF, 5), *REF),
    "half a ref": row(some(codes.REF, 2), "examiner", 0),
    "a very large integer": row((codes.INT, b"\x7f" * 600)),
    "a large integer": row((codes.INT, b"\x7f" * 513)),
    "a short complex number": row((codes.COMPLEX, b"1234")),
    "an unknown type": row((codes.TYPE, b"\xff")),
    "no type": row((codes.TYPE, b"")),
    "a dtype of objects": row((codes.DTYPE, b"|O")),
    "a dtype by name": row((codes.DTYPE, b"float64")),
    "a dtype of records": row((codes.DTYPE, b"i4,f4")),
    "a dtype of another spelling": row((codes.DTYPE, b"|f4")),
    "a dtype of 3 bytes": row((codes.DTYPE, b"<f3")),
    "a dtype of huge text": row((codes.DTYPE, b"<U999999999")),
    "a boolean scalar of 7": row((codes.SCALAR, b"\0\7")),
    "a scalar of 3 bytes": row((codes.SCALAR, b"\3abc")),
    "an unknown scalar": row((codes.SCALAR, b"\xffabc")),
    "no head": row((codes.ARRAY, b"")),
    "a head of 33 axes": row((codes.ARRAY, b"\0" + bytes([33]) + b"\0" * 300)),
    "a head without axes": row((codes.ARRAY, b"\0\2")),
    "an array of objects": array("|O", b"\1\2\3\4\5\6\7\0"),
    "an array of dates": array("<M8[s]", b"\0" * 8),
    "an array that lacks memory": array("<f8", b"\0" * 7),
    "an array that leaves memory": array("<f8", b"\0" * 9),
    "an array of 2⁶³ numbers": array("<f8", b"", (2**62, 2)),
    "an array of endless empty rows": array("<f8", b"", (10**12, 0)),
    "an array of endless empty text": array("<U0", b"", (10**12, 1)),
    "an array of booleans of 7": array("|b1", b"\7"),
    "text beyond unicode": array("<U1", b"\0\0\x11\0"),
    "text of surrogates": array(">U1", b"\0\0\xd8\0"),
    "an array that was never met": row((codes.SAME, codes.NUMBER.pack(0))),
    "an array met too often": row(
        some(codes.LIST, 1001),
        (codes.ARRAY, HEAD.pack(2, 2, 1000, 100) + b"|i1"),
        *[(codes.SAME, codes.NUMBER.pack(0))] * 1000,
        memory=bytes(100_000),
    ),
    "a tensor of text": row((codes.TENSOR, HEAD.pack(2, 2, 1, 1) + b"<U1"), memory=b"\0\0\0\0"),
    "a tensor of foreign order": row((codes.TENSOR, HEAD.pack(2, 2, 0, 0) + b">f4")),
    "a tensor that cannot be written": row((codes.TENSOR, HEAD.pack(0, 2, 0, 0) + b"<f4")),
    "a gradient of integers": row((codes.TENSOR, HEAD.pack(10, 2, 0, 0) + b"<i4")),
    "bfloat16 of 8 bytes": row((codes.TENSOR, HEAD.pack(18, 2, 0, 0) + b"<f8")),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_message_is_refused_in_a_sentence(name):
    with pytest.raises(WireError, match=r"[Ee]xpected .*\S"):
        decode(FORGED[name], lambda ref: ref)


def crafted_keys() -> list[Any]:
    """20,000 integers that all begin at one place of a dict's table."""
    return [some(codes.SET, 20_000), *((i << 16) + (i << 40) for i in range(20_000))]


def twins() -> list[Any]:
    """Tuples of -1 and -2, which have the same hash, so these all share one."""
    pairs = ([-1 - (i >> k & 1) for k in range(14)] for i in range(12_000))
    tokens = [token for pair in pairs for token in (some(codes.TUPLE, 14), *pair)]
    return [some(codes.SET, 12_000), *tokens]


SLOW = {
    "keys of one place": crafted_keys,
    "keys of one hash": twins,
    "large keys of one hash": lambda: [
        some(codes.SET, 4000),
        *((codes.INT, ((2**61 - 1) * i << 64).to_bytes(20, "little")) for i in range(4000)),
    ],
    "nested counts": lambda: [some(codes.LIST, 199_999)] * 30,
    "many values": lambda: [some(codes.LIST, 199_999), *[0] * 199_999],
    "more values": lambda: [0] * 500_000,
    "wide text": lambda: ["\N{PILE OF POO}" + "a" * (2**24 - 10)],
}


@pytest.mark.parametrize("name", SLOW)
def test_no_message_takes_long_or_much_memory(name):
    message = row(*SLOW[name]())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    with suppress(WireError):
        decode(message, lambda ref: ref)
    assert time.process_time() - start < 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400_000  # KiB
