"""Are the formulas of sizes what PyTorch's layers really do?"""

import itertools

import pytest
import torch
import torch.nn.functional as F

from coursekit.numpy_ref import conv_parameters, output_size, receptive_field


def test_output_size_is_that_of_a_convolution_and_of_pooling():
    for size, kernel, stride, pad in itertools.product(
        range(1, 8), (1, 2, 3, 5), (1, 2, 3), (0, 1)
    ):
        x = torch.ones(1, 1, size)
        if kernel > size + 2 * pad:
            with pytest.raises(ValueError, match=rf"at most {size + 2 * pad}, got {kernel}\."):
                output_size(size, kernel=kernel, stride=stride, pad=pad)
            continue
        ours = output_size(size, kernel=kernel, stride=stride, pad=pad)
        convolved = F.conv1d(x, torch.ones(1, 1, kernel), stride=stride, padding=pad)
        assert ours == convolved.shape[-1]
        if pad <= kernel // 2:
            assert ours == F.max_pool1d(x, kernel, stride, pad).shape[-1]


def test_output_size_has_stride_one_and_no_padding_by_default():
    assert (
        output_size(32, kernel=5) == F.conv1d(torch.ones(1, 1, 32), torch.ones(1, 1, 5)).shape[-1]
    )


@pytest.mark.parametrize("kernel", [1, 3, 5, 7])
def test_output_size_is_kept_by_half_a_kernel_of_padding(kernel):
    assert output_size(32, kernel=kernel, pad=(kernel - 1) // 2) == 32


def reach(kernels, strides) -> int:
    """How many pixels in a row have a gradient of the middle output of these convolutions."""
    x = torch.zeros(1, 1, 201, requires_grad=True)
    out = x
    for kernel, stride in zip(kernels, strides, strict=True):
        out = F.conv1d(out, torch.ones(1, 1, kernel), stride=stride)
    out[0, 0, out.shape[-1] // 2].backward()
    assert x.grad is not None
    seen = torch.nonzero(x.grad[0, 0])
    return int(seen.max() - seen.min()) + 1


@pytest.mark.parametrize("depth", [0, 1, 2, 3])
def test_receptive_field_is_how_far_a_gradient_reaches(depth):
    for kernels in itertools.product((1, 2, 3, 5), repeat=depth):
        for strides in itertools.product((1, 2), repeat=depth):
            if depth:
                assert receptive_field(kernels, strides) == reach(kernels, strides)
    assert receptive_field([]) == receptive_field([], []) == 1


def test_receptive_field_without_strides_moves_by_one():
    assert receptive_field([3, 3, 3]) == reach([3, 3, 3], [1, 1, 1]) == 7
    assert receptive_field([3, 3], [1, 1]) == receptive_field((3, 3)) == receptive_field([5])


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(("c", "f", "kernel", "groups"), [(3, 8, 5, 1), (6, 4, 3, 2), (4, 8, 1, 4)])
def test_conv_parameters_are_those_of_torch(c, f, kernel, groups, bias):
    layer = torch.nn.Conv2d(c, f, kernel, groups=groups, bias=bias)
    count = sum(p.numel() for p in layer.parameters())
    assert conv_parameters(c, f, kernel=kernel, groups=groups, bias=bias) == count


def test_conv_parameters_count_a_bias_and_no_groups_by_default():
    assert conv_parameters(2, 3, kernel=3) == 9 * 2 * 3 + 3
    assert type(conv_parameters(2, 3, kernel=3)) is int


def test_three_small_kernels_see_what_a_large_one_sees_for_fewer_parameters():
    c = 16
    assert receptive_field([3, 3, 3]) == receptive_field([7])
    assert 3 * conv_parameters(c, c, kernel=3, bias=False) == 27 * c**2
    assert conv_parameters(c, c, kernel=7, bias=False) == 49 * c**2
