"""One table of all reference functions; the common tests of numpy_ref and torch_ref run over it.

A new op is one `Case`, in the file here that is called like the op's own, or like its package.
What it gets for that: a check by finite differences, its twin in PyTorch, a value worked by hand,
float32, read-only and non-contiguous inputs, inputs left alone, a batch of one and of none, NaN,
and its table of errors.

A file may also have `NO_TWIN`, the public names without a twin and why (a `..._backward` never has
one: autograd is it), and `CLASSES`, which compose the functions: test_layer_classes.py compares
them with torch.nn.
"""

import importlib
import pkgutil

_TABLES = [
    importlib.import_module(f"{__name__}.{module.name}")
    for module in pkgutil.iter_modules(__path__)
    if module.name != "case"
]

CASES = [case for table in _TABLES for case in table.CASES]
NO_TWIN = {name: why for table in _TABLES for name, why in getattr(table, "NO_TWIN", {}).items()}
CLASSES = tuple(name for table in _TABLES for name in getattr(table, "CLASSES", ()))
