"""Try every callable that a candidate library holds as the answer of every exercise of lab 09.

Run by test_library.py as `python -I -S library_roads.py LIBRARY EMPTIED REAL SITE`: a library; one
in which all of numpy_ref is withheld; the folder of the real coursekit, whose checks judge; and
site-packages. Prints one line of JSON.
"""

import contextlib
import functools
import gc
import importlib
import importlib.util
import inspect
import io
import json
import pkgutil
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

Road = tuple[Callable[[Callable], Callable], tuple, dict[str, Any]]


def import_all(root: str, *parts: str) -> None:
    """Import every module of the coursekit in root, or these parts, in place of another one."""
    for name in [name for name in sys.modules if name.startswith("coursekit")]:
        del sys.modules[name]
    sys.path[0] = root
    package = importlib.import_module("coursekit")
    assert Path(str(package.__file__)).is_relative_to(root)
    every = (module.name for module in pkgutil.walk_packages(package.__path__, "coursekit."))
    for name in parts or every:
        importlib.import_module(name)


def copied_files(root: str) -> list:
    """Every file of coursekit, run again under another name."""
    modules = []
    for number, file in enumerate(sorted(Path(root, "coursekit").rglob("*.py"))):
        spec = importlib.util.spec_from_file_location(f"coursekit_file{number}", file)
        assert spec is not None and spec.loader is not None
        modules.append(importlib.util.module_from_spec(spec))
        spec.loader.exec_module(modules[-1])
    return modules


def reachable() -> list[Callable]:
    """Whatever of coursekit is alive and can be called: public, private, nested, wrapped."""
    modules = [vars(x).values() for x in gc.get_objects() if isinstance(x, ModuleType)]
    partials = [v for values in modules for v in values if isinstance(v, functools.partial)]
    found = [x for x in [*gc.get_objects(), *partials] if callable(x) and _is_ours(x)]
    return found + [x.__wrapped__ for x in found if hasattr(x, "__wrapped__")]


def accepted(callables: Iterable[Callable], roads: dict[str, list[Road]]) -> dict[str, list[str]]:
    """The callables that the visible and the hidden check of each exercise accept."""
    from coursekit import check, numpy_ref

    found: dict[str, list[str]] = {exercise: [] for exercise in roads}
    for f in callables:
        signature = _signature(f)
        for exercise, ways in roads.items():
            judge = getattr(check, exercise)
            given = (numpy_ref.dropout_forward,) if exercise == "dropout_backward" else ()
            for adapt, args, settings in ways:
                if _takes(signature, args, settings) and _passes(judge, adapt(f), given):
                    found[exercise].append(name_of(f))
    return found


def name_of(x: Any) -> str:
    """Where it is from; an object that can be called goes by its class."""
    return f"{x.__module__}.{getattr(x, '__qualname__', type(x).__name__)}"


def _is_ours(x: Any) -> bool:
    try:
        made_by = x.func if isinstance(x, functools.partial) else x
        return made_by.__module__.startswith("coursekit")
    except Exception:
        return False


def _signature(f: Callable) -> inspect.Signature | None:
    try:
        return inspect.signature(f)
    except (TypeError, ValueError):  # an alias of a type
        return None


def _takes(signature: inspect.Signature | None, args: tuple, settings: dict) -> bool:
    if signature is None:
        return False
    try:
        signature.bind(*args, **settings)
    except TypeError:
        return False
    return True


def _passes(judge: Any, student: Callable, given: tuple) -> bool:
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            judge(student, *given)
            judge.hidden(student, *given, seed=7)
    except Exception:
        return False
    return True


def plain(f: Callable) -> Callable:
    """As it is."""
    return f


def torch_loss(f: Callable) -> Callable:
    """A twin's loss, with the gradient by autograd."""
    import numpy as np
    import torch

    def student(w, **settings):
        w = torch.tensor(np.array(w), requires_grad=True)
        loss = f(w, **settings)
        (gradient,) = torch.autograd.grad(loss, w)
        return loss.item(), gradient.numpy()

    return student


def torch_twin(f: Callable) -> Callable:
    """A twin that takes and gives tensors."""
    import numpy as np
    import torch

    def student(*args, **settings):
        tensors = [torch.tensor(np.array(x)) if isinstance(x, np.ndarray) else x for x in args]
        out = f(*tensors, **settings)
        return (out[0] if isinstance(out, tuple) else out).numpy()

    return student


