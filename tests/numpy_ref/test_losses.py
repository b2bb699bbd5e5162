"""What the losses promise, beyond the common tests."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from coursekit.numpy_ref import multiclass_svm, softmax_cross_entropy, squared_error

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


@pytest.mark.parametrize(("y", "finite"), [([0, 1], True), ([0, 2], False)])
def test_softmax_cross_entropy_of_a_class_that_is_ruled_out_is_that_of_torch(y, finite):
    scores = np.array([[1.0, 2.0, -np.inf], [0.5, -1.0, -np.inf]])
    tensor = torch.from_numpy(scores).requires_grad_()
    expected = F.cross_entropy(tensor, torch.tensor(y))
    expected.backward()
    loss, dscores = softmax_cross_entropy(scores, np.array(y))
    np.testing.assert_allclose(loss, expected.item())
    assert np.isfinite(loss) == finite
    assert tensor.grad is not None
    np.testing.assert_allclose(dscores, tensor.grad, atol=1e-15)


def test_softmax_cross_entropy_with_smoothing_cannot_rule_a_class_out():
    scores, y = np.array([[1.0, 2.0, -np.inf]]), np.array([0])
    assert softmax_cross_entropy(scores, y, label_smoothing=0.1)[0] == np.inf


def test_squared_error_is_that_of_torch_times_half_the_classes():
    y = np.ones_like(SCORES)
    expected = F.mse_loss(torch.from_numpy(SCORES), torch.from_numpy(y))
    np.testing.assert_allclose(squared_error(SCORES, y)[0], expected.item() * 4 / 2)


def test_multiclass_svm_is_that_of_torch_times_the_classes():
    expected = F.multi_margin_loss(torch.from_numpy(SCORES), torch.from_numpy(Y))
    np.testing.assert_allclose(multiclass_svm(SCORES, Y)[0], expected.item() * 4)


def test_multiclass_svm_of_equal_scores_is_the_number_of_wrong_classes():
    assert multiclass_svm(np.zeros((6, 4)), Y)[0] == 3.0


def test_multiclass_svm_has_no_slope_exactly_at_the_margin():
    loss, dscores = multiclass_svm(np.array([[2.0, 1.0]]), np.array([0]), margin=1.0)
    assert loss == 0
    np.testing.assert_array_equal(dscores, [[0.0, 0.0]])


def test_multiclass_svm_does_not_care_about_scores_far_away_and_softmax_does():
    near, far, y = np.array([[3.0, 1.0]]), np.array([[3.0, -5.0]]), np.array([0])
    assert multiclass_svm(near, y)[0] == multiclass_svm(far, y)[0] == 0
    assert softmax_cross_entropy(near, y)[0] > softmax_cross_entropy(far, y)[0] > 0


def test_multiclass_svm_of_margin_zero_asks_only_for_the_right_order():
    assert multiclass_svm(np.array([[1.0, 1.0 - 1e-6]]), np.array([0]), margin=0)[0] == 0


@pytest.mark.parametrize("loss", [softmax_cross_entropy, multiclass_svm])
def test_losses_are_python_floats_also_in_float32(loss):
    value, dscores = loss(SCORES.astype(np.float32), Y)
    assert type(value) is float and dscores.dtype == np.float32
