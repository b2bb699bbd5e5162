"""Who changes the parameters: a pure update rule, or an optimiser of PyTorch."""

import functools
import sys
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np

from coursekit.numpy_ref import _check
from coursekit.training.model import Arrays, Model
from coursekit.training.returned import pair

Scale = Callable[[str], float]


class Updater(Protocol):
    """Changes all parameters of a model, and remembers what it needs for the next step."""

    def step(self, grads: Arrays | None, *, lr: float) -> None:
        """Change all parameters, by these gradients or, for None, by the model's own."""
        ...

    def state(self) -> Any:
        """What it remembers."""
        ...

    def load_state(self, state: Any) -> None:
        """Remember this instead."""
        ...


def make_updater(model: Model, update: Any, *, lr_scale: Scale | None) -> Updater:
    """The updater for a rule `(w, dw, state, *, lr) -> (w, state)` or a `torch.optim` class.

    lr_scale: parameter name -> factor on the learning rate; 0 freezes the parameter.
    Raises TypeError if `update` is neither, or a torch.optim class meets a NumPy network;
    ValueError if it has a learning rate of its own, a factor is negative, or nothing is left to
    learn.
    """
    factors = {name: _factor(lr_scale, name) for name in model.params}
    if not any(factors.values()):
        raise ValueError(
            "Trainer: all parameters are frozen. Expected one that is learned, got none."
        )
    if isinstance(update, functools.partial) and "lr" in update.keywords:
        wrong, got = "update has an lr of its own", f"lr={update.keywords['lr']}"
        raise ValueError(_check.message("Trainer", wrong, "Trainer(..., lr=...)", got))
    torch = sys.modules.get("torch")
    made_by = update.func if isinstance(update, functools.partial) else update
    if torch is not None and isinstance(made_by, type):
        fits = issubclass(made_by, torch.optim.Optimizer) and hasattr(model, "tensors")
        # LBFGS asks for the loss several times a step; a run gives it once.
        if fits and made_by is not torch.optim.LBFGS:
            return Optimizer(model, update, factors)
        rule = "an update rule of numpy_ref, or a torch.optim class for a torch.nn.Module"
        expected, got = "another class of torch.optim" if fits else rule, made_by.__name__
    elif callable(update):
        return Rule(model, update, factors)
    else:
        expected, got = "a function such as sgd, or a torch.optim class", repr(update)
    raise TypeError(f"Trainer: update does not fit the model. Expected {expected}, got {got}.")


class Rule:
    """A pure update rule, applied to one parameter after the other."""

    def __init__(self, model: Model, rule: Callable, factors: dict[str, float]) -> None:
        self.model, self.rule, self.factors = model, rule, factors
        self.states: dict[str, Any] = {name: {} for name in model.params}

    def step(self, grads: Arrays | None, *, lr: float) -> None:
        """Change all parameters."""
        grads, new = self.model.grads if grads is None else grads, {}
        for name, w in self.model.params.items():
            new[name], factor = w, self.factors[name]
            if factor:
                returned = self.rule(w, grads[name], self.states[name], lr=lr * factor)
                new[name], self.states[name] = pair("update", "(w, state)", returned)
        self.model.load(new)

    def state(self) -> Any:
        """The state of the rule for each parameter."""
        return self.states

    def load_state(self, state: Any) -> None:
        """Go on from there."""
        self.states = state


class Optimizer:
    """An optimiser of `torch.optim`, for the module behind a `TorchModel`."""

    def __init__(self, model: Any, make: Callable, factors: dict[str, float]) -> None:
        self.tensors = model.tensors
        self.factors = sorted({factor for factor in factors.values() if factor})
        groups = [
            {"params": [t for name, t in self.tensors.items() if factors[name] == factor]}
            for factor in self.factors
        ]
        self.optimizer = make(groups, lr=0.0)

    def step(self, grads: Arrays | None, *, lr: float) -> None:
        """Change all parameters."""
        for name, grad in (grads or {}).items():
            self.tensors[name].grad = _as_tensors(grad).to(self.tensors[name])
        for group, factor in zip(self.optimizer.param_groups, self.factors, strict=True):
            group["lr"] = lr * factor
        self.optimizer.step()

    def state(self) -> Any:
        """The optimiser's own state, as arrays."""
        return _as_arrays(self.optimizer.state_dict())

    def load_state(self, state: Any) -> None:
        """Go on from there."""
        self.optimizer.load_state_dict(_as_tensors(state))


def _factor(lr_scale: Scale | None, name: str) -> float:
    if lr_scale is None:
        return 1.0
    return _check.in_range("Trainer", f"lr_scale({name!r})", lr_scale(name), "[0, inf)")


def _as_arrays(node: Any) -> Any:
    import torch

    from coursekit.training.torch_model import array_of

    if isinstance(node, Mapping):
        return {key: _as_arrays(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_as_arrays(value) for value in node]
    return array_of(node) if isinstance(node, torch.Tensor) else node


def _as_tensors(node: Any) -> Any:
    import torch

    if isinstance(node, Mapping):
        return {key: _as_tensors(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_as_tensors(value) for value in node]
    return torch.from_numpy(node) if isinstance(node, np.ndarray) else node
