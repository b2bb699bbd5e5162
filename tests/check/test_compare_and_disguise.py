"""Comparing answers, and the same numbers in other memory."""

import numpy as np
import pytest

from coursekit.check.compare import ANYTHING, agree, difference
from coursekit.check.disguise import (
    DISGUISES,
    as_float32,
    copy_arrays,
    read_only,
    same_arrays,
    strided,
)

PAIR = ("loss", "dw")


@pytest.mark.parametrize(
    ("got", "want"),
    [
        (1, 1.0),
        (np.float32(0.1), 0.1),
        (np.array(2.0), 2.0),
        ([1.0, 2.0], np.array([1.0, 2.0])),
        ([1.0, np.ones(2)], (1.0, np.ones(2))),
        ((1.0, {"any": None}), (1.0, ANYTHING)),
        (np.array([np.nan, np.inf]), np.array([np.nan, np.inf])),
        (np.array([1e-9, 1.0]), np.array([0.0, 1.0])),
        (np.zeros(0), np.zeros(0)),
    ],
)
def test_equal_answers_agree(got, want):
    assert agree(got, want)


@pytest.mark.parametrize(
    ("got", "want"),
    [
        (1.001, 1.0),
        (None, 1.0),
        ("1", 1.0),
        (np.ones((1, 2)), np.ones(2)),
        (np.ones(1), 1.0),
        (1.0, (1.0, ANYTHING)),
        ((1.0, 2.0, 3.0), (1.0, 2.0)),
        (np.array([1.0, 2.0]), (1.0, 2.0)),
        (0.0, np.nan),
        (np.ones(2, dtype=complex), np.ones(2)),
        ([[1.0], [1.0, 2.0]], np.ones(2)),
        (1e-8, 2e-8),
    ],
)
def test_different_answers_do_not_agree(got, want):
    assert not agree(got, want)


def test_a_difference_names_place_and_numbers():
    got, want = (1.0, np.array([[1.0, 3.0]])), (1.0, np.array([[1.0, 2.0]]))
    assert difference(PAIR, got, want) == "dw[0, 1]: expected 2, got 3"
    assert difference(PAIR, 1.0, want) == "expected 2 values (loss, dw), got 1 value(s)"
    assert "is there a `return`?" in difference(PAIR, None, want)
    assert difference(("w",), np.ones(3), np.ones(2)) == "w: expected shape (2,), got shape (3,)"


@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_disguise_keeps_the_numbers_and_the_structure(disguise):
    value = (np.arange(6.0).reshape(2, 3), {"p": 0.5, "mask": np.array([True, False])}, None)
    changed = disguise(value)
    assert np.array_equal(changed[0], value[0])
    assert np.array_equal(changed[1]["mask"], value[1]["mask"])
    assert changed[1]["mask"].dtype == bool
    assert changed[1]["p"] == 0.5 and changed[2] is None


def test_disguises_do_what_they_say():
    x = np.arange(6.0).reshape(2, 3)
    assert as_float32(x).dtype == np.float32
    assert not strided(x).flags.c_contiguous
    assert not read_only(x).flags.writeable and x.flags.writeable


def test_a_change_in_any_array_is_seen():
    value = (np.zeros(2), {"a": np.zeros(3)})
    before = copy_arrays(value)
    assert same_arrays(before, value)
    value[1]["a"][0] = 1
    assert not same_arrays(before, value)
    del value[1]["a"]
    assert not same_arrays(before, value)
