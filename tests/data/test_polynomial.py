"""Do the points lie on their curve, and do they tell under- from overfitting?"""

import numpy as np
import pytest

from coursekit.data import polynomial
from coursekit.data.dataset import SPLITS
from coursekit.data.polynomial import PARABOLA


def errors(degree: int, *, seed: int) -> tuple[float, float]:
    """The mean squared errors of a fit, on its ten points and on a thousand new ones."""
    train, new = polynomial("train", seed=seed), polynomial("validation", n=1000, seed=seed)
    fit = np.polynomial.Polynomial.fit(train.x[:, 0], train.y, degree)
    on_train, on_new = (np.mean((fit(data.x[:, 0]) - data.y) ** 2) for data in (train, new))
    return float(on_train), float(on_new)


@pytest.mark.parametrize("split", SPLITS)
def test_polynomial_has_the_promised_types(split):
    data = polynomial(split, n=50)
    assert (data.x.shape, data.x.dtype) == ((50, 1), np.float32)
    assert (data.y.shape, data.y.dtype) == ((50,), np.float32)
    assert (data.class_names, data.split) == ((), split)


def test_polynomial_without_noise_lies_on_its_curve():
    data = polynomial("train", n=50, noise=0.0, coefficients=(1.0, -2.0, 0.0, 4.0))
    x = data.x[:, 0].astype(float)
    np.testing.assert_allclose(data.y, 1 - 2 * x + 4 * x**3, atol=1e-6)
    parabola = polynomial("train", n=2000, noise=0.0)
    np.testing.assert_allclose(parabola.y.max(), 0.9, atol=1e-5)
    np.testing.assert_allclose(parabola.x[parabola.y.argmax()], 0.6, atol=1e-3)


def test_polynomial_has_one_point_in_each_part_of_the_unit_interval():
    x = polynomial("train", n=40).x[:, 0]
    assert sorted((40 * x).astype(int)) == list(range(40))
    assert not (np.diff(x) > 0).all()  # shuffled: the first n are no corner


def test_polynomial_noise_has_its_deviation():
    data = polynomial("test", n=20_000, noise=0.3)
    left = data.y - np.polynomial.Polynomial(PARABOLA)(data.x[:, 0])
    assert abs(left.mean()) < 0.01
    assert abs(left.std() - 0.3) < 0.006  # four standard errors


def test_polynomial_depends_on_seed_and_split_alone():
    prints = [polynomial(split, seed=seed).fingerprint for split in SPLITS for seed in (0, 1)]
    assert len(set(prints)) == 6
    assert polynomial("train", seed=1).fingerprint == prints[1]


@pytest.mark.parametrize("seed", range(5))
def test_polynomial_of_degree_2_is_right_where_1_underfits_and_9_overfits(seed):
    (train1, new1), (train2, new2), (train9, new9) = (errors(d, seed=seed) for d in (1, 2, 9))
    assert train1 > 2 * train2  # even the ten points are beyond a straight line
    assert new1 > 2 * new2
    assert train9 < 1e-9  # a coefficient for every point
    assert new9 > 2 * new2


@pytest.mark.parametrize(
    ("settings", "error", "wrong"),
    [
        ({"split": "all"}, ValueError, "unknown split"),
        ({"n": 0}, ValueError, "n is too small"),
        ({"n": 9.5}, TypeError, "n is not a whole number"),
        ({"noise": -0.1}, ValueError, "noise is out of range"),
        ({"noise": float("nan")}, ValueError, "noise is out of range"),
        ({"seed": -1}, ValueError, "seed is too small"),
        ({"coefficients": ()}, TypeError, "coefficients are not numbers"),
        ({"coefficients": 3.0}, TypeError, "coefficients are not numbers"),
        ({"coefficients": (1.0, float("inf"))}, ValueError, "coefficients is out of range"),
        ({"coefficients": ("a",)}, TypeError, "coefficients is not a number"),
    ],
)
def test_polynomial_refuses_what_makes_no_curve(settings, error, wrong):
    with pytest.raises(error, match=f"^polynomial: {wrong}"):
        polynomial(**settings)
