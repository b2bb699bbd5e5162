"""A PyTorch module behind the interface of `Model`: arrays in, arrays out."""

import contextlib
from collections.abc import Iterator
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
    What is frozen is looked up once, when the module is wrapped.

    Random layers such as dropout draw from a seed that `rng` gives anew for each pass; PyTorch's
    own generators come out as they went in.

    >>> model = TorchModel(torch.nn.Linear(2, 3))
    >>> scores = model.forward(np.ones((4, 2), np.float32), training=True, rng=None)
    >>> model.backward_params(np.ones_like(scores))
    >>> model.grads["bias"]
    array([4., 4., 4.], dtype=float32)
    """

    def __init__(self, module: torch.nn.Module) -> None:
        self.module = module
        named = dict(module.named_parameters())
        self.tensors = {name: p for name, p in named.items() if p.requires_grad}
        self._frozen = {name: p for name, p in named.items() if not p.requires_grad}
        self._resting = [part for part in module.modules() if _is_frozen(part)]
        self._mode: bool | None = None
        self._scores: torch.Tensor | None = None

    @property
    def params(self) -> Arrays:
        """The parameters that are learned."""
        return {name: array_of(p) for name, p in self.tensors.items()}

    @property
    def grads(self) -> Arrays:
        """Their gradients; zeros where the scores do not depend on one."""
        return {
            name: array_of(torch.zeros_like(p) if p.grad is None else p.grad)
            for name, p in self.tensors.items()
        }

    @property
    def buffers(self) -> Arrays:
        """Running averages and the like, and frozen parameters."""
        return {name: array_of(tensor) for name, tensor in self._kept().items()}

    def forward(
        self, x: np.ndarray, *, training: bool, rng: np.random.Generator | None
    ) -> np.ndarray:
        """Return the scores: (N, K)."""
        self._set_mode(training)
        seed = int(rng.integers(2**62)) if training and rng is not None else None
        x_tensor = _tensor(x, next(self.module.parameters(), torch.empty(0)))
        with torch.set_grad_enabled(training), _seeded(seed), self._noted(x_tensor):
            scores = self.module(x_tensor)
        if not isinstance(scores, torch.Tensor):
            raise TypeError(
                "TorchModel: the module gives no scores. Expected one tensor (N, K), "
                f"got {type(scores).__name__}. Wrap it in a module that picks the scores."
            )
        self._scores = scores if training else None
        return array_of(scores)

    def backward_params(self, dout: np.ndarray) -> None:
        """Fill `grads` from the gradient at the scores of the last forward pass in training."""
        if self._scores is None:
            raise ValueError(
                "TorchModel: backward has nothing to go back from. "
                "Expected a forward pass with training=True first, got none."
            )
        self.module.zero_grad(set_to_none=True)
        scores, self._scores = self._scores, None
        scores.backward(_tensor(dout, scores))

    def load(self, params: Arrays, buffers: Arrays | None = None) -> None:
        """Replace all parameters by copies of these, and all buffers if there are any."""
        kept = self._kept()
        _check_fit("parameters", params, self.tensors)
        if buffers is not None:
            _check_fit("buffers", buffers, kept)
        with torch.no_grad():
            for name, tensor in self.tensors.items():
                tensor.copy_(_tensor(params[name], tensor))
            for name, array in (buffers or {}).items():
                kept[name].copy_(_tensor(array, kept[name]))

    def activations(self, x: np.ndarray) -> dict[str, np.ndarray]:
        """What each module without children gives for x: name -> array, in order of use.

        A module that gives more than a tensor, as an LSTM does, is left out.
        """
        seen: dict[str, np.ndarray] = {}

        def keep(name: str) -> Any:
            def hook(module: Any, inputs: Any, out: Any) -> None:
                if isinstance(out, torch.Tensor):
                    seen[name] = array_of(out).copy()

            return hook

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

    def _kept(self) -> dict[str, torch.Tensor]:
        return {**dict(self.module.named_buffers()), **self._frozen}

    def _set_mode(self, training: bool) -> None:
        # Someone else may have changed the mode in between; setting it at each step costs time.
        if self._mode == self.module.training == training:
            return
        self._mode = training
        self.module.train(training)
        for part in self._resting:
            part.eval()

    @contextlib.contextmanager
    def _noted(self, x: torch.Tensor) -> Iterator[None]:
        """Let an error of the module say what the module was given."""
        try:
            yield
        except Exception as error:
            name, mode = type(self.module).__name__, "training" if self._mode else "evaluation"
            error.add_note(
                f"TorchModel: {name} was given x of shape {tuple(x.shape)}, in {mode}. Does its "
                "first layer take that, or is nn.Flatten missing?"
            )
            raise


def _tensor(array: Any, like: torch.Tensor) -> torch.Tensor:
    """The array as a tensor of the type of another, where that is."""
    array = np.asarray(array, order="C")
    # PyTorch warns of read-only memory, which data sets have; it never writes into the array.
    return torch.from_numpy(array if array.flags.writeable else array.copy()).to(like)


def array_of(tensor: torch.Tensor) -> np.ndarray:
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


@contextlib.contextmanager
def _seeded(seed: int | None) -> Iterator[None]:
    """Let random layers draw from `seed`, and leave PyTorch's generators as they were."""
    if seed is None:
        yield
        return
    # torch.manual_seed also prepares every kind of device there might be: a millisecond a step.
    generators = [torch.default_generator, *torch.cuda.default_generators]
    states = [generator.get_state() for generator in generators]
    for generator in generators:
        generator.manual_seed(seed)
    try:
        yield
    finally:
        for generator, state in zip(generators, states, strict=True):
            generator.set_state(state)


def _is_frozen(module: torch.nn.Module) -> bool:
    params = list(module.parameters())
    return bool(params) and not any(p.requires_grad for p in params)
