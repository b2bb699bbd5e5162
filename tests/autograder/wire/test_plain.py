"""Does plain data arrive as it was sent, and is the rest refused or named?"""

import enum
import math
from collections import Counter, OrderedDict, defaultdict, namedtuple
from typing import Any

import msgpack
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.wire import codes
from autograder.wire.named import Kinds, named
from autograder.wire.plain import Limits, Ref, WireError, decode, encode
from tests.autograder.wire.values import ARRAYS, VALUES


def refuse(thing: object) -> Any:
    raise AssertionError(f"{thing!r} is plain")


def sent(value: object, **more: Any) -> Any:
    return decode(encode(value, refuse, **more), refuse, **more)


def layout(array: np.ndarray) -> tuple[bool, bool, bool]:
    return array.flags.c_contiguous, array.flags.f_contiguous, array.flags.writeable


def fingerprint(value: Any) -> Any:
    """What must stay the same: types all through, bits of numbers, layouts of arrays."""
    kind = type(value)
    if isinstance(value, np.ndarray):
        return kind, value.dtype.str, value.shape, layout(value), value.tobytes()
    if issubclass(kind, np.generic) and not issubclass(kind, np.character):
        return kind, value.tobytes()
    if kind in (float, complex):
        return kind, np.array(value).tobytes()
    if kind in (set, frozenset):
        return kind, Counter(map(fingerprint, value))
    if kind is dict:
        return kind, fingerprint([*value]), fingerprint([*value.values()])
    if kind in (list, tuple):
        return kind, tuple(map(fingerprint, value))
    return kind, value


@settings(max_examples=80, deadline=None)
@given(VALUES)
def test_any_plain_value_arrives_with_types_bits_and_layouts(value):
    assert fingerprint(sent(value)) == fingerprint(value)


@settings(max_examples=25, deadline=None)
@given(st.lists(ARRAYS, max_size=5))
def test_the_arrays_of_both_sides_stand_in_the_same_order(values):
    there: list[np.ndarray] = []
    here: list[np.ndarray] = []
    made = decode(encode({"a": values, "b": (values,)}, refuse, arrays=here), refuse, arrays=there)
    assert list(map(id, here)) == list(map(id, values))
    assert list(map(id, there)) == list(map(id, made["a"])) == list(map(id, made["b"][0]))


def test_dicts_of_other_kinds_stay_what_they_are():
    counts = sent(Counter("abca"))
    assert type(counts) is Counter and counts["zzz"] == 0 and counts.most_common(1) == [("a", 2)]
    ordered = sent(OrderedDict(b=1, a=2))
    assert type(ordered) is OrderedDict and [*ordered] == ["b", "a"]
    lists = sent(defaultdict(list, {"a": [1]}))
    lists["b"].append(2)
    assert lists == {"a": [1], "b": [2]}
    assert type(sent(type("Own", (Counter,), {})("a"))) is Counter


@pytest.mark.parametrize("parts", [[], [0], [3, None], [-1, None], [True, None], [0, None, 1],
                                   [2, 5], [0, None, [], 1], [0, None, 1, 1, 1, 2]])  # fmt: skip
def test_what_is_no_dict_of_another_kind_is_refused(parts):
    packer = msgpack.Packer(autoreset=False)
    packer.pack_ext_type(codes.DICT_OF, codes.NUMBER.pack(len(parts)))
    for part in parts:
        packer.pack(part)
    row = packer.bytes()
    with pytest.raises(WireError):
        decode(codes.NUMBER.pack(len(row)) + row, refuse)


def test_a_named_tuple_arrives_as_one_of_this_sides_own_class():
    got = sent([Point(1, (2, None)), Point(np.ones(2), 4)], kinds=Kinds())
    assert type(got[0]) is Point and got[0] == (1, (2, None)) and got[1].y == 4


def test_a_named_tuple_of_an_unknown_class_has_one_made():
    there = named(Kinds(), "Size", ("height", "width"), [3, 4])
    assert (type(there).__name__, there.height, there._asdict()) == (  # pyright: ignore
        "Size", 3, {"height": 3, "width": 4},
    )  # fmt: skip
    assert type(named(Kinds(), "Size", ("height", "width"), [1, 2])) is type(there)


@pytest.mark.parametrize(
    ("name", "fields", "values"),
    [
        ("P", ("x",), []),
        ("P", ["x"], [1]),
        (5, ("x",), [1]),
        ("P", ("x", "x"), [1, 2]),
        ("P", ("_x",), [1]),
        ("P", ("class",), [1]),
        ("no name", ("x",), [1]),
        ("P", (1,), [1]),
        ("P", tuple(f"x{i}" for i in range(101)), [1] * 101),
        ("P" * 201, ("x",), [1]),
        ("P", ("x" * 101,), [1]),
    ],
)
def test_what_is_no_named_tuple_is_refused(name, fields, values):
    with pytest.raises(WireError, match="Expected"):
        named(Kinds(), name, fields, values)


