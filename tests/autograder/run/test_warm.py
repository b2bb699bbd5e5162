"""Do only labs that import PyTorch wait for it?"""

import subprocess
import sys

import pytest

from autograder.run.warm import warm_modules, warm_up


@pytest.mark.parametrize(
    "line",
    [
        "import torch",
        "from torch import nn",
        "    import numpy, torchvision",
        "from coursekit import torch_ref",
        "from coursekit.torch_ref import conv2d_forward",
    ],
)
def test_a_lab_that_imports_it_finds_it_warm(line):
    assert "torch" in warm_modules(["import numpy as np", f"x = 1\n{line}\n"])


@pytest.mark.parametrize(
    "line", ["# import torch", "torch = 1", "print('from torch import nn')", "import storch", ""]
)
def test_another_lab_does_not_pay_for_it(line):
    assert not [name for name in warm_modules([line]) if "torch" in name or "sharing" in name]


def test_the_compiler_comes_with_optimizers_only():
    assert "torch._dynamo" not in warm_modules(["import torch"])
    assert "torch._dynamo" in warm_modules(["import torch", "opt = torch.optim.SGD(w)"])


def test_the_examiner_has_it_as_well_before_any_time_is_counted():
    warm_up(["import torch"])
    assert {"torch", "autograder.wire.pytorch.sharing"} <= sys.modules.keys()


def test_what_is_warm_for_every_lab_imports_no_pytorch():
    code = "import sys, importlib\nfor name in sys.argv[1:]: importlib.import_module(name)\n"
    code += "import autograder.wire.peer\nsys.exit('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code, *warm_modules([])], timeout=60, check=False)
    assert done.returncode == 0
