"""A PyTorch module behind the interface of `Model`: arrays in, arrays out."""

from typing import Any

import numpy as np
import torch

from coursekit.training.model import Arrays


class TorchModel:
    """A `torch.nn.Module` that trains like a NumPy network; the module itself is trained.

    On the CPU `params` are views of the module's own memory: whoever writes into them changes
    the module. On another device they are copies; `load` writes them back. Parameters that do
    not require a gradient are frozen: they are no `params` but `buffers`, and a layer that has
    only such parameters stays in evaluation mode, so that a frozen BatchNorm keeps its averages.

    Random layers (dropout) draw from PyTorch's generator, seeded afresh from `rng` at each pass.

    >>> model = TorchModel(torch.nn.Linear(2, 3))
    >>> scores = model.forward(np.ones((4, 2), np.float32), training=True, rng=None)
    >>> model.backward_params(np.ones_like(scores))
    >>> model.grads["bias"]
    array([4., 4., 4.], dtype=float32)
    """

    def __init__(self, module: torch.nn.Module) -> None:
        self.module = module
        self._scores: torch.Tensor | None = None

    @property
    def params(self) -> Arrays:
        """The parameters that are learned."""
        return {name: _array(p) for name, p in self.parameters().items()}

    @property
    def grads(self) -> Arrays:
        """Their gradients; zeros where the scores do not depend on one."""
        return {
            name: _array(torch.zeros_like(p) if p.grad is None else p.grad)
            for name, p in self.parameters().items()
        }

    @property
    def buffers(self) -> Arrays:
        """Running averages and the like, and frozen parameters."""
        return {name: _array(tensor) for name, tensor in self._kept().items()}

    def forward(
        self, x: np.ndarray, *, training: bool, rng: np.random.Generator | None
    ) -> np.ndarray:
        """Return the scores: (N, K)."""
        self._set_mode(training)
        with torch.set_grad_enabled(training):
            if training and rng is not None:
                torch.manual_seed(int(rng.integers(2**62)))
            scores = self.module(self._tensor(x))
        self._scores = scores if training else None
        return _array(scores)

    def backward_params(self, dout: np.ndarray) -> None:
        """Fill `grads` from the gradient at the scores of the last forward pass in training."""
        if self._scores is None:
            raise ValueError(
                "TorchModel: backward has nothing to go back from. "
                "Expected a forward pass with training=True first, got none."
            )
        self.module.zero_grad(set_to_none=True)
        scores, self._scores = self._scores, None
        scores.backward(torch.from_numpy(dout).to(scores))

    def load(self, params: Arrays, buffers: Arrays | None = None) -> None:
        """Replace all parameters by copies of these, and all buffers if there are any."""
        _check_fit("parameters", params, self.parameters())
        if buffers is not None:
            _check_fit("buffers", buffers, self._kept())
        with torch.no_grad():
            for name, tensor in self.parameters().items():
                tensor.copy_(torch.from_numpy(np.asarray(params[name])))
            for name, tensor in self._kept().items() if buffers is not None else ():
                tensor.copy_(torch.from_numpy(np.asarray(buffers[name])))

    def activations(self, x: np.ndarray) -> dict[str, np.ndarray]:
        """What each module without children gives for x: name -> array, in order of use."""
        seen: dict[str, np.ndarray] = {}

        def keep(name: str) -> Any:
            return lambda module, inputs, out: seen.update({name: _array(out).copy()})

        hooks = [
            module.register_forward_hook(keep(name))
            for name, module in self.module.named_modules()
            if not list(module.children())
        ]
        try:
            self.forward(x, training=False, rng=None)
        finally:
            for hook in hooks:
                hook.remove()
        return seen

    def parameters(self) -> dict[str, torch.nn.Parameter]:
        """The tensors behind `params`."""
        return {name: p for name, p in self.module.named_parameters() if p.requires_grad}

    def _kept(self) -> dict[str, torch.Tensor]:
        frozen = {name: p for name, p in self.module.named_parameters() if not p.requires_grad}
        return {**dict(self.module.named_buffers()), **frozen}

    def _set_mode(self, training: bool) -> None:
        if self.module.training != training:
            self.module.train(training)
        if training:
            for module in self.module.modules():
                params = list(module.parameters())
                if params and not any(p.requires_grad for p in params):
                    module.eval()

    def _tensor(self, x: np.ndarray) -> torch.Tensor:
        like = next(self.module.parameters(), torch.empty(0))
        # PyTorch warns of read-only memory, which data sets have; it never writes into x.
        x = x if x.flags.writeable else x.copy()
        return torch.from_numpy(np.ascontiguousarray(x)).to(like)


def _array(tensor: torch.Tensor) -> np.ndarray:
    """The tensor's values: on the CPU its own memory, if NumPy has the type."""
    tensor = tensor.detach().cpu()
    return (tensor.float() if tensor.dtype is torch.bfloat16 else tensor).numpy()


def _check_fit(what: str, arrays: Arrays, tensors: dict[str, Any]) -> None:
    """Raise ValueError unless `arrays` has the names and shapes of `tensors`."""
    if set(arrays) != set(tensors):
        raise ValueError(
            f"TorchModel: these are not the names of its {what}. "
            f"Expected {sorted(tensors)}, got {sorted(arrays)}."
        )
    for name, tensor in tensors.items():
        if np.shape(arrays[name]) != tuple(tensor.shape):
            raise ValueError(
                f"TorchModel: {name} has the wrong shape. "
                f"Expected {tuple(tensor.shape)}, got {np.shape(arrays[name])}."
            )
