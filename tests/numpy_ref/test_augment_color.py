"""What changes of color, warps, cutout and mixup promise, beyond the common tests."""

import colorsys

import numpy as np
import pytest

from coursekit.numpy_ref import (
    brightness,
    contrast,
    cutout,
    hue,
    jitter,
    mixup,
    pca_jitter,
    rotate,
    saturation,
    shear,
    soft_cross_entropy,
    softmax_cross_entropy,
    stretch,
)

RNG = np.random.default_rng(0)
PICTURES = RNG.random((4, 3, 5, 6))
PLAIN = {"rtol": 0, "atol": 1e-12}

# Every function that takes an amount for each picture: its keyword, what does nothing, and more.
AMOUNTS = [
    (brightness, "factor", 1.0, (0.2, 1.8)),
    (contrast, "factor", 1.0, (0.2, 1.8)),
    (saturation, "factor", 1.0, (0.2, 1.8)),
    (hue, "shift", 0.0, (-0.5, 0.5)),
    (rotate, "degrees", 0.0, (-180, 180)),
    (shear, "degrees", 0.0, (-60, 60)),
    (stretch, "horizontal", 1.0, (0.5, 2.0)),
    (stretch, "vertical", 1.0, (0.5, 2.0)),
]
every_amount = pytest.mark.parametrize(
    ("op", "name", "nothing", "limits"), AMOUNTS, ids=lambda a: getattr(a, "__name__", str(a))
)


def smooth(size: int) -> np.ndarray:
    """One picture with no edges, of the given height and width."""
    place = np.linspace(0, 1, size)
    return (np.sin(2 * place[:, None]) + np.cos(3 * place))[None, None]


def middle(x: np.ndarray) -> np.ndarray:
    """The inner half of the pictures."""
    h, w = x.shape[2] // 4, x.shape[3] // 4
    return x[:, :, h:-h, w:-w]


# --- amounts ------------------------------------------------------------------------------------


@every_amount
def test_amount_of_nothing_is_the_identity(op, name, nothing, limits):
    np.testing.assert_allclose(op(PICTURES, **{name: nothing}), PICTURES, **PLAIN)


@every_amount
def test_amount_may_be_one_for_each_picture(op, name, nothing, limits):
    low, high = limits
    amounts = np.random.default_rng(1).uniform(low, high, len(PICTURES))
    together = op(PICTURES, **{name: amounts})
    for n, amount in enumerate(amounts):
        np.testing.assert_array_equal(
            together[n : n + 1], op(PICTURES[n : n + 1], **{name: amount})
        )


@every_amount
def test_amount_in_float64_leaves_pictures_in_float32(op, name, nothing, limits):
    low, high = limits
    amounts = np.random.default_rng(1).uniform(low, high, len(PICTURES))
    assert op(PICTURES.astype(np.float32), **{name: amounts}).dtype == np.float32


@every_amount
def test_amount_is_not_changed(op, name, nothing, limits):
    amounts = np.full(len(PICTURES), nothing)
    amounts.flags.writeable = False
    op(PICTURES, **{name: amounts})


# --- color --------------------------------------------------------------------------------------


def test_brightness_of_zero_is_black():
    assert not brightness(PICTURES, factor=0).any()


def test_brightness_is_clipped_at_white():
    assert brightness(PICTURES, factor=100).max() == 1


def test_contrast_of_zero_is_a_gray_plane():
    out = contrast(PICTURES, factor=0)
    assert np.ptp(out, axis=(1, 2, 3)).max() < 1e-12
    weights = np.array([0.2989, 0.587, 0.114])
    np.testing.assert_allclose(out[:, 0, 0, 0], PICTURES.mean(axis=(2, 3)) @ weights)


def test_contrast_is_clipped_at_black_and_white():
    out = contrast(PICTURES, factor=100)
    assert (out.min(), out.max()) == (0, 1)


def test_contrast_keeps_the_mean_where_nothing_is_clipped():
    x = 0.4 + 0.2 * PICTURES[:, :1].repeat(3, axis=1)
    means = x.mean(axis=(1, 2, 3))
    np.testing.assert_allclose(contrast(x, factor=1.5).mean(axis=(1, 2, 3)), means, atol=1e-4)


def test_saturation_of_zero_is_gray_and_keeps_the_light():
    out = saturation(PICTURES, factor=0)
    np.testing.assert_allclose(out[:, 0], out[:, 1], **PLAIN)
    np.testing.assert_allclose(out[:, 0], out[:, 2], **PLAIN)
    assert np.std(out[:, 0]) > 0.1


