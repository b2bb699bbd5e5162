"""Import torchvision, also where its compiled operators do not load.

The torchvision of the package registry is linked against CUDA. Next to a CPU build of torch its
operators stay out, and `import torchvision` then fails while it describes two of them, `nms` and
`qnms` (non-maximum suppression, for object detection), which the course never calls.
Declaring their schemas first is enough; models, datasets and transforms are plain Python.
"""

import importlib
import sys
from types import ModuleType

_SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)
_libraries = []  # torch forgets a declaration when its Library object is collected


def import_torchvision() -> ModuleType:
    """Return the module torchvision, with `nms` and `qnms` declared only if it needs that.

    A healthy torchvision is left alone, and so is any other error of its import.

    >>> import_torchvision().__name__
    'torchvision'
    """
    try:
        return importlib.import_module("torchvision")
    except RuntimeError as error:
        if "operator torchvision::nms does not exist" not in str(error):
            raise
    for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        del sys.modules[name]
    _declare_missing_operators()
    return importlib.import_module("torchvision")


def _declare_missing_operators() -> None:
    import torch

    library = torch.library.Library("torchvision", "DEF")
    for schema in _SCHEMAS:
        library.define(schema)
    _libraries.append(library)
