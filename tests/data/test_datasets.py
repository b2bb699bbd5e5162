"""Are the data sets what they say, the same everywhere, and impossible to spoil?"""

import importlib.util
import subprocess
import sys

import numpy as np
import pytest

from coursekit.data import Dataset, digits, moons, spirals
from coursekit.data import digits as digits_function
from coursekit.data.dataset import SPLITS

MAKERS = [digits, moons, spirals]
_all_splits = importlib.import_module("coursekit.data.digits")._all_splits


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("split", SPLITS)
def test_dataset_has_the_promised_types(make, split):
    data = make(split)
    assert (data.x.dtype, data.y.dtype) == (np.float32, np.int64)
    assert data.split == split
    assert len(data) == len(data.x) == len(data.y)
    assert set(data.y) == set(range(len(data.class_names)))


def test_digits_are_all_of_scikit_learns():
    from sklearn.datasets import load_digits

    ours = np.concatenate([digits(split).x.reshape(-1, 64) for split in SPLITS])
    labels = np.concatenate([digits(split).y for split in SPLITS])
    x, y = load_digits(return_X_y=True)
    rows = {(*pixels, label) for pixels, label in zip((x / 16).tolist(), y, strict=True)}
    assert {(*pixels, label) for pixels, label in zip(ours.tolist(), labels, strict=True)} == rows
    assert len(ours) == len(x)


@pytest.mark.parametrize(("split", "size"), [("train", 1197), ("validation", 300), ("test", 300)])
def test_digits_splits_have_their_sizes_and_all_classes_alike(split, size):
    data = digits(split)
    assert len(data) == size
    whole = np.concatenate([digits(name).y for name in SPLITS])
    expected = np.bincount(whole) * size / len(whole)
    assert np.abs(np.bincount(data.y) - expected).max() < 2
    assert data.x.min() == 0
    assert data.x.max() == 1


def test_digits_first_n_have_all_classes_alike():
    counts = np.bincount(digits("train", n=100).y)
    assert counts.min() >= 8
    assert counts.max() <= 12
    np.testing.assert_array_equal(digits("train", n=100).x, digits("train").x[:100])


@pytest.mark.parametrize("make", [moons, spirals])
def test_points_depend_on_seed_and_split(make):
    same, other = make("train", seed=1), make("train", seed=2)
    np.testing.assert_array_equal(same.x, make("train", seed=1).x)
    assert same.fingerprint == make("train", seed=1).fingerprint
    assert len({same.fingerprint, other.fingerprint, make("test", seed=1).fingerprint}) == 3
    assert not np.array_equal(same.x, make("validation", seed=1).x)
    assert np.bincount(make("train", n=50).y).tolist() == [25, 25]


def test_moons_without_noise_lie_on_their_half_circles():
    data = moons("train", noise=0.0)
    upper, lower = data.x[data.y == 0], data.x[data.y == 1]
    np.testing.assert_allclose(np.hypot(*upper.T), 1, rtol=1e-6)
    np.testing.assert_allclose(np.hypot(*(lower - (1, 0.5)).T), 1, rtol=1e-5)
    assert (upper[:, 1] >= 0).all()
    assert (lower[:, 1] <= 0.5).all()


def test_spirals_without_noise_have_the_other_arm_half_a_turn_away():
    data = spirals("train", noise=0.0)
    r = np.hypot(*data.x.T)
    turned = np.arctan2(data.x[:, 1], data.x[:, 0]) - 5 * r - np.pi * data.y
    np.testing.assert_allclose(np.cos(turned), 1, atol=1e-5)