@pytest.mark.parametrize("turns", [1, -1])
def test_hue_by_a_third_permutes_the_channels(turns):
    np.testing.assert_allclose(
        hue(PICTURES, shift=turns / 3), np.roll(PICTURES, turns, axis=1), **PLAIN
    )


def test_hue_of_red_goes_round_the_circle():
    red = np.array([1.0, 0.0, 0.0]).reshape(1, 3, 1, 1).repeat(7, axis=0)
    circle = hue(red, shift=np.arange(-3, 4) / 6)[:, :, 0, 0].round(12)
    cyan, blue, magenta, yellow, green = (
        [0, 1, 1],
        [0, 0, 1],
        [1, 0, 1],
        [1, 1, 0],
        [0, 1, 0],
    )
    assert circle.tolist() == [cyan, blue, magenta, [1, 0, 0], yellow, green, cyan]


@pytest.mark.parametrize("shift", [-0.5, -0.3, 0.1, 0.25, 0.5])
def test_hue_agrees_with_the_standard_library(shift):
    pixels = np.concatenate([PICTURES[0].reshape(3, -1).T, np.eye(3), np.ones((1, 3)) / 2])
    out = hue(pixels.T.reshape(1, 3, 1, -1), shift=shift)[0, :, 0].T
    for pixel, ours in zip(pixels, out, strict=True):
        h, s, v = colorsys.rgb_to_hsv(*pixel)
        np.testing.assert_allclose(ours, colorsys.hsv_to_rgb((h + shift) % 1, s, v), **PLAIN)


def test_hue_keeps_the_lightest_and_the_darkest_channel():
    out = hue(PICTURES, shift=0.17)
    np.testing.assert_allclose(out.max(axis=1), PICTURES.max(axis=1), **PLAIN)
    np.testing.assert_allclose(out.min(axis=1), PICTURES.min(axis=1), **PLAIN)


def test_hue_leaves_gray_alone():
    gray = np.array([0.0, 0.3, 1.0]).reshape(1, 1, 1, 3).repeat(3, axis=1)
    np.testing.assert_array_equal(hue(gray, shift=0.3), gray)


@pytest.mark.parametrize("op", [brightness, contrast, saturation])
def test_color_that_is_off_by_rounding_is_taken(op):
    almost = np.array([1.0005, 0.5, -0.0005]).reshape(1, 3, 1, 1)
    out = op(almost, factor=1.0)
    assert out.min() == 0 and out.max() == 1
    for wrong in ([1.0015, 0.5, 0.0], [1.0, 0.5, -0.0015]):
        with pytest.raises(ValueError, match="x is out of range"):
            op(np.array(wrong).reshape(1, 3, 1, 1), factor=1.0)


def test_jitter_of_nothing_is_the_identity():
    out = jitter(PICTURES, rng=np.random.default_rng(2))
    np.testing.assert_allclose(out, PICTURES, **PLAIN)


@pytest.mark.parametrize(("spread", "low", "high"), [(0.4, 0.6, 1.4), (1.5, 0.0, 2.5)])
def test_jitter_draws_factors_around_one(spread, low, high):
    x = np.full((2000, 3, 1, 1), 0.2)
    out = jitter(x, brightness=spread, rng=np.random.default_rng(3))
    factors = out[:, 0, 0, 0] / 0.2
    assert low <= factors.min() < low + 0.02 and high - 0.02 < factors.max() <= high
    assert abs(factors.mean() - (low + high) / 2) < 5 * (high - low) / np.sqrt(12 * len(x))


def test_jitter_draws_shifts_around_zero():
    red = np.array([1.0, 0.0, 0.0]).reshape(1, 3, 1, 1).repeat(2000, axis=0)
    out = jitter(red, hue=0.1, rng=np.random.default_rng(4))[:, :, 0, 0]
    shifts = (out[:, 1] - out[:, 2]) / 6  # to yellow, less to magenta
    assert -0.1 <= shifts.min() < -0.099 and 0.099 < shifts.max() <= 0.1


@pytest.mark.parametrize("name", ["contrast", "saturation"])
def test_jitter_changes_what_it_is_told_to(name):
    out = jitter(PICTURES, **{name: 0.5}, rng=np.random.default_rng(5))
    assert np.abs(out - PICTURES).max() > 0.02
    gray = jitter(np.full((2, 3, 2, 2), 0.5), **{name: 0.5}, rng=np.random.default_rng(5))
    np.testing.assert_allclose(gray, 0.5, atol=1e-4)


