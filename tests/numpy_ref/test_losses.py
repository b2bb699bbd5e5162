"""What softmax cross-entropy promises, beyond the common tests."""

import numpy as np

from coursekit.numpy_ref import softmax_cross_entropy

SCORES = np.random.default_rng(0).standard_normal((6, 4))
Y = np.array([0, 3, 1, 1, 2, 0])


def test_softmax_cross_entropy_of_equal_scores_is_the_log_of_the_classes():
    np.testing.assert_allclose(softmax_cross_entropy(np.zeros((6, 4)), Y)[0], np.log(4))


def test_softmax_cross_entropy_does_not_change_when_a_row_is_shifted():
    loss, dscores = softmax_cross_entropy(SCORES, Y)
    shifted, dshifted = softmax_cross_entropy(SCORES + 1000.0 * np.arange(6)[:, None], Y)
    np.testing.assert_allclose(shifted, loss)
    np.testing.assert_allclose(dshifted, dscores, atol=1e-12)


def test_softmax_cross_entropy_survives_huge_scores():
    loss, dscores = softmax_cross_entropy(np.array([[1e4, -1e4]]), np.array([1]))
    assert loss == 2e4
    np.testing.assert_array_equal(dscores, [[1.0, -1.0]])


def test_softmax_cross_entropy_gradient_sums_to_zero_for_each_sample():
    _, dscores = softmax_cross_entropy(SCORES, Y, label_smoothing=0.3)
    np.testing.assert_allclose(dscores.sum(axis=1), 0, atol=1e-15)


def test_label_smoothing_makes_certainty_costly():
    sure, y = np.array([[50.0, 0.0]]), np.array([0])
    plain, _ = softmax_cross_entropy(sure, y)
    smooth, _ = softmax_cross_entropy(sure, y, label_smoothing=0.2)
    assert plain < 1e-20 and smooth > 1
