"""Sizes of a convolutional net: of its outputs, of what a unit sees, of its parameters."""

from collections.abc import Sequence

from coursekit.numpy_ref import _check


def output_size(size: int, *, kernel: int, stride: int = 1, pad: int = 0) -> int:
    """How many windows fit along an axis: ⌊(size + 2·pad − kernel) / stride⌋ + 1.

    For convolution and pooling alike. An odd kernel with stride 1 and pad (kernel − 1)/2 keeps the
    size; values that are left over at the end are not seen.

    size, kernel, stride ≥ 1; pad ≥ 0.
    Raises TypeError for what is not a whole number, ValueError if it is out of range, or if the
    kernel does not fit.

    >>> output_size(32, kernel=5)
    28
    >>> output_size(224, kernel=7, stride=2, pad=3)
    112

    References: dumoulin2016
    """
    size = _check.count("output_size", "size", size)
    kernel = _check.count("output_size", "kernel", kernel)
    stride = _check.count("output_size", "stride", stride)
    pad = _check.count("output_size", "pad", pad, at_least=0)
    room = size + 2 * pad
    if kernel > room:
        wrong, expected = "the kernel is larger than the padded input", f"kernel of at most {room}"
        raise ValueError(_check.message("output_size", wrong, expected, kernel))
    return (room - kernel) // stride + 1


def receptive_field(kernels: Sequence[int], strides: Sequence[int] | None = None) -> int:
    """How many pixels in a row one unit sees through a stack of layers: 1 + Σₗ (kₗ − 1)·jₗ.

    The jump jₗ = s₁ · s₂ ⋯ sₗ₋₁ is how many pixels lie between two neighbours that layer l reads.
    So three 3×3 convolutions see 7×7, and a pooling layer in front doubles what they see.

    kernels: k₁, k₂, ..., first layer first, of convolutions and pooling; strides: s₁, s₂, ..., all
    1 by default; all at least 1. Padding makes no difference. No layers at all see one pixel.
    Raises TypeError for what is not a sequence of whole numbers, ValueError for numbers below 1
    and if there are not as many strides as kernels.

    >>> receptive_field([3, 3, 3])
    7
    >>> receptive_field([2, 3, 3, 3], strides=[2, 1, 1, 1])
    14

    References: simonyan2015, dumoulin2016
    """
    kernels = _counts("kernels", kernels)
    strides = [1] * len(kernels) if strides is None else _counts("strides", strides)
    if len(strides) != len(kernels):
        wrong, expected = "strides do not match kernels", f"{len(kernels)} strides"
        raise ValueError(_check.message("receptive_field", wrong, expected, len(strides)))
    field, jump = 1, 1
    for kernel, stride in zip(kernels, strides, strict=True):
        field += (kernel - 1) * jump
        jump *= stride
    return field


def conv_parameters(
    in_channels: int, out_channels: int, *, kernel: int, groups: int = 1, bias: bool = True
) -> int:
    """How many numbers a convolution learns: kernel² · C/groups · F weights, and F biases.

    Three 3×3 layers with C channels have 27C² weights and see 7×7; one 7×7 layer has 49C².

    in_channels C, out_channels F, kernel, groups ≥ 1; groups divides C and F; bias: True or False.
    Raises TypeError for what is not a whole number (or, for bias, no bool), ValueError if it is
    out of range or groups do not divide the channels.

    >>> 3 * conv_parameters(64, 64, kernel=3, bias=False), 27 * 64**2
    (110592, 110592)
    >>> conv_parameters(64, 64, kernel=7, bias=False), 49 * 64**2
    (200704, 200704)

    References: simonyan2015
    """
    op = "conv_parameters"
    c = _check.count(op, "in_channels", in_channels)
    f = _check.count(op, "out_channels", out_channels)
    kernel = _check.count(op, "kernel", kernel)
    groups = _check.count(op, "groups", groups)
    _check.divides(op, "groups", groups, in_channels=c, out_channels=f)
    _check.flag(op, "bias", bias)
    return kernel**2 * (c // groups) * f + (f if bias else 0)


def _counts(name: str, values: Sequence[int]) -> list[int]:
    """Return the values as a list of whole numbers of at least 1, or raise."""
    if not isinstance(values, Sequence) or isinstance(values, str):
        expected, got = f"a list of {name}", type(values).__name__
        message = _check.message("receptive_field", f"{name} is not a list", expected, got)
        raise TypeError(message)
    return [_check.count("receptive_field", f"{name}[{i}]", v) for i, v in enumerate(values)]