def test_jitter_draws_the_order():
    """Brightness and contrast in one order or the other: both must come."""
    x = PICTURES[:1]
    both = set()
    for seed in range(20):
        out = jitter(x, brightness=0.5, contrast=0.5, rng=np.random.default_rng(seed))
        rng = np.random.default_rng(seed)
        rng.permutation(4)
        light, less = rng.uniform(0.5, 1.5, 1), rng.uniform(0.5, 1.5, 1)
        first = contrast(brightness(x, factor=light), factor=less)
        second = brightness(contrast(x, factor=less), factor=light)
        both |= {name for name, y in (("b", first), ("c", second)) if np.allclose(out, y)}
    assert both == {"b", "c"}


def test_jitter_refuses_in_its_own_name():
    with pytest.raises(ValueError, match=r"^jitter: x is out of range"):
        jitter(PICTURES * 255, rng=np.random.default_rng(0))


def test_pca_jitter_has_the_spread_of_the_principal_components():
    covariance = np.cov(PICTURES.transpose(1, 0, 2, 3).reshape(3, -1))
    x = np.zeros((100_000, 3, 1, 1))
    colors = pca_jitter(x, covariance, std=2.0, rng=np.random.default_rng(6))[:, :, 0, 0]
    variances, components = np.linalg.eigh(covariance)
    along = colors @ components  # α λ, by component
    np.testing.assert_allclose(along.std(axis=0), 2.0 * variances, rtol=0.02)
    assert abs(np.corrcoef(along.T) - np.eye(3)).max() < 0.02
    assert abs(along.mean(axis=0) / variances).max() < 0.04


def test_pca_jitter_adds_one_color_to_all_pixels_of_a_picture():
    added = pca_jitter(PICTURES, np.eye(3), rng=np.random.default_rng(7)) - PICTURES
    assert np.ptp(added, axis=(2, 3)).max() < 1e-12
    assert np.ptp(added[:, :, 0, 0], axis=0).min() > 0.01


def test_pca_jitter_spreads_by_a_tenth_unless_told_otherwise():
    out = pca_jitter(np.zeros((50_000, 3, 1, 1)), np.eye(3), rng=np.random.default_rng(8))
    assert abs(out.std() - 0.1) < 0.001
    out = pca_jitter(PICTURES.astype(np.float32), np.eye(3), rng=np.random.default_rng(8))
    assert out.dtype == np.float32


# --- warps --------------------------------------------------------------------------------------


@pytest.mark.parametrize("quarters", [-1, 1, 2, 3, 4])
def test_rotate_by_right_angles_is_rot90(quarters):
    for square in (RNG.random((2, 3, 5, 5)), RNG.random((2, 3, 4, 4))):
        np.testing.assert_allclose(
            rotate(square, degrees=90 * quarters), np.rot90(square, quarters, axes=(2, 3)), **PLAIN
        )


@pytest.mark.parametrize(
    ("op", "there", "back"),
    [
        (rotate, {"degrees": 20}, {"degrees": -20}),
        (shear, {"degrees": 15}, {"degrees": -15}),
        (
            stretch,
            {"horizontal": 1.2, "vertical": 0.9},
            {"horizontal": 1 / 1.2, "vertical": 1 / 0.9},
        ),
    ],
)
def test_warp_there_and_back_keeps_the_center_of_a_smooth_picture(op, there, back):
    x = smooth(40)
    moved = op(x, **there)
    np.testing.assert_allclose(middle(op(moved, **back)), middle(x), atol=0.005)
    assert abs(middle(moved) - middle(x)).max() > 0.05


@pytest.mark.parametrize("size", [3, 7])
def test_warp_leaves_the_central_pixel_where_it_is(size):
    x = RNG.standard_normal((1, 2, size, size))
    for out in (rotate(x, degrees=37), shear(x, degrees=37), stretch(x, vertical=1.7)):
        center = size // 2
        np.testing.assert_allclose(out[..., center, center], x[..., center, center])


def test_rotate_loses_the_corners_and_fills_with_zeros():
    out = rotate(np.ones((1, 1, 21, 21)), degrees=45)[0, 0]
    assert out[0, 0] == out[0, -1] == out[-1, 0] == out[-1, -1] == 0
    np.testing.assert_allclose(out[6:-6, 6:-6], 1)


