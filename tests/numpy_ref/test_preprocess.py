"""What preprocessing promises, beyond the common tests."""

import numpy as np
import pytest
import torch

from coursekit._torchvision import import_torchvision
from coursekit.numpy_ref import (
    center,
    channel_mean,
    channel_mean_std,
    mean_image,
    pca,
    pca_reconstruct,
    pca_transform,
    standardize,
    standardizer,
    whiten,
)

RNG = np.random.default_rng(0)
CLOUD = RNG.standard_normal((200, 4)) @ RNG.standard_normal((4, 4)) + [1.0, -2.0, 3.0, 0.0]
TEST = RNG.standard_normal((10, 4)) + 5
PICTURES = RNG.uniform(size=(50, 3, 4, 5)) * [[[[1.0]], [[2.0]], [[5.0]]]]

FITS = (standardizer, channel_mean_std)


# --- mean and standard deviation ----------------------------------------------------------------


def test_standardize_gives_the_training_set_mean_0_and_deviation_1():
    out = standardize(CLOUD, *standardizer(CLOUD))
    np.testing.assert_allclose(out.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(out.std(axis=0), 1, rtol=1e-5)


def test_standardize_applies_the_statistics_of_the_training_set_to_the_test_set():
    mean, std = standardizer(CLOUD)
    out = standardize(TEST, mean, std)
    np.testing.assert_allclose(out, (TEST - CLOUD.mean(axis=0)) / (CLOUD.std(axis=0) + 1e-6))
    assert (abs(out.mean(axis=0)) > 0.5).any()


@pytest.mark.parametrize("n", [1, 3])
def test_what_is_applied_to_a_sample_does_not_depend_on_the_others(n):
    statistics = standardizer(CLOUD)
    np.testing.assert_array_equal(
        standardize(TEST, *statistics)[:n], standardize(TEST[:n], *statistics)
    )
    axes = pca(CLOUD)
    np.testing.assert_allclose(whiten(TEST, *axes)[:n], whiten(TEST[:n], *axes))


def test_standardizer_adds_eps_to_the_deviation():
    _, std = standardizer(CLOUD, eps=0.25)
    np.testing.assert_allclose(std, CLOUD.std(axis=0) + 0.25)
    _, std = standardizer(np.full((3, 1), 7.0))
    assert std == 1e-6
    _, std = channel_mean_std(np.full((3, 1, 2, 2), 7.0))
    assert std == 1e-6


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_standardize_turns_a_constant_feature_into_zeros(dtype):
    x = np.array([[0.1, 1.0], [0.1, 2.0], [0.1, 3.0]], dtype)
    out = standardize(x, *standardizer(x))
    assert (abs(out[:, 0]) < 1e-6).all() and abs(out[:, 1]).max() > 1


def test_statistics_of_one_sample_are_the_sample_and_eps():
    mean, std = standardizer(TEST[:1], eps=1e-3)
    np.testing.assert_array_equal(mean, TEST[0])
    np.testing.assert_allclose(std, 1e-3)


def test_statistics_in_float32_are_summed_in_float64():
    x = (1000 + RNG.standard_normal((100_000, 2, 1, 1))).astype(np.float32)
    exact = x.astype(np.float64)
    means, stds = exact.mean(axis=(0, 2, 3)), exact.std(axis=(0, 2, 3))
    for mean in (mean_image(x)[:, 0, 0], channel_mean(x), *(s(x)[0].ravel() for s in FITS)):
        np.testing.assert_allclose(mean, means, rtol=6e-8)
    for std in (s(x)[1].ravel() for s in FITS):
        np.testing.assert_allclose(std, stds + 1e-6, rtol=1e-7)


def test_statistics_of_huge_float32_do_not_overflow():
    x = np.array([[1e30], [3e30]], np.float32)
    mean, std = standardizer(x)
    np.testing.assert_allclose([mean[0], std[0]], [2e30, 1e30], rtol=1e-6)


def test_channel_statistics_are_those_of_all_pixels_as_samples():
    pixels = PICTURES.transpose(0, 2, 3, 1).reshape(-1, 3)
    mean, std = channel_mean_std(PICTURES)
    np.testing.assert_allclose(mean, channel_mean(PICTURES))
    for ours, of_pixels in zip((mean, std), standardizer(pixels), strict=True):
        np.testing.assert_allclose(ours, of_pixels)


def test_mean_image_is_the_mean_of_a_standardizer_and_leaves_a_mean_of_0():
    mean = mean_image(PICTURES)
    np.testing.assert_array_equal(mean, standardizer(PICTURES)[0])
    np.testing.assert_allclose(center(PICTURES, mean).mean(axis=0), 0, atol=1e-12)


def test_center_by_channel_is_center_by_a_plane_picture():
    mean = channel_mean(PICTURES)
    plane = np.broadcast_to(mean[:, None, None], PICTURES.shape[1:])
    np.testing.assert_array_equal(center(PICTURES, mean), center(PICTURES, plane))


def test_center_of_rows_subtracts_from_every_row():
    np.testing.assert_array_equal(center(TEST, CLOUD[0]), TEST - CLOUD[0])


def test_standardize_of_channels_is_normalize_of_torchvision():
    import_torchvision()
    from torchvision.transforms import v2

    mean, std = channel_mean_std(PICTURES)
    theirs = v2.Normalize(mean.tolist(), std.tolist())(torch.from_numpy(PICTURES))
    np.testing.assert_allclose(standardize(PICTURES, mean, std), theirs, atol=1e-12)


def test_standardize_lets_a_nan_deviation_through():
    out = standardize(np.ones((1, 2)), np.zeros(2), np.array([np.nan, 2.0]))
    np.testing.assert_array_equal(out, [[np.nan, 0.5]])


# --- principal axes -----------------------------------------------------------------------------


def test_pca_is_the_eigendecomposition_of_the_covariance():
    mean, axes, variances = pca(CLOUD)
    covariance = np.cov(CLOUD.T, ddof=0)
    np.testing.assert_allclose(mean, CLOUD.mean(axis=0))
    np.testing.assert_allclose(covariance @ axes.T, axes.T * variances, atol=1e-12)
    np.testing.assert_allclose(axes @ axes.T, np.eye(4), atol=1e-12)
    assert (np.diff(variances) < 0).all()


def test_pca_coordinates_are_uncorrelated_with_the_variances():
    mean, axes, variances = pca(CLOUD)
    z = pca_transform(CLOUD, mean, axes)
    np.testing.assert_allclose(np.cov(z.T, ddof=0), np.diag(variances), atol=1e-12)


def test_pca_makes_the_largest_coordinate_of_each_axis_positive():
    for data in (CLOUD, -CLOUD, CLOUD[:, ::-1]):
        axes = pca(data)[1]
        largest = np.take_along_axis(axes, abs(axes).argmax(axis=1)[:, None], axis=1)
        assert (largest > 0).all()


@pytest.mark.parametrize("turn", [1.0, -1.0])
def test_pca_decides_a_tie_by_the_first_coordinate(turn):
    x = turn * np.array([[3.0, -3.0], [-3.0, 3.0], [1.0, 1.0], [-1.0, -1.0]])
    axes = pca(x)[1]
    np.testing.assert_allclose(axes, np.sqrt(0.5) * np.array([[1, -1], [1, 1]]))


@pytest.mark.parametrize("first", [0.998, 0.9995])
def test_pca_counts_coordinates_within_a_thousandth_as_equal(first):
    x = np.array([[first, -1.0], [-first, 1.0]])
    axes = pca(x)[1]
    assert (axes[0, 0] > 0) == (first > 0.999)


def test_pca_keeps_the_first_components_of_all():
    everything, two = pca(CLOUD), pca(CLOUD, components=2)
    assert [a.shape for a in two] == [(4,), (2, 4), (2,)]
    np.testing.assert_array_equal(two[1], everything[1][:2])
    np.testing.assert_array_equal(two[2], everything[2][:2])


def test_pca_reconstructs_exactly_from_all_components():
    mean, axes, _ = pca(CLOUD)
    for x in (CLOUD, TEST):
        np.testing.assert_allclose(pca_reconstruct(pca_transform(x, mean, axes), mean, axes), x)


def test_pca_loses_the_variance_of_the_components_left_out():
    mean, axes, variances = pca(CLOUD)
    kept = pca_reconstruct(pca_transform(CLOUD, mean, axes[:3]), mean, axes[:3])
    np.testing.assert_allclose(((CLOUD - kept) ** 2).sum() / len(CLOUD), variances[3])


def test_pca_of_fewer_samples_than_dimensions_has_as_many_axes_as_they_span():
    mean, axes, variances = pca(CLOUD[:3])
    assert axes.shape == (2, 4) and (variances > 0).all()
    z = pca_transform(CLOUD[:3], mean, axes)
    np.testing.assert_allclose(pca_reconstruct(z, mean, axes), CLOUD[:3])
    assert pca(CLOUD[:2])[1].shape == (1, 4)


def test_pca_takes_all_components_that_there_are_and_no_more():
    assert pca(CLOUD, components=4)[1].shape == (4, 4)
    assert pca(CLOUD[:3], components=2)[1].shape == (2, 4)
    with pytest.raises(ValueError, match="components of at most 2, got 3"):
        pca(CLOUD[:3], components=3)


def test_pca_gives_constant_features_no_variance():
    x = np.column_stack([CLOUD, np.full(len(CLOUD), 7.0)])
    _, axes, variances = pca(x)
    np.testing.assert_allclose(variances[-1], 0, atol=1e-20)
    np.testing.assert_allclose(abs(axes[-1]), [0, 0, 0, 0, 1], atol=1e-12)
    assert np.isfinite(pca(np.ones((3, 2)))[1]).all()


@pytest.mark.parametrize("scale", [1e-100, 1e100])
def test_pca_knows_huge_and_tiny_values(scale):
    _, axes, variances = pca(scale * CLOUD)
    np.testing.assert_allclose(axes, pca(CLOUD)[1], atol=1e-10)
    np.testing.assert_allclose(variances / scale**2, pca(CLOUD)[2])


def test_pca_of_float32_is_computed_in_float64():
    x = (CLOUD + 1000).astype(np.float32)
    for ours, exact in zip(pca(x), pca(x.astype(np.float64)), strict=True):
        np.testing.assert_array_equal(ours, exact.astype(np.float32))


# --- whitening ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["pca", "zca"])
def test_whiten_gives_the_training_set_the_identity_as_covariance(kind):
    out = whiten(CLOUD, *pca(CLOUD), kind=kind, eps=1e-12)
    np.testing.assert_allclose(out.mean(axis=0), 0, atol=1e-10)
    np.testing.assert_allclose(np.cov(out.T, ddof=0), np.eye(4), atol=1e-9)


def test_whiten_is_pca_with_a_small_eps_in_the_root_unless_told_otherwise():
    mean, axes, variances = pca(CLOUD)
    expected = pca_transform(CLOUD, mean, axes) / np.sqrt(variances + 1e-5)
    np.testing.assert_allclose(whiten(CLOUD, mean, axes, variances), expected, rtol=1e-10)


def test_whiten_by_zca_changes_the_data_least():
    fitted = pca(CLOUD)
    pca_white, zca_white = (whiten(CLOUD, *fitted, kind=kind) for kind in ("pca", "zca"))
    x = center(CLOUD, fitted[0])
    assert ((zca_white - x) ** 2).sum() < ((pca_white - x) ** 2).sum()


def test_whiten_by_zca_is_a_symmetric_map():
    _, axes, variances = pca(CLOUD)
    w = whiten(np.eye(4), np.zeros(4), axes, variances, kind="zca")
    np.testing.assert_allclose(w, w.T, atol=1e-12)


def test_whiten_by_zca_does_not_depend_on_the_signs_of_the_axes():
    mean, axes, variances = pca(CLOUD)
    signs = np.array([[1.0], [-1.0], [1.0], [-1.0]])
    np.testing.assert_allclose(
        whiten(TEST, mean, signs * axes, variances, kind="zca"),
        whiten(TEST, mean, axes, variances, kind="zca"),
    )


def test_whiten_does_not_blow_up_an_axis_of_no_variance():
    x = np.column_stack([CLOUD, CLOUD[:, 0]])  # one feature twice
    assert abs(whiten(x, *pca(x))).max() < 10
