"""Does the gradient check catch the mistakes that it is for?"""

import numpy as np

from coursekit.numpy_ref import numerical_gradient, relative_error

X = np.random.default_rng(0).standard_normal((3, 4))


def test_numerical_gradient_is_exact_to_nine_digits():
    ours = numerical_gradient(np.exp, X, 2 * X)
    assert relative_error(ours, 2 * X * np.exp(X)) < 1e-9


def test_numerical_gradient_takes_functions_that_return_a_number():
    ours = numerical_gradient(lambda x: float((x**3).sum()), X)
    assert relative_error(ours, 3 * X**2) < 1e-9


def test_numerical_gradient_of_float32_is_computed_in_float64():
    x = X.astype(np.float32)
    ours = numerical_gradient(np.exp, x)
    assert relative_error(ours, np.exp(x.astype(np.float64))) < 1e-9


def test_numerical_gradient_lets_f_change_its_argument():
    def careless(x):
        x *= 2
        return x

    np.testing.assert_allclose(numerical_gradient(careless, X), np.full_like(X, 2.0))


def test_relative_error_sees_one_wrong_entry_in_many():
    wrong = np.ones(1000)
    wrong[17] = 1.001
    assert relative_error(np.ones(1000), wrong) > 9e-4


def test_relative_error_forgives_rounding_of_a_zero():
    assert relative_error(np.array([1.0, 0.0]), np.array([1.0, 1e-12])) < 1e-11


def test_relative_error_of_nothing_and_of_zeros_is_zero():
    assert relative_error(np.empty(0), np.empty(0)) == 0
    assert relative_error(np.zeros(2), np.zeros(2)) == 0


def test_relative_error_of_nan_passes_no_check():
    for a, b in [([np.nan, 1.0], [1.0, 1.0]), ([1.0, 1.0], [1.0, np.nan])]:
        assert not relative_error(np.array(a), np.array(b)) < 1


def test_numerical_gradient_of_whole_numbers_does_not_wrap_around():
    ours = numerical_gradient(lambda x: (x < 1).astype(np.uint8), np.array([1.0]), h=0.5)
    np.testing.assert_allclose(ours, [-1.0])