def test_shear_moves_the_top_to_the_right():
    x = np.zeros((1, 1, 5, 9))
    x[..., 4] = 1
    out = shear(x, degrees=45)[0, 0]
    assert out.argmax(axis=1).tolist() == [6, 5, 4, 3, 2]


@pytest.mark.parametrize("degrees", [89.99, -89.99])
def test_shear_by_almost_a_right_angle_leaves_the_middle_row_alone(degrees):
    x = np.ones((1, 1, 3, 4))
    np.testing.assert_allclose(shear(x, degrees=degrees)[0, 0], [[0] * 4, [1] * 4, [0] * 4])


def test_stretch_changes_the_direction_that_it_is_told_to():
    column, row = np.zeros((2, 1, 1, 5, 5))
    column[..., 1:4], row[..., 1:4, :] = 1, 1
    assert stretch(column, horizontal=2)[0, 0].sum() > 1.4 * column.sum()
    np.testing.assert_allclose(stretch(row, horizontal=2), row, **PLAIN)
    assert stretch(row, vertical=2)[0, 0].sum() > 1.4 * row.sum()
    np.testing.assert_allclose(stretch(column, vertical=2), column, **PLAIN)


@pytest.mark.parametrize("name", ["horizontal", "vertical"])
def test_stretch_as_small_or_large_as_can_be(name):
    x = np.ones((1, 1, 4, 4))
    assert not stretch(x, **{name: 0.001}).any()
    np.testing.assert_allclose(stretch(x, **{name: 1e300}), x)
    with pytest.raises(ValueError, match=r"0\.0009"):
        stretch(x, **{name: 0.0009})


@pytest.mark.parametrize("warp", [rotate, shear])
def test_warp_treats_channels_alike(warp):
    out = warp(PICTURES, degrees=33)
    np.testing.assert_array_equal(out[:, 1:2], warp(PICTURES[:, 1:2], degrees=33))


