"""Plain values of every kind, for the tests of what crosses."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp


def laid_out(array: np.ndarray, kind: int) -> np.ndarray:
    """The same values in another memory."""
    if kind == 1:
        array = np.asfortranarray(array)
    elif kind == 2 and array.ndim:
        array = np.repeat(array, 2, axis=0)[::2]
    elif kind == 3:
        array = array[::-1].T if array.ndim else array
    elif kind == 4:
        array.flags.writeable = False
    return array


ORDERS = st.sampled_from(["<", ">"])
DTYPES = st.one_of(
    hnp.boolean_dtypes(),
    hnp.integer_dtypes(),
    hnp.unsigned_integer_dtypes(),
    hnp.floating_dtypes(),
    hnp.complex_number_dtypes(),
    hnp.byte_string_dtypes(),
    st.builds("{}U{}".format, ORDERS, st.integers(1, 4)).map(np.dtype),
)
ARRAYS = st.builds(
    laid_out,
    hnp.arrays(DTYPES, hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3)),
    st.integers(0, 4),
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
SIMPLE = st.one_of(
    st.none(), st.booleans(), st.integers(), st.integers(-(2**4095), 2**4095), st.floats(), TEXT
)
KEYS = st.recursive(SIMPLE, lambda inner: st.lists(inner, max_size=3).map(tuple), max_leaves=4)
NUMBERS = DTYPES.filter(lambda dtype: dtype.kind in "biufc")
SCALARS = NUMBERS.flatmap(lambda dtype: hnp.arrays(dtype, ()).map(lambda array: array[()]))
LEAVES = st.one_of(
    SIMPLE,
    st.complex_numbers(),
    st.binary(max_size=8),
    SCALARS,
    TEXT.map(np.str_),
    st.binary(max_size=4).map(np.bytes_),
    ARRAYS,
    DTYPES,
    st.sampled_from([..., float, np.float16]),
    st.builds(slice, SIMPLE, SIMPLE, SIMPLE),
    st.builds(range, st.integers(0, 9), st.integers(0, 9), st.integers(1, 4)),
    st.sets(KEYS, max_size=3),
    st.frozensets(KEYS, max_size=3),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(KEYS, inner, max_size=4),
    ),
    max_leaves=8,
)
