"""Are explorers checked when they are made, and do they draw the same picture every time?"""

import io
import math
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from coursekit import explore
from coursekit.explore import Control, Explorer, png
from coursekit.explore.gallery import dropout_rate, learning_rate, regularization_strength
from coursekit.explore.picture import SHARPNESS, SIZE, _encoded

SIZE_CONTROL = Control("size", "size", (1.0, 2.0), 1.0)
VALID: dict[str, Any] = {
    "name": "square",
    "title": "A square",
    "controls": (SIZE_CONTROL,),
    "draw": lambda values: Figure(figsize=(values["size"], values["size"])),
    "describe": lambda values: "A square.",
}
EVERY = [
    (explorer, {explorer.controls[0].name: value})
    for explorer in map(explore.get, explore.names())
    for value in explorer.controls[0].values
]
ENDS = [
    (explorer, {explorer.controls[0].name: explorer.controls[0].values[i]})
    for explorer in map(explore.get, explore.names())
    for i in (0, -1)
]


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"name": "Size of it"}, "name is no identifier"),
        ({"label": " "}, "label is empty"),
        ({"values": (1.0,)}, "values do not rise"),
        ({"values": (2.0, 1.0)}, "values do not rise"),
        ({"initial": 1.5}, "initial is not a stop of 'size'"),
        ({"values": (1.0, 1.0001)}, "two stops of 'size' read the same"),
    ],
)
def test_control_refuses_what_does_not_fit(change, wrong):
    valid = {"name": "size", "label": "size", "values": (1.0, 2.0), "initial": 1.0}
    with pytest.raises(ValueError, match=f"Control: {wrong}"):
        Control(**(valid | change))


@pytest.mark.parametrize(
    ("change", "error", "wrong"),
    [
        ({"name": ""}, ValueError, "name is no identifier"),
        ({"title": ""}, ValueError, "title is empty"),
        ({"controls": ()}, ValueError, "it has no controls"),
        ({"controls": (SIZE_CONTROL, SIZE_CONTROL)}, ValueError, "two controls have one name"),
        ({"draw": None}, TypeError, "draw is not a function"),
        ({"describe": "text"}, TypeError, "describe is not a function"),
    ],
)
def test_explorer_refuses_what_does_not_fit(change, error, wrong):
    with pytest.raises(error, match=f"Explorer: {wrong}"):
        Explorer(**(VALID | change))


@pytest.mark.parametrize("values", [{}, {"size": 1.0, "more": 2.0}, {"size": 1.5}])
def test_png_refuses_values_that_are_not_stops(values):
    with pytest.raises(ValueError, match="square: "):
        png(Explorer(**VALID), values)


def test_png_is_drawn_once_a_stop():
    drawn = []

    def draw(values):
        drawn.append(values["size"])
        return VALID["draw"](values)

    explorer = Explorer(**{**VALID, "draw": draw})
    pictures = [png(explorer, {"size": size}) for size in (1.0, 2.0, 1.0)]
    assert drawn == [1.0, 2.0]
    assert pictures[0] == pictures[2] != pictures[1]


def test_explorers_are_found_by_name():
    assert explore.names() == ["dropout_rate", "learning_rate", "regularization_strength"]
    for name in explore.names():
        assert explore.get(name).name == name
    with pytest.raises(ValueError, match=r"no explorer 'typo'.*dropout_rate, learning_rate"):
        explore.get("typo")
    with pytest.raises(ValueError, match="no explorer 'typo'"):
        explore.show("typo")


@pytest.mark.parametrize(("explorer", "values"), ENDS)
def test_drawing_is_pure(explorer, values):
    before = dict(values)
    first, second = (_encoded(explorer.draw(values)) for _ in range(2))
    assert first == second == png(explorer, values)
    assert values == before


