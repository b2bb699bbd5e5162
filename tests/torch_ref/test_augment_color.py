"""The twins against torchvision where they go ways of their own, and when it is imported."""

import subprocess
import sys

import numpy as np
import pytest
import torch

from coursekit import torch_ref
from coursekit.torch_ref.augment._torchvision import functional

PICTURES = torch.rand(4, 3, 6, 7, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("shift", [-0.5, -0.2, 0.0, 0.1, 1 / 3, 0.5])
def test_hue_agrees_with_torchvision_in_float32(shift):
    theirs = functional().adjust_hue(PICTURES, shift)
    assert torch.allclose(torch_ref.hue(PICTURES, shift=shift), theirs, atol=1e-5)


@pytest.mark.parametrize("factor", [0.5, 1.0, 1.7])
def test_stretch_alike_in_both_directions_agrees_with_torchvision(factor):
    theirs = functional().affine(
        PICTURES, 0.0, [0, 0], factor, shear=[0.0, 0.0], interpolation="bilinear"
    )
    ours = torch_ref.stretch(PICTURES, horizontal=factor, vertical=factor)
    assert torch.allclose(ours, theirs, atol=1e-5)


def test_amounts_may_be_drawn_by_numpy_too():
    drawn = np.random.default_rng(0).uniform(-30, 30, 4)
    ours = torch_ref.rotate(PICTURES, degrees=drawn)
    assert torch.equal(ours, torch_ref.rotate(PICTURES, degrees=torch.from_numpy(drawn)))


def test_torchvision_is_not_imported_before_it_is_needed():
    program = (
        "import sys, torch, coursekit.torch_ref as twins\n"
        "assert 'torchvision' not in sys.modules\n"
        "twins.rotate(torch.ones(1, 1, 2, 2), degrees=1)\n"
        "assert 'torchvision' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