# --- cutout and mixup ---------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 2, 3, 6, 20])
def test_cutout_removes_a_square_or_what_of_it_is_inside(size):
    x = np.ones((300, 2, 6, 7))
    out = cutout(x, size=size, rng=np.random.default_rng(9))
    holes = (out == 0).all(axis=1)
    np.testing.assert_array_equal((out == 0).any(axis=1), holes)  # the same in all channels
    heights, widths = holes.any(axis=2).sum(axis=1), holes.any(axis=1).sum(axis=1)
    np.testing.assert_array_equal(holes.sum(axis=(1, 2)), heights * widths)  # a rectangle
    assert heights.max() == min(size, 6) and widths.max() == min(size, 7)
    assert heights.min() >= min(6, (size + 1) // 2) and widths.min() >= min(7, (size + 1) // 2)


def test_cutout_keeps_all_other_pixels():
    x = RNG.standard_normal((20, 3, 6, 6))
    out = cutout(x, size=3, rng=np.random.default_rng(10))
    np.testing.assert_array_equal(out[out != 0], x[out != 0])


def test_cutout_centers_are_all_pixels_equally_often():
    n, h, w = 30_000, 3, 4
    out = cutout(np.ones((n, 1, h, w)), size=1, rng=np.random.default_rng(11))
    counts = (out == 0).sum(axis=(0, 1))
    assert counts.sum() == n  # of size 1 just one pixel, every time
    assert abs(counts - n / (h * w)).max() < 5 * np.sqrt(n / (h * w))


def onehot_pictures(y: np.ndarray, k: int) -> np.ndarray:
    """Pictures whose channels are the one-hot label, so that pixels tell how labels are mixed."""
    return np.eye(k)[y][:, :, None, None].repeat(2, axis=2)


@pytest.mark.parametrize("alpha", [0.2, 1.0, 5.0])
def test_mixup_mixes_labels_as_it_mixes_pixels(alpha):
    y = np.random.default_rng(12).integers(4, size=50)
    out, y_out = mixup(
        onehot_pictures(y, 4), y, alpha=alpha, num_classes=4, rng=np.random.default_rng(13)
    )
    np.testing.assert_allclose(y_out.sum(axis=1), 1)
    np.testing.assert_allclose(out[:, :, 0, 0], y_out, **PLAIN)
    assert ((y_out > 0).sum(axis=1) <= 2).all()


@pytest.mark.parametrize("alpha", [0.2, 1.0, 5.0])
def test_mixup_shares_are_beta_distributed(alpha):
    n = 20_000
    x = np.arange(float(n)).reshape(n, 1, 1, 1)
    _, y_out = mixup(x, np.arange(n) % 2, alpha=alpha, num_classes=2, rng=np.random.default_rng(14))
    share = y_out[np.arange(n), np.arange(n) % 2]
    share = share[(share != 1)]  # else the partner has the same label
    assert abs(share.mean() - 0.5) < 0.02
    assert share.var() == pytest.approx(1 / (4 * (2 * alpha + 1)), rel=0.05)


def test_mixup_partners_are_an_order_of_the_batch():
    n = 100
    y = np.arange(n)
    x = onehot_pictures(y, n)
    out, _ = mixup(x, y, alpha=1.0, num_classes=n, rng=np.random.default_rng(15))
    others = out[:, :, 0, 0] * (1 - np.eye(n))
    assert ((others > 0).sum(axis=0) <= 1).all() and ((others > 0).sum(axis=1) <= 1).all()
    assert (others > 0).sum() > 90


def test_mixup_of_a_batch_of_one_changes_nothing():
    x, y = PICTURES[:1], np.array([1])
    out, y_out = mixup(x, y, alpha=0.4, num_classes=3, rng=np.random.default_rng(16))
    np.testing.assert_allclose(out, x)
    np.testing.assert_allclose(y_out, [[0, 1, 0]])


def test_mixup_labels_have_the_type_of_the_pictures():
    _, y_out = mixup(
        PICTURES.astype(np.float32),
        np.array([0, 1, 2, 0]),
        alpha=1.0,
        num_classes=3,
        rng=np.random.default_rng(17),
    )
    assert y_out.dtype == np.float32 and y_out.shape == (4, 3)


@pytest.mark.parametrize(
    "draw",
    [
        lambda x, rng: jitter(x, brightness=0.4, contrast=0.4, saturation=0.4, hue=0.1, rng=rng),
        lambda x, rng: pca_jitter(x, np.eye(3), rng=rng),
        lambda x, rng: cutout(x, size=2, rng=rng),
        lambda x, rng: mixup(x, np.arange(4), alpha=1.0, num_classes=4, rng=rng)[0],
    ],
    ids=["jitter", "pca_jitter", "cutout", "mixup"],
)
def test_random_changes_repeat_with_the_seed_and_differ_between_pictures(draw):
    same = np.repeat(PICTURES[:1], 4, axis=0) * np.array([0.9, 0.9, 0.9, 0.5]).reshape(4, 1, 1, 1)
    first, again = (draw(same, np.random.default_rng(18)) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert (first != draw(same, np.random.default_rng(19))).any()
    assert (first[0] != first[1]).any()


def test_mixup_labels_train_with_the_soft_loss():
    """The loss of mixed labels is the mixture of the losses."""
    y, scores = np.array([0, 1, 2, 2]), RNG.standard_normal((4, 3))
    _, y_out = mixup(PICTURES, y, alpha=1.0, num_classes=3, rng=np.random.default_rng(20))
    loss, dscores = soft_cross_entropy(scores, y_out)
    rng = np.random.default_rng(20)
    share, partner = rng.beta(1.0, 1.0, 4), rng.permutation(4)
    losses = np.array(
        [
            [softmax_cross_entropy(s[None], k)[0] for k in pair]
            for s, pair in zip(scores, np.stack([y, y[partner]], axis=1)[:, :, None], strict=True)
        ]
    )
    assert loss == pytest.approx((share * losses[:, 0] + (1 - share) * losses[:, 1]).mean())
    np.testing.assert_allclose(dscores.sum(axis=1), 0, atol=1e-12)


def test_soft_cross_entropy_of_one_hot_targets_is_the_hard_one():
    y, scores = np.array([0, 2, 1]), RNG.standard_normal((3, 3)) * 1000
    soft, hard = soft_cross_entropy(scores, np.eye(3)[y]), softmax_cross_entropy(scores, y)
    assert soft[0] == pytest.approx(hard[0])
    np.testing.assert_allclose(soft[1], hard[1], **PLAIN)


@pytest.mark.parametrize("off", [0.0005, -0.0005])
def test_soft_cross_entropy_takes_targets_that_are_off_by_rounding(off):
    scores = np.zeros((1, 2))
    soft_cross_entropy(scores, np.array([[0.5, 0.5 + off]]))
    with pytest.raises(ValueError, match="targets are not shares"):
        soft_cross_entropy(scores, np.array([[0.5, 0.5 + 3 * off]]))
