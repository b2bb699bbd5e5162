"""Pictures of cars that the package draws itself, for a story about what a network really learns.

Two brands are told apart by the back of the cabin, sloping or upright, and by hub caps, none or
grey; where a car is heading is far easier to see. Show a network brand A heading left and brand B
heading right, and it learns the heading. Show it a car that heads the other way, and it is wrong
with great confidence.
"""

import numpy as np

from coursekit.data.dataset import Dataset, split_rng
from coursekit.numpy_ref import _check

BRANDS = ("brand A", "brand B")
SIZE = 32  # pixels
FINE = 4  # points a pixel and axis: their mean makes smooth edges

# Outlines in units of the car's length, nose on the left, x from −0.5 to 0.5, y upwards from the
# wheels' axle. Cabin and hubs differ between the brands.
BODY = ((-0.5, 0.0), (-0.5, 0.12), (-0.42, 0.17), (0.5, 0.19), (0.5, 0.0))
CABINS = (
    ((-0.1, 0.17), (0.02, 0.37), (0.3, 0.37), (0.46, 0.19)),
    ((-0.1, 0.17), (0.02, 0.37), (0.42, 0.37), (0.48, 0.19)),
)
WINDOW = ((-0.02, 0.2), (0.05, 0.33), (0.24, 0.33), (0.28, 0.2))
HEADLIGHT = ((-0.5, 0.04), (-0.5, 0.12), (-0.42, 0.14), (-0.42, 0.04))
TAILLIGHT = ((0.44, 0.06), (0.44, 0.16), (0.5, 0.16), (0.5, 0.06))
WHEELS = (-0.3, 0.3)
HUBS = (0.0, 0.05)  # radius: brand A has none
GLASS, TYRE, ROAD = (0.75, 0.85, 0.9), (0.1, 0.1, 0.1), (0.45, 0.45, 0.45)
YELLOW, RED, GREY = (1.0, 0.95, 0.5), (0.8, 0.0, 0.0), (0.5, 0.5, 0.5)


def draw_vehicle(
    brand: int,
    *,
    heading: str,
    color: tuple[float, float, float] = (0.8, 0.1, 0.1),
    size: float = 0.8,
    background: tuple[float, float, float] = (0.6, 0.8, 1.0),
    shift: tuple[float, float] = (0.0, 0.0),
) -> np.ndarray:
    """Draw one car on a road.

    brand: 0 or 1; heading: "left" or "right"; color, background: red, green, blue in [0, 1];
    size: length of the car in (0, 1], 1 is the width of the picture; shift: right and up, in the
    same unit, in [-1, 1]. Returns (3, 32, 32), float32, in [0, 1].
    Raises ValueError for values out of range, TypeError for what is no number or no word.

    >>> draw_vehicle(0, heading="left").shape
    (3, 32, 32)
    """
    _check_car(brand, heading, size, color, background, shift)
    ticks = (np.arange(SIZE * FINE) + 0.5) / (SIZE * FINE)
    x, y = np.meshgrid(ticks - 0.5 - shift[0], 0.3 - shift[1] + 0.5 - ticks)
    x = (x if heading == "left" else -x) / size
    y = (y - 0.1) / size
    picture = np.empty((*x.shape, 3))
    picture[:] = background
    picture[y < -0.05] = ROAD
    picture[_inside(BODY, x, y) | _inside(CABINS[brand], x, y)] = color
    for outline, paint in ((WINDOW, GLASS), (HEADLIGHT, YELLOW), (TAILLIGHT, RED)):
        picture[_inside(outline, x, y)] = paint
    for centre in WHEELS:
        distance = np.hypot(x - centre, y)
        picture[distance < 0.1] = TYRE
        picture[distance < HUBS[brand]] = GREY
    pixels = picture.reshape(SIZE, FINE, SIZE, FINE, 3).mean(axis=(1, 3))
    return pixels.transpose(2, 0, 1).astype(np.float32)


def vehicles(
    split: str = "train",
    *,
    n: int = 400,
    headings: str | None = None,
    noise: float = 0.02,
    seed: int = 0,
) -> Dataset:
    """Cars of two brands in many colors and sizes, half of the pictures each.

    headings: "by brand", brand A heads left and brand B right, or "both", left or right by chance.
    By default "train" and "validation" are by brand and "test" is both, as the story has it.

    split: "train", "validation" or "test"; n ≥ 2 pictures; noise ≥ 0: standard deviation of what
    is added to every value; seed: a whole number of at least 0.
    Returns a Dataset with x: (n, 3, 32, 32) in [0, 1] and y: (n,), 0 for brand A.
    Raises ValueError for values out of range, TypeError for what is no number or no word.

    >>> vehicles("train", n=10).x.shape
    (10, 3, 32, 32)
    """
    rng = split_rng("vehicles", split, seed)
    if headings is None:
        headings = "both" if split == "test" else "by brand"
    _check.choice("vehicles", "headings", headings, ("by brand", "both"))
    n = _check.count("vehicles", "n", n, at_least=2)
    _check.in_range("vehicles", "noise", noise, "[0, inf)")
    y = rng.permutation(np.arange(n) % 2)
    left = y == 0 if headings == "by brand" else rng.random(n) < 0.5
    pictures = [
        draw_vehicle(
            int(brand),
            heading="left" if goes_left else "right",
            color=tuple(rng.uniform(0.1, 0.9, 3)),
            size=rng.uniform(0.6, 0.95),
            background=tuple(rng.uniform(0.5, 1.0, 3)),
            shift=tuple(rng.uniform(-0.06, 0.06, 2)),
        )
        for brand, goes_left in zip(y, left, strict=True)
    ]
    x = np.stack(pictures) + noise * rng.standard_normal((n, 3, SIZE, SIZE))
    return Dataset(x.clip(0, 1).astype(np.float32), y.astype(np.int64), BRANDS, split)


def _inside(outline: tuple, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Which points lie inside a polygon: those with an odd number of its edges to their right."""
    inside = np.zeros(x.shape, bool)
    for (x1, y1), (x2, y2) in zip(outline, outline[1:] + outline[:1], strict=True):
        if y1 != y2:
            crosses = (y1 > y) != (y2 > y)
            inside ^= crosses & (x < x1 + (y - y1) * (x2 - x1) / (y2 - y1))
    return inside


def _check_car(
    brand: int, heading: str, size: float, color: tuple, background: tuple, shift: tuple
) -> None:
    if _check.count("draw_vehicle", "brand", brand, at_least=0) >= len(BRANDS):
        raise ValueError(_check.message("draw_vehicle", "unknown brand", "0 or 1", brand))
    _check.choice("draw_vehicle", "heading", heading, ("left", "right"))
    _check.in_range("draw_vehicle", "size", size, "(0, 1]")
    for paint in (color, background):
        if not _are_numbers(paint, n=3, low=0, high=1):
            expected = "red, green and blue in [0, 1]"
            raise ValueError(_check.message("draw_vehicle", "not a color", expected, paint))
    if not _are_numbers(shift, n=2, low=-1, high=1):
        expected = "right and up, in [-1, 1]"
        raise ValueError(_check.message("draw_vehicle", "not a shift", expected, shift))


def _are_numbers(values: tuple, *, n: int, low: float, high: float) -> bool:
    """Whether these are n numbers, none below `low` or above `high`, and none NaN."""
    array = np.asarray(values)
    fits = array.shape == (n,) and array.dtype.kind in "iuf"
    return fits and bool(((low <= array) & (array <= high)).all())