@pytest.mark.parametrize("name", explore.names())
def test_pictures_differ_at_every_stop_and_have_the_promised_size(name):
    from PIL import Image

    pictures = [png(explorer, values) for explorer, values in EVERY if explorer.name == name]
    words = [explorer.describe(values) for explorer, values in EVERY if explorer.name == name]
    assert len(set(pictures)) == len(set(words)) == len(pictures)
    for picture in pictures:
        with Image.open(io.BytesIO(picture)) as image:
            assert image.size == (SIZE[0] * SHARPNESS, SIZE[1] * SHARPNESS)
            assert image.getpixel((0, 0)) == (255, 255, 255)


def test_explorers_leave_pyplot_without_figures():
    import matplotlib.pyplot

    png(explore.get("dropout_rate"), {"p": 0.3})
    assert matplotlib.pyplot.get_fignums() == []


def test_regularization_strength_overfits_then_fits_then_underfits():
    curves = regularization_strength.runs().curves
    train, validation = curves["train_accuracy"][-1], curves["validation_accuracy"][-1]
    at = regularization_strength.STRENGTHS.index
    assert {0.001, 0.01, 0.1} < set(regularization_strength.STRENGTHS)
    assert train[0] - validation[0] > 0.15
    assert validation[at(0.01)] > validation[0] + 0.05
    assert validation[at(0.01)] > validation[at(0.1)] + 0.05
    assert validation[-1] == 0.5
    norms = [regularization_strength.runs().weight_norm(stop) for stop in range(17)]
    assert (np.diff(norms) <= 1e-6).all()


def test_regularization_strength_says_the_numbers_of_its_picture():
    runs = regularization_strength.runs()
    stop = regularization_strength.STRENGTHS.index(0.01)
    words = regularization_strength.describe({"weight_decay": 0.01})
    for split in ("train", "validation"):
        data = regularization_strength.points(split)
        right = np.mean(runs.scores(stop, data.x).argmax(axis=1) == data.y)
        assert f"accuracy {right:.0%}" in words
    figure = regularization_strength.draw({"weight_decay": 0.01})
    assert f"‖w‖ = {runs.weight_norm(stop):.1f}" in figure.axes[0].get_title(loc="left")


def test_dropout_rate_narrows_the_gap_and_too_much_of_it_hurts():
    curves = dropout_rate.runs().curves
    gap = (curves["validation_loss"] - curves["train_loss"])[-1]
    validation = curves["validation_accuracy"][-1]
    assert gap[0] > 0.3 > 0.15 > gap[6]
    assert validation[6] > validation[0] + 0.08
    assert validation[9] < validation[6] - 0.05


def test_dropout_rate_draws_its_curves():
    axes = dropout_rate.draw({"p": 0.5}).axes[0]
    curves = [np.asarray(line.get_ydata()) for line in axes.lines]
    for curve, split in zip(curves, ("validation", "train"), strict=True):
        np.testing.assert_array_equal(curve, dropout_rate.runs().curves[f"{split}_loss"][:, 5])


def test_learning_rate_goes_from_too_low_over_good_to_diverging():
    verdicts = [learning_rate.verdict(lr)[0] for lr in learning_rate.RATES]
    order = ["too low", "good", "too high", "diverges"]
    assert [verdicts[0], verdicts[-1]] == ["too low", "diverges"]
    assert sorted(set(verdicts), key=order.index) == order
    assert verdicts == sorted(verdicts, key=order.index)


def test_learning_rate_stops_the_curve_where_the_guard_would():
    loss = learning_rate.losses()
    for stop, lr in enumerate(learning_rate.RATES):
        curve = loss[:, stop]
        kept = curve[~np.isnan(curve)]
        assert (kept <= 3 * loss[0, 0]).all()
        assert np.isnan(curve[len(kept) :]).all()
        if len(kept) < len(curve):
            assert f"at step {len(kept) + 1}." in learning_rate.describe({"lr": lr})


def test_learning_rate_has_the_promised_range():
    assert (learning_rate.RATES[0], learning_rate.RATES[-1]) == (1e-4, 10)
    steps = np.diff([math.log10(rate) for rate in learning_rate.RATES])
    np.testing.assert_allclose(steps, 0.25, atol=0.02)
