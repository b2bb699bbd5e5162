"""Cases of augment/flips.py, augment/crops.py and augment/multi_crop.py."""

import numpy as np
from hypothesis import strategies as st

from tests.cases.case import Bad, Case, Hand, Seed, f, given_inputs, seeds

_PICTURES_BAD = (
    Bad(ValueError, "x of shape (N, C, H, W), got (3, 4, 4)", x=np.zeros((3, 4, 4))),
    Bad(ValueError, "x of shape (N, C, H, W), got (1, 1, 1, 4, 4)", x=np.zeros((1, 1, 1, 4, 4))),
    Bad(ValueError, "one pixel or more a picture, got (1, 3, 0, 4)", x=np.zeros((1, 3, 0, 4))),
)
_RNG_BAD = (
    Bad(TypeError, "rng is not a generator", rng=0),
    Bad(TypeError, "rng is not a generator", rng=None),
)
_SIZE_BAD = (
    Bad(ValueError, "size of at least 1, got 0", size=0),
    Bad(ValueError, "size of at least 1, got -1", size=(1, -1)),
    Bad(ValueError, "size of at least 1, got 0", size=(0, 1)),
    Bad(ValueError, "size is not a pair", size=(1, 1, 1)),
    Bad(ValueError, "two whole numbers, or one for both, got (1,)", size=(1,)),
    Bad(TypeError, "size is not a whole number", size=1.0),
    Bad(TypeError, "size is not a whole number", size=(1, 1.0)),
    Bad(TypeError, "size is not a whole number", size=None),
    Bad(TypeError, "size is not a whole number", size=True),
)
_TOO_LARGE = (  # the hand-worked pictures have at most 3 × 3 pixels
    Bad(ValueError, "size is larger than the picture", size=4),
    Bad(ValueError, ", got (1, 4)", size=(1, 4)),
    Bad(ValueError, ", got (4, 1)", size=(4, 1)),
)

_small = st.integers(1, 4)
_size = st.one_of(_small, st.tuples(_small, _small), st.lists(_small, min_size=2, max_size=2))
_LARGER = {"H": (4, 7), "W": (4, 7)}  # at least as large as the largest of _size

# 1 2 3
# 4 5 6
# 7 8 9
_NINE = np.arange(1.0, 10.0).reshape(1, 1, 3, 3)


def _pictures(*rows) -> np.ndarray:
    """Pictures of one channel from their pixels."""
    return f(rows)[:, None]


def _fits(values) -> bool:
    """Whether the window of `crop` is inside the picture."""
    size = values["size"]
    height, width = (size, size) if isinstance(size, int) else size
    return (
        values["top"] + height <= values["x"].shape[2]
        and values["left"] + width <= values["x"].shape[3]
    )


def _flip(op: str, flipped: np.ndarray) -> Case:
    # default_rng(0).random(2) is 0.64, 0.27: at p = 0.5 the second picture is flipped.
    x = np.concatenate([_NINE, _NINE])
    return Case(
        op,
        "function",
        given_inputs(x="N C H W", p=st.sampled_from([0.0, 0.3, 0.5, 1.0]), rng=seeds),
        Hand({"x": x, "p": 0.5, "rng": Seed(0)}, gives=np.concatenate([_NINE, flipped])),
        bad=(
            *_PICTURES_BAD,
            *_RNG_BAD,
            Bad(ValueError, "p in [0, 1], got 1.1", p=1.1),
            Bad(ValueError, "p in [0, 1], got -0.1", p=-0.1),
            Bad(ValueError, "p is out of range", p=float("nan")),
            Bad(TypeError, "p is not a number", p="0.5"),
        ),
    )


