"""Does torchvision import beside any torch, and does what the course needs of it run?"""

import subprocess
import sys

import pytest
import torch

from coursekit import _torchvision
from coursekit._torchvision import import_torchvision


def test_import_torchvision_gives_models_datasets_and_transforms():
    torchvision = import_torchvision()
    from torchvision import datasets, models
    from torchvision.transforms import v2

    picture, label = datasets.FakeData(size=1, image_size=(3, 8, 8), num_classes=2)[0]
    tensor = v2.Compose([v2.ToImage(), v2.ToDtype(torch.float32, scale=True)])(picture)
    assert tensor.shape == (3, 8, 8) and label in (0, 1)
    flipped = v2.functional.horizontal_flip(tensor)
    assert torch.equal(flipped, tensor.flip(-1))
    net = models.resnet18(weights=None, num_classes=10).eval()
    assert net(torch.zeros(1, 3, 32, 32)).shape == (1, 10)
    assert sys.modules["torchvision"] is torchvision


def test_import_torchvision_twice_is_the_same_module_and_declares_nothing_more():
    first = import_torchvision()
    declared = len(_torchvision._libraries)
    assert import_torchvision() is first
    assert len(_torchvision._libraries) == declared <= 1


def test_import_torchvision_leaves_a_healthy_one_alone():
    program = (
        "import sys, types\n"
        "healthy = sys.modules['torchvision'] = types.ModuleType('torchvision')\n"
        "from coursekit import _torchvision\n"
        "assert _torchvision.import_torchvision() is healthy\n"
        "assert not _torchvision._libraries and 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_import_torchvision_passes_other_errors_on(monkeypatch):
    def broken(name):
        raise RuntimeError("something else")

    monkeypatch.setattr(_torchvision.importlib, "import_module", broken)
    with pytest.raises(RuntimeError, match="something else"):
        import_torchvision()
