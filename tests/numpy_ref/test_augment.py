"""What flips, resizing, crops and many crops promise, beyond the common tests."""

import numpy as np
import pytest

from coursekit.numpy_ref import (
    center_crop,
    crop,
    horizontal_flip,
    multi_scale_ten_crop,
    pad_and_crop,
    random_crop,
    random_resized_crop,
    resize,
    ten_crop,
    vertical_flip,
)

X = np.random.default_rng(0).standard_normal((3, 2, 7, 9))
FLIPS = {horizontal_flip: 3, vertical_flip: 2}  # and the axis that each reverses


def seeded(number: int = 0) -> np.random.Generator:
    return np.random.default_rng(number)


def ramp(n: int, height: int, width: int) -> np.ndarray:
    """Pictures whose pixels are their column numbers."""
    return np.tile(np.arange(float(width)), (n, 1, height, 1))


# --- flips --------------------------------------------------------------------------------------


@pytest.mark.parametrize("flip", FLIPS)
def test_flip_twice_is_the_identity(flip):
    once = flip(X, p=1, rng=seeded())
    np.testing.assert_array_equal(once, np.flip(X, FLIPS[flip]))
    np.testing.assert_array_equal(flip(once, p=1, rng=seeded()), X)


@pytest.mark.parametrize("flip", FLIPS)
def test_flip_leaves_whole_pictures_or_turns_whole_pictures(flip):
    x = np.random.default_rng(1).standard_normal((1000, 2, 2, 2))
    out = flip(x, p=0.3, rng=seeded())
    turned = (out == np.flip(x, FLIPS[flip])).all(axis=(1, 2, 3))
    left = (out == x).all(axis=(1, 2, 3))
    assert (turned != left).all()
    assert 0.25 < turned.mean() < 0.35


@pytest.mark.parametrize("flip", FLIPS)
def test_flip_turns_every_second_picture_unless_told_otherwise(flip):
    x = ramp(200, 3, 3)
    np.testing.assert_array_equal(flip(x, rng=seeded()), flip(x, p=0.5, rng=seeded()))


@pytest.mark.parametrize("flip", FLIPS)
def test_flip_with_probability_zero_copies(flip):
    np.testing.assert_array_equal(flip(X, p=0, rng=seeded()), X)


# --- resize -------------------------------------------------------------------------------------


def test_resize_to_the_same_size_is_the_identity():
    np.testing.assert_array_equal(resize(X, size=(7, 9)), X)
    np.testing.assert_array_equal(resize(X, size=7), X)


@pytest.mark.parametrize(
    ("old", "size", "new"),
    [
        ((20, 30), 10, (10, 15)),
        ((30, 20), 10, (15, 10)),
        ((20, 20), 7, (7, 7)),
        ((3, 5), 4, (4, 6)),  # 6 2/3, rounded down
        ((480, 640), 256, (256, 341)),
        ((7, 9), (2, 30), (2, 30)),
    ],
)
def test_resize_by_one_number_keeps_the_proportions(old, size, new):
    assert resize(np.zeros((1, 1, *old)), size=size).shape == (1, 1, *new)


def test_resize_keeps_what_is_constant_and_what_is_linear_inside():
    np.testing.assert_allclose(resize(np.full((1, 1, 3, 4), 7.0), size=(5, 11)), 7.0)
    wide = resize(ramp(1, 4, 8), size=(4, 24))[0, 0]
    expected = np.clip((np.arange(24) + 0.5) / 3 - 0.5, 0, 7)
    np.testing.assert_allclose(wide, np.tile(expected, (4, 1)), atol=1e-12)


def test_resize_treats_both_sides_alike():
    turned = resize(X.swapaxes(2, 3), size=(4, 13)).swapaxes(2, 3)
    np.testing.assert_allclose(resize(X, size=(13, 4)), turned)


def test_resize_stays_between_the_smallest_and_the_largest_value():
    x = 1e300 * X
    out = resize(x, size=(20, 5))
    assert out.min() >= x.min() and out.max() <= x.max()


# --- crops --------------------------------------------------------------------------------------


def test_crop_is_a_part_of_the_picture():
    np.testing.assert_array_equal(crop(X, top=2, left=3, size=(4, 5)), X[:, :, 2:6, 3:8])
    np.testing.assert_array_equal(crop(X, top=4, left=6, size=3), X[:, :, 4:, 6:])
    np.testing.assert_array_equal(crop(X, top=0, left=0, size=(7, 9)), X)


def test_center_crop_leaves_the_same_margin_on_both_sides():
    np.testing.assert_array_equal(center_crop(X, size=(3, 5)), X[:, :, 2:5, 2:7])


def test_center_crop_rounds_halves_to_even():
    x = np.arange(6.0).reshape(1, 1, 1, 6)
    starts = [center_crop(x, size=(1, width))[0, 0, 0, 0] for width in (1, 3, 5)]
    assert starts == [2, 2, 0]  # of 2.5, 1.5, 0.5


def test_random_crop_finds_every_place_and_no_other():
    x = np.tile(np.arange(12.0).reshape(1, 1, 3, 4), (400, 1, 1, 1))
    out = random_crop(x, size=2, rng=seeded())
    np.testing.assert_array_equal(
        out - out[:, :, :1, :1], np.tile([[0, 1], [4, 5]], (400, 1, 1, 1))
    )
    corners, times = np.unique(out[:, 0, 0, 0], return_counts=True)
    assert corners.tolist() == [0, 1, 2, 4, 5, 6]
    assert times.min() > 400 / 6 / 2


