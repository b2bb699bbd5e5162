"""Who changes the parameters: a pure update rule, or an optimiser of PyTorch."""

import functools
import sys
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np

from coursekit.training.model import Arrays, Model

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
    ValueError if nothing is left to learn.
    """
    if not any(lr_scale(name) if lr_scale else 1 for name in model.params):
        raise ValueError(
            "Trainer: all parameters are frozen. Expected one that is learned, got none."
        )
    torch = sys.modules.get("torch")
    made_by = update.func if isinstance(update, functools.partial) else update
    if torch is not None and isinstance(made_by, type):
        fits = issubclass(made_by, torch.optim.Optimizer) and hasattr(model, "tensors")
        # LBFGS asks for the loss several times a step; a run gives it once.
        if fits and made_by is not torch.optim.LBFGS:
            return Optimizer(model, update, lr_scale=lr_scale)
        rule = "an update rule of numpy_ref, or a torch.optim class for a torch.nn.Module"
        expected, got = "another class of torch.optim" if fits else rule, made_by.__name__
    elif callable(update):
        return Rule(model, update, lr_scale=lr_scale)
    else:
        expected, got = "a function such as sgd, or a torch.optim class", repr(update)
    raise TypeError(f"Trainer: update does not fit the model. Expected {expected}, got {got}.")


class Rule:
    """A pure update rule, applied to one parameter after the other."""

    def __init__(self, model: Model, rule: Callable, *, lr_scale: Scale | None) -> None:
        self.model, self.rule = model, rule
        self.factors = {name: lr_scale(name) if lr_scale else 1.0 for name in model.params}
        self.states: dict[str, Any] = {name: {} for name in model.params}

    def step(self, grads: Arrays | None, *, lr: float) -> None:
        """Change all parameters."""
        grads, new = self.model.grads if grads is None else grads, {}
        for name, w in self.model.params.items():
            new[name], factor = w, self.factors[name]
            if factor:
                new[name], self.states[name] = self.rule(
                    w, grads[name], self.states[name], lr=lr * factor
                )
        self.model.load(new)

    def state(self) -> Any:
        """The state of the rule for each parameter."""
        return self.states

    def load_state(self, state: Any) -> None:
        """Go on from there."""
        self.states = state


class Optimizer:
    """An optimiser of `torch.optim`, for the module behind a `TorchModel`."""

    def __init__(self, model: Any, make: Callable, *, lr_scale: Scale | None) -> None:
        self.model, self.tensors = model, model.tensors
        factors = {name: lr_scale(name) if lr_scale else 1.0 for name in self.tensors}
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


def _as_arrays(node: Any) -> Any:
    if isinstance(node, Mapping):
        return {key: _as_arrays(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_as_arrays(value) for value in node]
    return node.detach().cpu().numpy() if hasattr(node, "detach") else node


def _as_tensors(node: Any) -> Any:
    import torch

    if isinstance(node, Mapping):
        return {key: _as_tensors(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_as_tensors(value) for value in node]
    return torch.from_numpy(node) if isinstance(node, np.ndarray) else node