def torch_dropout(f: Callable) -> Callable:
    """A twin of dropout, with the mask read off."""

    def student(x, **settings):
        out = torch_twin(f)(x, **settings)
        return out, out / x

    return student


def without_state(f: Callable) -> Callable:
    """An update rule for a single step."""
    return lambda w, dw, **settings: f(w, dw, {}, **settings)[0]


def torch_without_state(f: Callable) -> Callable:
    """The same for a twin."""
    return lambda w, dw, **settings: torch_twin(lambda *a: f(*a, {}, **settings))(w, dw)


def squares_only(f: Callable) -> Callable:
    """An elastic net without L1."""
    return lambda w, *, weight_decay: f(w, l1=0.0, l2=weight_decay / 2)


def absolute_only(f: Callable) -> Callable:
    """An elastic net without L2."""
    return lambda w, *, strength: f(w, l1=strength, l2=0.0)


def torch_passes(f: Callable) -> Callable:
    """A twin that makes passes of a network of tensors."""
    import torch

    def student(forward, x, **settings):
        mean, std = f(
            lambda x, rng: torch.tensor(forward(x.numpy(), rng)), torch.tensor(x), **settings
        )
        return mean.numpy(), std.numpy()

    return student


def as_layer(f: Callable) -> Callable:
    """A layer that does it, as its own cache."""

    def student(x, *, p, training, rng):
        if not hasattr(f, "forward"):
            raise TypeError("This is no layer, and to make one could start something.")
        layer = f(p)
        return layer.forward(x, training=training, rng=rng), layer

    return student


def inverted(f: Callable) -> Callable:
    """Vanilla dropout, scaled."""

    def student(x, *, p, training, rng):
        out, mask = f(x, p=p, training=training, rng=rng)
        return (out / (1 - p), mask / (1 - p)) if training else (x, 1.0)

    return student


def all_roads() -> dict[str, list[Road]]:
    """How a callable may be used for an exercise, with arguments that it must be able to take."""
    import numpy as np

    w, rng = np.ones((3, 2)), {"rng": np.random.default_rng(0)}
    drop = {"p": 0.5, "training": True, **rng}
    step, net = {"lr": 0.1, "weight_decay": 0.1}, {"l1": 0.0, "l2": 1.0}
    l2, l1, passes = {"weight_decay": 1.0}, {"strength": 1.0}, {"n_samples": 3, **rng}
    return {
        "l2_penalty": [(plain, (w,), l2), (torch_loss, (w,), l2), (squares_only, (w,), net)],
        "l1_penalty": [(plain, (w,), l1), (torch_loss, (w,), l1), (absolute_only, (w,), net)],
        "elastic_net_penalty": [(plain, (w,), net), (torch_loss, (w,), net)],
        "max_norm": [(plain, (w,), {"c": 1.0}), (torch_twin, (w,), {"c": 1.0})],
        "sgd_weight_decay_step": [
            (plain, (w, w), step),
            (torch_twin, (w, w), step),
            (without_state, (w, w, {}), step),
            (torch_without_state, (w, w, {}), step),
        ],
        "dropout_forward": [
            (plain, (w,), drop),
            (torch_dropout, (w,), drop),
            (inverted, (w,), drop),
            (as_layer, (0.5,), {}),
        ],
        "dropout_backward": [(plain, (w, w), {})],
        "mc_dropout_predict": [(plain, (abs, w), passes), (torch_passes, (abs, w), passes)],
    }


def main(library: str, emptied: str, real: str, site: str) -> dict[str, Any]:
    """What is accepted of the library and, as a control, of the real coursekit."""
    sys.path[:] = [library, *sys.path, site]
    import_all(library)
    copies = copied_files(library)
    of_library = reachable()
    import_all(emptied)  # must do without any answer at import
    import_all(real, "coursekit.check", "coursekit.torch_ref")
    roads, is_reference = all_roads(), ("coursekit.numpy_ref.", "coursekit.torch_ref.")
    found = accepted(of_library, roads)
    ids = {id(f) for f in of_library}
    others = [f for f in reachable() if f.__module__.startswith(is_reference) and id(f) not in ids]
    return {
        "modules": len(copies),
        "tried": sorted({name_of(f) for f in of_library}),
        "library": found,
        "control": accepted(others, roads),
    }


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