def test_random_crop_of_the_whole_picture_is_the_identity():
    np.testing.assert_array_equal(random_crop(X, size=(7, 9), rng=seeded()), X)


def test_pad_and_crop_without_padding_is_the_identity():
    np.testing.assert_array_equal(pad_and_crop(X, pad=0, rng=seeded()), X)


def test_pad_and_crop_moves_pictures_by_up_to_pad_and_fills_with_zeros():
    x = np.ones((500, 1, 3, 5))
    x[:, :, 1, 2] = 2  # the middle
    out = pad_and_crop(x, pad=1, rng=seeded())
    assert set(np.unique(out)) == {0, 1, 2}
    n, _, row, column = np.nonzero(out == 2)
    np.testing.assert_array_equal(n, np.arange(500))
    assert set(zip(row.tolist(), column.tolist(), strict=True)) == {
        (i, j) for i in (0, 1, 2) for j in (1, 2, 3)
    }
    in_place = out[(row == 1) & (column == 2)]
    np.testing.assert_array_equal(in_place, x[: len(in_place)])


# --- scale jitter -------------------------------------------------------------------------------


def drawn_short_sides(width: int, **arguments) -> np.ndarray:
    """The short sides behind crops of ramps: a ramp resized to L rises by width / L a pixel."""
    x = ramp(60, width, width)
    out = random_resized_crop(x, rng=seeded(), **arguments)
    rises = np.diff(out[:, 0, 0], axis=1).max(axis=1)  # it is flat at the border
    return np.round(width / rises).astype(int)


def test_random_resized_crop_draws_both_limits_and_what_is_between():
    assert set(drawn_short_sides(6, size=4, short_side=(5, 8))) == {5, 6, 7, 8}


def test_random_resized_crop_scales_as_resnet_unless_told_otherwise():
    x = np.tile(X[:1, :1], (40, 1, 1, 1))
    ours = random_resized_crop(x, size=2, rng=seeded())
    expected = random_resized_crop(x, size=2, short_side=(256, 480), rng=seeded())
    np.testing.assert_array_equal(ours, expected)


def test_random_resized_crop_keeps_the_proportions():
    x = ramp(20, 4, 8) + 8 * ramp(20, 8, 4).swapaxes(2, 3)
    out = random_resized_crop(x, size=3, short_side=(8, 8), rng=seeded())
    assert np.diff(out, axis=3).max() == 0.5 and np.diff(out, axis=2).max() == 4
    assert len(np.unique(out[:, 0, 0, 0])) > 10


def test_random_resized_crop_of_one_scale_and_the_whole_is_a_resize():
    x = X[:, :, :, :7]
    out = random_resized_crop(x, size=5, short_side=(5, 5), rng=seeded())
    np.testing.assert_array_equal(out, resize(x, size=5))


# --- test time ----------------------------------------------------------------------------------


def test_ten_crop_is_four_corners_and_the_center_and_their_mirror_images():
    out = ten_crop(X, size=(3, 5))
    parts = [X[:, :, :3, :5], X[:, :, :3, 4:], X[:, :, 4:, :5], X[:, :, 4:, 4:], X[:, :, 2:5, 2:7]]
    np.testing.assert_array_equal(out[:5], parts)
    mirrored = [parts[i][:, :, :, ::-1] for i in (1, 0, 3, 2, 4)]
    np.testing.assert_array_equal(out[5:], mirrored)


def test_ten_crop_of_a_symmetric_picture_is_five_crops_twice():
    out = ten_crop(X + X[:, :, :, ::-1], size=4)
    np.testing.assert_array_equal(out[:4], out[5:9])


def test_ten_crop_of_the_whole_picture_is_the_picture_and_its_mirror_image():
    out = ten_crop(X, size=(7, 9))
    np.testing.assert_array_equal(out, [X] * 5 + [X[:, :, :, ::-1]] * 5)


def test_ten_crop_can_be_read_as_one_batch():
    scores = ten_crop(X, size=2).reshape(-1, 2, 2, 2).mean(axis=(2, 3)).reshape(10, 3, 2)
    np.testing.assert_allclose(
        scores[9, 1], center_crop(X[1:2, :, :, ::-1], size=2).mean((0, 2, 3))
    )


def test_multi_scale_ten_crop_is_ten_crops_of_each_size():
    out = multi_scale_ten_crop(X, size=5, short_sides=(9, 5))
    np.testing.assert_array_equal(out[:10], ten_crop(resize(X, size=9), size=5))
    np.testing.assert_array_equal(out[10:], ten_crop(resize(X, size=5), size=5))


def test_multi_scale_ten_crop_has_the_scales_of_resnet_unless_told_otherwise():
    x = X[:1, :1]
    out = multi_scale_ten_crop(x, size=3)
    expected = multi_scale_ten_crop(x, size=3, short_sides=(224, 256, 384, 480, 640))
    assert out.shape == (50, 1, 1, 3, 3)
    np.testing.assert_array_equal(out, expected)