def test_fingerprints_are_the_same_in_another_process():
    code = "from coursekit.data import *; " + (
        "print(*(make(split).fingerprint for make in (digits, moons, spirals) "
        "for split in ('train', 'validation', 'test')))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    here = [make(split).fingerprint for make in MAKERS for split in SPLITS]
    assert run.stdout.split() == here
    assert len(set(here)) == len(here)


def test_fingerprint_sees_every_change():
    x, y = np.zeros((2, 2), np.float32), np.array([0, 1])
    original = Dataset(x, y, ("a", "b"), "train").fingerprint
    changed = [
        Dataset(x + np.float32(0.5), y, ("a", "b"), "train"),
        Dataset(x, y[::-1], ("a", "b"), "train"),
        Dataset(x, y, ("a", "c"), "train"),
        Dataset(x, y, ("a", "b"), "test"),
        Dataset(x.reshape(2, 2, 1), y, ("a", "b"), "train"),
    ]
    assert len({original, *(data.fingerprint for data in changed)}) == 6


def test_dataset_cannot_be_spoiled_and_does_not_lock_the_callers_array():
    x, y = np.zeros((2, 2), np.float32), np.array([0, 1])
    data = Dataset(x, y, ("a", "b"), "train")
    with pytest.raises(ValueError, match="read-only"):
        data.x[0] = 1
    x[0] = 1
    with pytest.raises(AttributeError):
        data.split = "test"  # pyright: ignore[reportAttributeAccessIssue]


def test_subset_takes_the_examples_in_order():
    data = moons("train")
    part = data.subset(np.array([5, 3, 3]))
    np.testing.assert_array_equal(part.x, data.x[[5, 3, 3]])
    np.testing.assert_array_equal(part.y, data.y[[5, 3, 3]])
    assert part.fingerprint != data.fingerprint
    with pytest.raises(TypeError, match=r"Try np\.flatnonzero"):
        data.subset(data.y == 1)
    for several in (np.array(3), np.array([[0, 1]])):
        with pytest.raises(
            TypeError, match=r"not whole numbers in a row. Expected integers \(n,\)"
        ):
            data.subset(several)


def test_with_x_keeps_everything_else():
    data = moons("validation", n=6)
    moved = data.with_x(data.x + np.float32(1))
    np.testing.assert_array_equal(moved.x, data.x + 1)
    np.testing.assert_array_equal(moved.y, data.y)
    assert (moved.class_names, moved.split) == (data.class_names, "validation")
    assert moved.fingerprint != data.fingerprint
    with pytest.raises(ValueError, match="do not fit"):
        data.with_x(data.x[:5])


@pytest.mark.parametrize("make", MAKERS)
def test_unknown_split_is_refused(make):
    expected = f"{make.__name__}: unknown split. Expected .*, got 'training'"
    with pytest.raises(ValueError, match=expected):
        make("training")


@pytest.mark.parametrize(
    ("settings", "wrong"),
    [({"n": 1}, "n is too small"), ({"noise": -1}, "noise"), ({"noise": float("nan")}, "noise")],
)
def test_points_refuse_values_out_of_range(settings, wrong):
    for make in (moons, spirals):
        with pytest.raises(ValueError, match=wrong):
            make("train", **settings)


@pytest.mark.parametrize(
    ("settings", "wrong"),
    [({"n": 2.5}, "n"), ({"n": True}, "n"), ({"noise": "loud"}, "noise"), ({"seed": None}, "seed")],
)
def test_points_refuse_other_types(settings, wrong):
    for make in (moons, spirals):
        with pytest.raises(TypeError, match=f"{make.__name__}: {wrong} is not a"):
            make("train", **settings)
        with pytest.raises(ValueError, match="seed is too small"):
            make("train", seed=-1)


def test_first_refuses_what_is_no_whole_number():
    for n in (2.5, True, "2"):
        with pytest.raises(TypeError, match=r"n is not a whole number. Expected n from 1 to 300"):
            digits("test", n=n)  # pyright: ignore[reportArgumentType]


def test_a_regression_has_numbers_for_labels_and_no_classes():
    x, y = np.zeros((3, 1), np.float32), np.array([0.5, -2.0, 7.0], np.float32)
    data = Dataset(x, y, (), "train")
    np.testing.assert_array_equal(data.subset(np.array([2, 0])).y, [7.0, 0.5])
    assert data.fingerprint != Dataset(x, y + np.float32(1), (), "train").fingerprint
    with pytest.raises(TypeError, match=r"y has the wrong type. Expected a NumPy array of float32"):
        Dataset(x, np.array([0, 1, 2]), (), "train")
    for bad in (np.nan, np.inf):
        with pytest.raises(ValueError, match="y is not finite"):
            Dataset(x, np.array([0.5, bad, 1.0], np.float32), (), "train")


def test_fingerprints_are_those_that_results_were_written_down_with():
    prints = [make("train").fingerprint for make in (digits, moons, spirals)]
    assert prints == ["ca2296d9393f", "4b5d5fa452d7", "9482870953a7"]


@pytest.mark.parametrize("n", [0, 301, -1])
def test_digits_refuse_n_out_of_range(n):
    with pytest.raises(ValueError, match="Expected n from 1 to 300"):
        digits("validation", n=n)


@pytest.mark.parametrize(
    ("x", "y", "error", "wrong"),
    [
        (np.zeros((2, 2)), np.array([0, 1]), TypeError, "x has the wrong type"),
        (np.zeros((2, 2), np.float32), np.array([0.0, 1.0]), TypeError, "y has the wrong type"),
        (np.zeros((3, 2), np.float32), np.array([0, 1]), ValueError, "do not fit"),
        (np.zeros(2, np.float32), np.array([0, 1]), ValueError, "do not fit"),
        (np.zeros((2, 2), np.float32), np.array([0, 2]), ValueError, "Expected 0 to 1"),
        (np.zeros((2, 2), np.float32), np.array([-1, 1]), ValueError, "Expected 0 to 1"),
    ],
)
def test_dataset_refuses_what_does_not_fit(x, y, error, wrong):
    with pytest.raises(error, match=wrong):
        Dataset(x, y, ("a", "b"), "train")


@pytest.mark.parametrize("names", [["a", "b"], "ab", (0, 1), None])
def test_dataset_refuses_names_that_would_give_equal_data_another_fingerprint(names):
    with pytest.raises(TypeError, match="Dataset: class_names are no names"):
        Dataset(np.zeros((2, 2), np.float32), np.array([0, 1]), names, "train")


def test_digits_say_what_to_do_without_scikit_learn(monkeypatch):
    _all_splits.cache_clear()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match="Try `pip install scikit-learn`"):
        digits_function("train")