CASES = [
    _flip("horizontal_flip", _pictures([[3, 2, 1], [6, 5, 4], [9, 8, 7]])),
    _flip("vertical_flip", _pictures([[7, 8, 9], [4, 5, 6], [1, 2, 3]])),
    Case(
        "resize",
        "function",
        given_inputs(x="N C H W", size=st.one_of(_size, st.integers(5, 12))),
        Hand(  # 2 pixels become 4: at −¼ (kept at 0), ¼, ¾ and 1¼ (kept at 1)
            {"x": _pictures([[0.0, 4.0], [8.0, 12.0]]), "size": (4, 2)},
            gives=_pictures([[0.0, 4.0], [2.0, 6.0], [6.0, 10.0], [8.0, 12.0]]),
        ),
        bad=(*_PICTURES_BAD, *_SIZE_BAD),
    ),
    Case(
        "resize",
        "function",
        given_inputs(x="N C H W", size=st.tuples(st.integers(1, 12), st.integers(1, 12))),
        Hand(  # 3 pixels become 2: at ¼ and 1¾; 2 become 3: at −1/6 (kept at 0), ½ and 7/6
            {"x": _pictures([[0.0, 4.0, 12.0], [8.0, 8.0, 8.0]]), "size": (3, 2)},
            gives=_pictures([[1.0, 10.0], [4.5, 9.0], [8.0, 8.0]]),
        ),
        label="both_sides",
    ),
    Case(
        "resize",
        "function",
        given_inputs(x="N C H W", size=(3, 3), sizes={"H": (3, 3), "W": (3, 3)}),
        Hand({"x": _NINE, "size": (3, 3)}, gives=_NINE),
        label="to_its_own_size",
    ),
    Case(
        "crop",
        "function",
        given_inputs(
            x="N C H W",
            top=st.integers(0, 4),
            left=st.integers(0, 4),
            size=_size,
            sizes=_LARGER,
            where=_fits,
        ),
        Hand(
            {"x": _NINE, "top": 0, "left": 0, "size": (3, 2)},
            gives=_pictures([[1, 2], [4, 5], [7, 8]]),
        ),
        bad=(
            *_PICTURES_BAD,
            *_SIZE_BAD,
            *_TOO_LARGE,
            Bad(ValueError, "top of at least 0, got -1", top=-1),
            Bad(ValueError, "left of at least 0, got -1", left=-1),
            Bad(ValueError, "top of at most 0, got 1", top=1),
            Bad(ValueError, "left of at most 1, got 2", left=2),
            Bad(TypeError, "top is not a whole number", top=0.0),
            Bad(TypeError, "left is not a whole number", left=None),
        ),
    ),
    Case(
        "center_crop",
        "function",
        given_inputs(x="N C H W", size=_size, sizes=_LARGER),
        Hand({"x": _NINE, "size": (2, 3)}, gives=_pictures([[1, 2, 3], [4, 5, 6]])),
        bad=(*_PICTURES_BAD, *_SIZE_BAD, *_TOO_LARGE),
    ),
    Case(
        "random_crop",
        "function",
        given_inputs(x="N C H W", size=_size, sizes=_LARGER, rng=seeds),
        Hand(  # seed 27 draws the tops 0 and 1, then the lefts 0 and 0
            {"x": np.concatenate([_NINE, 10 * _NINE]), "size": 2, "rng": Seed(27)},
            gives=_pictures([[1, 2], [4, 5]], [[40, 50], [70, 80]]),
        ),
        bad=(*_PICTURES_BAD, *_SIZE_BAD, *_TOO_LARGE, *_RNG_BAD),
    ),
    Case(
        "pad_and_crop",
        "function",
        given_inputs(x="N C H W", pad=st.integers(0, 3), rng=seeds),
        Hand(  # seed 11 draws the top 0 and the left 0 of 5 × 5 pixels
            {"x": _NINE, "pad": 1, "rng": Seed(11)},
            gives=_pictures([[0, 0, 0], [0, 1, 2], [0, 4, 5]]),
        ),
        bad=(
            *_PICTURES_BAD,
            *_RNG_BAD,
            Bad(ValueError, "pad of at least 0, got -1", pad=-1),
            Bad(TypeError, "pad is not a whole number", pad=1.0),
            Bad(TypeError, "pad is not a whole number", pad=(1, 1)),
        ),
    ),
    Case(
        "random_resized_crop",
        "function",
        given_inputs(
            x="N C H W",
            size=_size,
            short_side=st.sampled_from([(4, 4), (4, 7), [5, 9]]),
            rng=seeds,
        ),
        Hand(  # seed 6 scales the first to 2 × 2, with pixels at ¼ and 1¾, and the second to 3 × 3
            {
                "x": np.concatenate([_NINE, 10 * _NINE]),
                "size": 2,
                "short_side": (2, 3),
                "rng": Seed(6),
            },
            gives=_pictures([[2, 3.5], [6.5, 8]], [[40, 50], [70, 80]]),
        ),
        bad=(
            *_PICTURES_BAD,
            *_SIZE_BAD,
            *_RNG_BAD,
            Bad(ValueError, "size of at most 2, got (3, 3)", size=3),
            Bad(ValueError, "size of at most 2, got (2, 3)", size=(2, 3)),
            Bad(ValueError, "size is larger than a resized picture", size=(3, 2)),
            Bad(ValueError, "(smallest, largest), got (3, 2)", short_side=(3, 2)),
            Bad(ValueError, "short_side is not a range", short_side=(2,)),
            Bad(ValueError, "short_side is not a range", short_side=(2, 3, 4)),
            Bad(ValueError, "short_side is empty", short_side=()),
            Bad(ValueError, "short_side of at least 1, got 0", short_side=(0, 3)),
            Bad(TypeError, "short_side is not a whole number", short_side=(2.0, 3.0)),
            Bad(TypeError, "a tuple of whole numbers, got int", short_side=3),
        ),
    ),
    Case(
        "ten_crop",
        "function",
        given_inputs(x="N C H W", size=_size, sizes=_LARGER),
        Hand(
            {"x": _NINE, "size": (2, 1)},
            # the middle of two rows starts at ½, which is rounded to 0
            gives=f(
                [[1, 4], [3, 6], [4, 7], [6, 9], [2, 5], [3, 6], [1, 4], [6, 9], [4, 7], [2, 5]]
            ).reshape(10, 1, 1, 2, 1),
        ),
        bad=(*_PICTURES_BAD, *_SIZE_BAD, *_TOO_LARGE),
    ),
    Case(
        "multi_scale_ten_crop",
        "function",
        given_inputs(
            x="N C H W", size=_size, short_sides=st.sampled_from([(4,), (4, 6, 5), [7, 4]])
        ),
        Hand(  # [1, 3] scaled to 2 × 4 has the rows [1, 1.5, 2.5, 3]
            {"x": _pictures([[1.0, 3.0]]), "size": 1, "short_sides": (1, 2)},
            gives=f([1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 2.5, 3, 1, 3, 1, 1.5]).reshape(
                20, 1, 1, 1, 1
            ),
        ),
        bad=(
            *_PICTURES_BAD,
            *_SIZE_BAD,
            Bad(ValueError, "size of at most 1, got (2, 2)", size=2),
            Bad(ValueError, "size of at most 1, got (1, 2)", size=(1, 2)),
            Bad(ValueError, "short_sides is empty", short_sides=()),
            Bad(ValueError, "short_sides of at least 1, got 0", short_sides=(1, 0)),
            Bad(TypeError, "short_sides is not a whole number", short_sides=(1, 2.0)),
            Bad(TypeError, "short_sides is not a tuple", short_sides=2),
        ),
    ),
]
