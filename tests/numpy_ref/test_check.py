"""Does every check say the whole sentence, with what was expected, what came and what to try?"""

import re

import numpy as np
import pytest

from coursekit.numpy_ref import _check

REFUSED = {
    "floats_of_a_list": (
        lambda: _check.floats("op", x=np.ones(1), w=[1.0]),
        TypeError,
        "op: w is not an array of floats. Expected a NumPy array of floats, got list.",
    ),
    "floats_of_integers": (
        lambda: _check.floats("op", x=np.ones(1, dtype=np.int64)),
        TypeError,
        "op: x is not an array of floats. Expected a NumPy array of floats, got dtype int64. "
        "Try x.astype(float).",
    ),
    "shape_of_one_axis": (
        lambda: _check.shape("op", "b", np.ones((1, 2)), (2,)),
        ValueError,
        "op: b has the wrong shape. Expected b of shape (2,), got (1, 2).",
    ),
    "shape_with_a_letter": (
        lambda: _check.shape("op", "x", np.ones((1, 2)), ("N", 3)),
        ValueError,
        "op: x has the wrong shape. Expected x of shape (N, 3), got (1, 2).",
    ),
    "in_range_of_a_string": (
        lambda: _check.in_range("op", "p", "1", "[0, 1)"),
        TypeError,
        "op: p is not a number. Expected p in [0, 1), got '1' of type str.",
    ),
    "in_range_of_a_bool": (
        lambda: _check.in_range("op", "p", np.True_, "[0, 1]"),
        TypeError,
        "op: p is not a number. Expected p in [0, 1], got np.True_ of type bool.",
    ),
    "in_range_above": (
        lambda: _check.in_range("op", "p", 1, "[0, 1)"),
        ValueError,
        "op: p is out of range. Expected p in [0, 1), got 1.0.",
    ),
    "in_range_at_an_open_end": (
        lambda: _check.in_range("op", "lr", 0.0, "(0, inf)"),
        ValueError,
        "op: lr is out of range. Expected lr in (0, inf), got 0.0.",
    ),
    "count_of_a_float": (
        lambda: _check.count("op", "n", 2.0),
        TypeError,
        "op: n is not a whole number. Expected an integer n, got 2.0 of type float.",
    ),
    "count_of_a_bool": (
        lambda: _check.count("op", "n", True),
        TypeError,
        "op: n is not a whole number. Expected an integer n, got True of type bool.",
    ),
    "count_of_none": (
        lambda: _check.count("op", "n", 0),
        ValueError,
        "op: n is too small. Expected n of at least 1, got 0.",
    ),
    "flag": (
        lambda: _check.flag("op", "training", 1),
        TypeError,
        "op: training is not a bool. Expected True or False, got 1.",
    ),
    "generator": (
        lambda: _check.generator("op", 0),
        TypeError,
        "op: rng is not a generator. Expected an np.random.Generator, got int. "
        "Try rng=np.random.default_rng(0).",
    ),
    "labels_of_floats": (
        lambda: _check.labels("op", np.zeros(1), 1, 2),
        TypeError,
        "op: y is not an array of integers. Expected an array of class numbers, integers, "
        "got float64.",
    ),
    "labels_of_a_list": (
        lambda: _check.labels("op", [0], 1, 2),
        TypeError,
        "op: y is not an array of integers. Expected an array of class numbers, integers, "
        "got a list.",
    ),
    "labels_too_large": (
        lambda: _check.labels("op", np.array([0, 2]), 2, 2),
        ValueError,
        "op: y is out of range. Expected classes 0 to 1, got 0 to 2.",
    ),
    "labels_below_zero": (
        lambda: _check.labels("op", np.array([-1, 1]), 2, 2),
        ValueError,
        "op: y is out of range. Expected classes 0 to 1, got -1 to 1.",
    ),
    "labels_of_the_wrong_shape": (
        lambda: _check.labels("op", np.array([0]), 2, 2),
        ValueError,
        "op: y has the wrong shape. Expected y of shape (2,), got (1,).",
    ),
    "state_that_is_no_dict": (
        lambda: _check.state("op", None, {}),
        TypeError,
        "op: state is not a dict. Expected {} before the first step, got NoneType.",
    ),
    "state_of_another_rule": (
        lambda: _check.state("op", {"z": 0, "v": 0}, {"v": (), "m": ()}),
        ValueError,
        "op: state is not this rule's. Expected {} or a dict with the keys ['m', 'v'], "
        "got ['v', 'z'].",
    ),
    "same_type": (
        lambda: _check.same_type("op", w=np.ones(1), dw=np.ones(1), h=np.ones(1, "float32")),
        TypeError,
        "op: h and w differ in type. Expected h of type float64, got float32.",
    ),
    "state_with_mixed_keys": (
        lambda: _check.state("op", {"v": 0, 1: 0}, {"v": ()}),
        ValueError,
        "op: state is not this rule's. Expected {} or a dict with the keys ['v'], got ['1', 'v'].",
    ),
    "counted_below_zero": (
        lambda: _check.counted("op", {"n": np.array(-1)}, "n"),
        ValueError,
        "op: state['n'] is too small. Expected state['n'] of at least 0, got -1.",
    ),
    "symmetric": (
        lambda: _check.symmetric("op", "c", np.array([[1000.0, 0.0], [2.0, 1.0]])),
        ValueError,
        "op: c is not symmetric. Expected a symmetric matrix, "
        "got entries that differ by 2.0 from those opposite.",
    ),
    "state_of_another_shape": (
        lambda: _check.state("op", {"v": np.zeros(3)}, {"v": (2,)}),
        ValueError,
        "op: state['v'] has the wrong shape. Expected state['v'] of shape (2,), got (3,).",
    ),
    "function": (
        lambda: _check.function("op", "f", 3),
        TypeError,
        "op: f is not a function. Expected a function, got int.",
    ),
    "not_empty": (
        lambda: _check.not_empty("op", "x", np.ones((0, 3))),
        ValueError,
        "op: x is empty. Expected one value or more, got shape (0, 3).",
    ),
    "flat_size": (
        lambda: _check.flat_size("op", np.ones(3)),
        ValueError,
        "op: x has no batch axis. Expected x of shape (N, ...), got (3,). "
        "Try x[None] for one sample.",
    ),
    "count_below_its_own_least": (
        lambda: _check.count("op", "pad", -1, at_least=0),
        ValueError,
        "op: pad is too small. Expected pad of at least 0, got -1.",
    ),
    "choice_of_another_type": (
        lambda: _check.choice("op", "fan", 1, ("in", "out")),
        TypeError,
        "op: fan is not a word. Expected 'in' or 'out', got int.",
    ),
    "choice_of_another_word": (
        lambda: _check.choice("op", "fan", "avg", ("in", False)),
        ValueError,
        "op: fan is unknown. Expected 'in' or False, got 'avg'.",
    ),
    "counted_backwards": (
        lambda: _check.counted("op", {"step": -1}, "step"),
        ValueError,
        "op: state['step'] is too small. Expected state['step'] of at least 0, got -1.",
    ),
    "pictures_without_pixels": (
        lambda: _check.pictures("op", np.ones((2, 1, 0, 3))),
        ValueError,
        "op: x has pictures without pixels. Expected one pixel or more a picture, "
        "got (2, 1, 0, 3).",
    ),
    "divides_not": (
        lambda: _check.divides("op", "groups", 2, C=4, F=3),
        ValueError,
        "op: groups does not divide F. Expected F divisible by 2, got 3.",
    ),
    "convolution_in_too_small_pictures": (
        lambda: _check.convolution(
            "op", np.ones((1, 1, 2, 9)), np.ones((1, 1, 5, 1)), np.ones(1), 1, 1, 1
        ),
        ValueError,
        "op: w is larger than the padded x. Expected (KH, KW) of at most (4, 11), got (5, 1).",
    ),
    "pooling_with_a_wide_frame": (
        lambda: _check.pooling("op", np.ones((1, 1, 9, 9)), 3, None, 2),
        ValueError,
        "op: pad is more than half a window. Expected pad of at most 1, got 2.",
    ),
    "pooling_with_large_windows": (
        lambda: _check.pooling("op", np.ones((1, 1, 9, 2)), 3, None, 0),
        ValueError,
        "op: the window is larger than the padded x. Expected size of at most 2, got 3.",
    ),
    "symmetric_not": (
        lambda: _check.symmetric("op", "m", np.array([[2.0, 1.0], [0.0, 2.0]])),
        ValueError,
        "op: m is not symmetric. Expected a symmetric matrix, "
        "got entries that differ by 1.0 from those opposite.",
    ),
    "colors_out_of_range": (
        lambda: _check.colors("op", np.array([-1.0, 0.5, 2.0]).reshape(1, 3, 1, 1)),
        ValueError,
        "op: x is out of range. Expected values in [0, 1], got -1 to 2. "
        "Change colors before you standardize the pictures.",
    ),
    "one_each_of_too_many": (
        lambda: _check.one_each("op", "degrees", np.ones(3), 2, "[0, 1]"),
        ValueError,
        "op: degrees has the wrong shape. Expected degrees of shape (2,), got (3,).",
    ),
    "lr_bounds_upside_down": (
        lambda: _check.lr_bounds("op", 0.5, 0.1),
        ValueError,
        "op: lr_min is out of range. Expected lr_min in [0, 0.1], got 0.5.",
    ),
    "stages_of_a_number": (
        lambda: _check.stages("op", 3),
        TypeError,
        "op: stages is not a tuple. Expected pairs (lr, steps), one or more, got int.",
    ),
    "stages_that_are_no_pairs": (
        lambda: _check.stages("op", ((0.1, 1), (0.1,))),
        ValueError,
        "op: stages are not pairs. Expected pairs (lr, steps), one or more, "
        "got ((0.1, 1), (0.1,)).",
    ),
    "shares_that_do_not_sum_to_one": (
        lambda: _check.shares("op", "targets", np.array([[0.5, 0.75]]), (1, 2)),
        ValueError,
        "op: targets are not shares. Expected rows ≥ 0 that sum to 1, "
        "got 0.5 at least, and sums up to 1.25.",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_check_says_the_whole_sentence(name):
    call, error, words = REFUSED[name]
    with pytest.raises(error, match=f"^{re.escape(words)}$"):
        call()


def test_message_without_a_hint_ends_with_what_came():
    assert _check.message("op", "wrong", "a", 1) == "op: wrong. Expected a, got 1."


def test_good_values_pass_and_become_plain_numbers():
    _check.floats("op", x=np.ones(1, np.float16))
    _check.shape("op", "x", np.ones((2, 3)), ("N", 3))
    _check.flag("op", "training", np.False_)
    _check.function("op", "f", len)
    _check.not_empty("op", "x", np.ones(()))
    _check.labels("op", np.array([0, 1], np.uint8), 2, 2)
    _check.labels("op", np.array([0, 1], ">i4"), 2, 2)
    _check.labels("op", np.array([], int), 0, 2)
    _check.state("op", {}, {"v": (2,)})
    _check.state("op", {"v": np.zeros(2), "step": 1}, {"v": (2,), "step": ()})
    _check.same_type("op", w=np.ones(2), dw=np.ones(2, ">f8"))
    assert _check.counted("op", {"n": np.array(3)}, "n") == 3
    assert _check.counted("op", {"n": 0}, "n") == _check.counted("op", {}, "n") == 0
    _check.symmetric("op", "c", np.array([[1000.0, 0.0], [1.0, -1.0]]))
    _check.symmetric("op", "c", np.full((2, 2), np.nan))
    assert type(_check.in_range("op", "p", np.float32(0.5), "[0, 1)")) is float
    assert _check.in_range("op", "p", 0, "[0, 1)") == 0.0
    assert _check.in_range("op", "p", 1, "(0, 1]") == 1.0
    assert type(_check.count("op", "n", np.int8(1))) is int
    assert _check.flat_size("op", np.ones((5, 2, 3))) == 6
    assert _check.count("op", "pad", 0, at_least=0) == 0
    assert _check.counted("op", {}, "step") == 0
    assert _check.counted("op", {"step": np.array(3)}, "step") == 3
    assert _check.lr_bounds("op", 0, 1) == (0.0, 1.0)
    assert _check.stages("op", [[1, np.int64(2)]]) == [(1.0, 2)]
    assert _check.pooling("op", np.ones((1, 1, 2, 3)), 2, None, 1) == (2, 2, 1)
    assert _check.one_each("op", "degrees", 1, 2, "[0, 1]").tolist() == [1.0, 1.0]
    _check.choice("op", "approximate", False, (False, "tanh"))
    _check.shares("op", "t", np.array([[0.25, 0.75], [np.nan, 1.0]]), (2, 2))
    _check.symmetric("op", "m", np.array([[1.0, 2.0], [2.0, np.nan]]))
    _check.colors("op", np.full((1, 3, 1, 1), 1.0005))
