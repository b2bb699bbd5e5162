"""Checks of sizes, shared by resizing, crops and their twins."""

from coursekit.numpy_ref import _check


def height_width(op: str, name: str, value: object) -> tuple[int, int]:
    """Return a size as (height, width): a pair of whole numbers ≥ 1, or one number for both.

    >>> height_width("center_crop", "size", 224)
    (224, 224)
    """
    pair = value if isinstance(value, tuple | list) else (value, value)
    if len(pair) != 2:
        wrong, expected = f"{name} is not a pair", "two whole numbers, or one for both"
        raise ValueError(_check.message(op, wrong, expected, value))
    return _check.count(op, name, pair[0]), _check.count(op, name, pair[1])


def window(op: str, x, size: object) -> tuple[int, int]:
    """Return the height and width of a window, or raise unless it fits into the pictures x."""
    _check.pictures(op, x)
    height, width = height_width(op, "size", size)
    if height > x.shape[2] or width > x.shape[3]:
        expected, got = f"size of at most {tuple(x.shape[2:])}", (height, width)
        raise ValueError(_check.message(op, "size is larger than the picture", expected, got))
    return height, width


def offset(op: str, name: str, value: object, largest: int) -> int:
    """Return where a window starts, or raise unless that is one of 0 ... `largest`."""
    start = _check.count(op, name, value, at_least=0)
    if start > largest:
        wrong, expected = "the window is not inside the picture", f"{name} of at most {largest}"
        raise ValueError(_check.message(op, wrong, expected, start))
    return start


def resized(op: str, x, size: object) -> tuple[int, int]:
    """Return the height and width that `resize` gives; one number is the shorter side."""
    _check.pictures(op, x)
    if isinstance(size, tuple | list):
        return height_width(op, "size", size)
    short = _check.count(op, "size", size)
    height, width = x.shape[2:]
    return height * short // min(height, width), width * short // min(height, width)


def scales(
    op: str, x, size: object, name: str, short_sides: object
) -> tuple[tuple[int, int], list[int]]:
    """Return size as a pair and the short sides, or raise unless a crop fits at every scale."""
    _check.pictures(op, x)
    pair = height_width(op, "size", size)
    if not isinstance(short_sides, tuple | list):
        wrong, got = f"{name} is not a tuple", type(short_sides).__name__
        raise TypeError(_check.message(op, wrong, "a tuple of whole numbers", got))
    shorts = [_check.count(op, name, short) for short in short_sides]
    if not shorts:
        raise ValueError(_check.message(op, f"{name} is empty", "one scale or more", short_sides))
    if max(pair) > min(shorts):
        wrong, expected = "size is larger than a resized picture", f"size of at most {min(shorts)}"
        raise ValueError(_check.message(op, wrong, expected, pair))
    return pair, shorts


def scale_range(op: str, x, size: object, short_side: object) -> tuple[tuple[int, int], int, int]:
    """Return size as a pair, and the smallest and the largest short side."""
    pair, shorts = scales(op, x, size, "short_side", short_side)
    if len(shorts) != 2 or shorts[0] > shorts[1]:
        wrong = "short_side is not a range"
        raise ValueError(_check.message(op, wrong, "(smallest, largest)", short_side))
    return pair, shorts[0], shorts[1]