def test_many_kinds_of_named_tuples_are_refused():
    assert len(sent([Point(1, 2)] * 1001)) == 1001
    with pytest.raises(WireError, match="100 kinds"):
        sent([namedtuple(f"P{number}", "x")(1) for number in range(101)])


def test_what_arrives_writeable_is_memory_of_its_own():
    message = encode([np.arange(6.0), np.arange(6.0).reshape(2, 3).T, np.arange(6.0)[::2]], refuse)
    for array in decode(message, refuse):
        array += 1
    assert fingerprint(decode(message, refuse)[0]) == fingerprint(np.arange(6.0))


BOX = np.arange(24).reshape(2, 3, 4)
LAYOUTS = {
    "C": BOX,
    "Fortran": np.asfortranarray(BOX),
    "every second": BOX[..., ::2],
    "backwards": BOX[::-1],
    "swapped axes": BOX.transpose(0, 2, 1),
    "broadcast": np.broadcast_to(BOX[0], (2, 3, 4)),
    "unaligned": np.frombuffer(b"a" + BOX.tobytes(), np.int64, 24, 1),
    "read-only": np.frombuffer(BOX.tobytes(), np.int64),
    "a number": np.array(3),
}


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("code", ["<i8", ">f4", "<c16", "|b1", "<U2", ">U2", "|S3", "<f2"])
def test_every_layout_and_dtype_arrives(name, code):
    given = LAYOUTS[name]
    array = given if code == "<i8" else given.astype(code)
    assert fingerprint(sent(array)) == fingerprint(array)


def test_a_strided_array_stays_strided_however_few_rows_it_has():
    for shape in [(2,), (2, 1), (1, 2), (3, 1, 2), (1, 2, 1)]:
        array = np.zeros((*shape[:-1], 2 * shape[-1]))[..., ::2]
        assert layout(sent(array)) == layout(array) == (False, False, True)


@pytest.mark.parametrize("char", ["g", "G"])
def test_long_doubles_keep_all_their_digits(char):
    value = np.array([1, 2, 3], char) / np.array([3, -math.inf, 7], char)
    got = sent([value, value[0], value.astype(value.dtype.newbyteorder())])
    assert got[0].dtype == value.dtype and type(got[1]) is type(value[0])
    for array in (got[0], got[2]):
        np.testing.assert_array_equal(array, value)
        np.testing.assert_array_equal(np.signbit(array.real), np.signbit(value.real))


class Text(str):
    """A string that lies."""

    def __str__(self):
        return "lie"

    def __eq__(self, other):
        return True

    def __hash__(self):
        return 1


class Whole(int):
    """A number that lies."""

    def __int__(self):
        return 7

    __index__ = __int__

    def __eq__(self, other):
        return True

    def __hash__(self):
        return 1


class Real(float):
    """A number that lies."""

    def __float__(self):
        return 7.0


class Values(list):
    """A list that lies."""

    def __iter__(self):
        return iter([7])

    def __len__(self):
        return 1


class Table(dict):
    """A dict that lies."""

    def items(self):  # pyright: ignore
        return [("lie", 7)]


class Pixels(np.ndarray):
    """An array that lies."""

    def __array__(self, *args, **kwargs):
        return np.full(self.shape, 7)

    def tobytes(self, order="C"):
        return b"lie"

    @property
    def shape(self):  # pyright: ignore
        return (7,)


class Colour(enum.IntEnum):
    RED = 1


class Double(np.float64):
    """A NumPy scalar of a type of its own."""


Point = namedtuple("Point", "x y")
LIES = {
    "str": (Text("true"), "true"),
    "int": (Whole(1), 1),
    "large int": (Whole(2**70), 2**70),
    "float": (Real(1.0), 1.0),
    "list": (Values([1, 2]), [1, 2]),
    "dict": (Table(a=1), {"a": 1}),
    "keys": ({Text("a"): 1}, {"a": 1}),
    "enum": (Colour.RED, 1),
    "array": (np.arange(3.0).view(Pixels), np.arange(3.0)),
    "matrix": (np.array([[1.0]]).view(np.matrix), np.array([[1.0]])),
    "masked": (np.ma.masked_array([1.0, 2.0], [True, False]), np.array([1.0, 2.0])),
    "scalar": (Double(1.5), np.float64(1.5)),
}


@pytest.mark.parametrize("name", LIES)
def test_a_subclass_arrives_as_the_plain_value_it_holds(name):
    value, plain = LIES[name]
    assert fingerprint(sent(value)) == fingerprint(plain)


def cycle() -> list:
    loop: list = []
    loop.append(loop)
    return loop


def deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = (value,)
    return value


def wide(levels: int) -> list:
    """A list of two lists of two lists …: small here, endless when it is spelled out."""
    value: list = []
    for _ in range(levels):
        value = [value, value]
    return value


REFUSED = {
    "object array": (np.array([None]), "dtype object"),
    "records": (np.zeros(1, "i4,f4"), "dtype"),
    "dates": (np.zeros(1, "M8[s]"), "dtype datetime64"),
    "a date": (np.datetime64(1, "s"), "datetime64"),
    "object dtype": (np.dtype(object), "dtype object"),
    "cycle": (cycle(), "a cycle"),
    "deep": (deep(33), "32 containers"),
    "deep key": ({deep(2000): 1}, "recursion"),
    "wide": (wide(30), "values cannot cross"),
    "surrogate": ("\ud800", "surrogates"),
    "surrogates in an array": (np.array(["\ud800"]), "valid text"),
    "large integer": (2**4097, "4,098 bits"),
    "many keys": ({i: i for i in range(20_001)}, "too many keys"),
    "a strange key": ({Point: 1}, "as keys"),
    "a key that holds one": ({(1, (2, len)): 1}, "as keys"),
    "a strange element": ({len}, "in sets"),
    "long range": (range(10**30), "range"),
    "many values": ([0] * 200_000, "200,000 values"),
    "large": (np.zeros(2**26 + 1, np.int8), "67,108,864"),
    "large for a loop": (np.zeros((10**9, 0)), "67,108,864"),
    "large, twice": ([np.zeros(2**25 + 1, np.int8)] * 2, "67,108,864"),
    "long text": ("a" * (2**24 + 1), "too large"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_cross_is_refused_in_a_sentence(name):
    value, words = REFUSED[name]
    with pytest.raises(WireError, match=words):
        encode(value, refuse)


def test_what_is_just_within_the_limits_arrives():
    limits = Limits(depth=3, items=4, keys=1, size=200)
    assert sent(deep(3), limits=limits) == deep(3)
    assert sent([1, 2, 3], limits=limits) == [1, 2, 3]
    for value in (deep(4), [1, 2, 3, 4], {1: 2, 3: 4}, np.zeros(200, np.int8)):
        message = encode(value, refuse)
        with pytest.raises(WireError):
            decode(message, refuse, limits=limits)
        with pytest.raises(WireError):
            encode(value, refuse, limits=limits)


class Network:
    """Something that stays where it is."""


THINGS = {"function": math.sqrt, "class": Network, "module": math, "object": Network()}


def test_objects_stay_and_their_names_cross():
    refs = {kind: Ref("candidate", n, kind, kind) for n, kind in enumerate(THINGS)}
    names = {id(thing): kind for kind, thing in THINGS.items()}
    message = encode([THINGS, (THINGS,)], lambda thing: refs[names[id(thing)]])
    assert decode(message, lambda ref: ref) == [refs, (refs,)]
    assert decode(message, lambda ref: THINGS[ref.name]) == [THINGS, (THINGS,)]


def test_the_state_of_a_generator_crosses_with_its_name():
    for rng in (np.random.default_rng(3), np.random.Generator(np.random.MT19937(3))):
        ref = Ref("examiner", 0, "rng", "Generator", rng.bit_generator.state)
        (got,) = decode(encode([rng], lambda _, ref=ref: ref), lambda ref: ref)
        copy = type(rng.bit_generator)()
        copy.state = got.state
        np.testing.assert_array_equal(np.random.Generator(copy).random(5), rng.random(5))


def test_the_state_of_a_ref_must_be_plain():
    with pytest.raises(WireError, match="plain data"):
        encode(Network, lambda thing: Ref("examiner", 0, "class", "Network", [Network]))


WRONG_REFS = [
    ("nobody", 0, "class", "a"),
    (1, 0, "class", "a"),
    ("examiner", -1, "class", "a"),
    ("examiner", True, "class", "a"),
    ("examiner", 2**63, "class", "a"),
    ("examiner", 0, "file", "a"),
    ("examiner", 0, ["class"], "a"),
    ("examiner", 0, "class", "a" * 201),
    ("examiner", 0, "class", b"a"),
]


@pytest.mark.parametrize("fields", WRONG_REFS, ids=range(len(WRONG_REFS)))
def test_a_wrong_ref_cannot_be_made(fields):
    with pytest.raises(WireError, match="Ref: expected"):
        Ref(*fields)


def test_errors_of_the_callbacks_are_not_hidden():
    message = encode(Network, lambda thing: Ref("examiner", 0, "class", "Network"))
    with pytest.raises(KeyError):
        decode(message, {}.__getitem__)
    with pytest.raises(KeyError):
        encode(Network, {}.__getitem__)
