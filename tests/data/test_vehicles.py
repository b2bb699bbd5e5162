"""Are the cars what the story needs: easy to see where they head, harder to see who made them?"""

import numpy as np
import pytest

from coursekit.data import draw_vehicle, vehicles
from coursekit.data.dataset import SPLITS
from coursekit.data.vehicles import SIZE


@pytest.mark.parametrize("brand", [0, 1])
def test_draw_vehicle_heading_right_is_the_mirror_image_of_left(brand):
    left = draw_vehicle(brand, heading="left", shift=(0.0, 0.05))
    right = draw_vehicle(brand, heading="right", shift=(0.0, 0.05))
    np.testing.assert_array_equal(left[:, :, ::-1], right)
    assert np.abs(left - right).max() > 0.3
    assert (left.shape, left.dtype) == ((3, SIZE, SIZE), np.float32)
    assert 0 <= left.min() <= left.max() <= 1


def test_draw_vehicle_brands_differ_less_than_headings():
    def apart(a, b):
        return np.abs(a - b).mean()

    a, b = (draw_vehicle(brand, heading="left") for brand in (0, 1))
    assert 0 < apart(a, b) < apart(a, draw_vehicle(0, heading="right"))


def test_draw_vehicle_paints_body_and_background_in_their_colors():
    color, background = (0.2, 0.4, 0.6), (0.9, 0.8, 0.7)
    picture = draw_vehicle(0, heading="left", color=color, background=background)
    np.testing.assert_allclose(picture[:, 0, 0], background, rtol=1e-6)
    body = np.isclose(picture, np.array(color)[:, None, None], atol=1e-6).all(axis=0)
    small = draw_vehicle(0, heading="left", color=color, background=background, size=0.5)
    smaller = np.isclose(small, np.array(color)[:, None, None], atol=1e-6).all(axis=0)
    assert body.sum() > 2 * smaller.sum() > 20


def heads_left(picture: np.ndarray) -> bool:
    """Where the red tail light is: red, and neither green nor blue."""
    red = picture[0] - picture[1:].max(axis=0)
    return bool(np.argmax(red.max(axis=0)) > SIZE / 2)


def test_vehicles_head_by_brand_in_training_and_both_ways_in_the_test():
    train = vehicles("train", n=100, noise=0.0)
    left = np.array([heads_left(x) for x in train.x])
    assert np.mean(left == (train.y == 0)) > 0.85  # a red car hides its light
    test = vehicles("test", n=100, noise=0.0)
    left = np.array([heads_left(x) for x in test.x])
    assert 0.3 < np.mean(left == (test.y == 0)) < 0.7


def test_vehicles_headings_can_be_chosen():
    by_brand = vehicles("test", n=20, headings="by brand")
    assert by_brand.fingerprint != vehicles("test", n=20).fingerprint
    assert vehicles("test", n=20, headings="both").fingerprint == vehicles("test", n=20).fingerprint


@pytest.mark.parametrize("split", SPLITS)
def test_vehicles_have_the_promised_types_and_as_many_of_each_brand(split):
    data = vehicles(split, n=20)
    assert (data.x.shape, data.x.dtype, data.y.dtype) == ((20, 3, 32, 32), np.float32, np.int64)
    assert 0 <= data.x.min() <= data.x.max() <= 1
    assert np.bincount(data.y).tolist() == [10, 10]
    assert data.class_names == ("brand A", "brand B")


def test_vehicles_depend_on_seed_and_split_alone():
    prints = [vehicles(s, n=6, seed=seed).fingerprint for s in SPLITS for seed in (0, 1)]
    assert len(set(prints)) == 6
    assert vehicles("train", n=6, seed=1).fingerprint == prints[1]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"brand": 2}, "unknown brand. Expected 0 or 1, got 2"),
        ({"heading": "up"}, "heading is unknown. Expected 'left' or 'right', got 'up'"),
        ({"size": 0.0}, "size is out of range"),
        ({"size": 1.1}, "size is out of range"),
        ({"color": (0.0, 0.0, 1.5)}, "not a color"),
        ({"background": (0.0, 0.0)}, "not a color"),
        ({"background": (0.0, 0.0, float("nan"))}, "not a color"),
        ({"color": 0.5}, "not a color"),
        ({"shift": (0.0, 1.5)}, "not a shift"),
        ({"shift": (float("nan"), 0.0)}, "not a shift"),
    ],
)
def test_draw_vehicle_refuses_what_cannot_be_drawn(settings, words):
    arguments = {"brand": 0, "heading": "left", **settings}
    with pytest.raises(ValueError, match=f"^draw_vehicle: {words}"):
        draw_vehicle(arguments.pop("brand"), **arguments)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"n": 1}, "n is too small"),
        ({"headings": "left"}, "headings is unknown"),
        ({"noise": -0.1}, "noise is out of range"),
        ({"noise": float("nan")}, "noise is out of range"),
    ],
)
def test_vehicles_refuse_values_out_of_range(settings, words):
    with pytest.raises(ValueError, match=f"^vehicles: {words}"):
        vehicles("train", **settings)
    with pytest.raises(ValueError, match=r"^vehicles: unknown split"):
        vehicles("all")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"n": 2.5}, "n is not a whole number"),
        ({"headings": 1}, "headings is not a word"),
        ({"noise": "loud"}, "noise is not a number"),
        ({"seed": 0.5}, "seed is not a whole number"),
    ],
)
def test_vehicles_refuse_other_types(settings, words):
    with pytest.raises(TypeError, match=f"^vehicles: {words}"):
        vehicles("train", **settings)
