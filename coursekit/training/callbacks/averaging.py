"""A running average of the weights, kept beside them."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from coursekit.data import Dataset
from coursekit.numpy_ref import _check, ema
from coursekit.training.callbacks.base import Callback, Record
from coursekit.training.ensembles import remeasure_batchnorm
from coursekit.training.evaluate import evaluate
from coursekit.training.model import as_model, copies

if TYPE_CHECKING:
    from coursekit.training.run import Run


class WeightAveraging(Callback):
    """Average the weights over the steps; training goes on as if nothing had happened.

    rule: `ema`, `swa` or `polyak` of numpy_ref, its arguments bound with `functools.partial`, or
    any function (w, state) -> (average, state); it is called after every step.
    `params` are the averages by name; `apply` gives them to a network.
    validate: after each epoch, also measure how good they are, into the columns
    `average_validation_loss` and `average_validation_accuracy`. It costs an evaluation and, with
    BatchNorm, a pass over the training set.
    Raises TypeError if rule is no function or validate no bool, ValueError if there is no
    validation set to validate.

    >>> from functools import partial
    >>> from coursekit.data import digits
    >>> from coursekit.numpy_ref import Linear
    >>> from coursekit.training import Trainer
    >>> line = Linear(64, 10, rng=np.random.default_rng(0))
    >>> average = WeightAveraging(partial(ema, decay=0.9))
    >>> trainer = Trainer(line, batch_size=1, epochs=1, callbacks=[average])
    >>> history, validation = trainer.fit(digits("train")), digits("validation")
    >>> last = evaluate(line, validation)
    >>> average.apply(line, digits("train"))
    >>> evaluate(line, validation)[0] < last[0]
    True

    References: izmailov2018, polyak1992, tarvainen2017
    """

    def __init__(self, rule: Callable[..., Any] = ema, *, validate: bool = False) -> None:
        _check.function("WeightAveraging", "rule", rule)
        _check.flag("WeightAveraging", "validate", validate)
        self.rule, self.validate = rule, validate
        self.params: dict[str, np.ndarray] = {}

    def on_start(self, run: "Run") -> None:
        """Forget the run before."""
        self.run = run
        self.params, self.states = {}, {name: {} for name in run.model.params}
        if self.validate and run.validation is None:
            wrong, expected = "there is nothing to validate with", "fit(train, validation)"
            raise ValueError(_check.message("WeightAveraging", wrong, expected, "fit(train)"))

    def on_step(self, record: Record) -> None:
        """Count the new weights in."""
        for name, w in self.run.model.params.items():
            self.params[name], self.states[name] = self.rule(w, self.states[name])

    def on_epoch(self, record: Record) -> None:
        """Measure how good the averages are; the network is as before."""
        run = self.run
        if self.validate and run.validation is not None:
            model, live = run.model, copies(run.model)
            try:
                self.apply(model, run.train)
                found = evaluate(model, run.validation, loss=run.settings.loss)
            finally:
                model.load(**live)
            columns = ("average_validation_loss", "average_validation_accuracy")
            record.update(zip(columns, found, strict=True))

    def apply(self, net: Any, train: Dataset) -> None:
        """Replace the parameters of a network by the averages.

        net: the network that was trained, or one like it; train: the training set. The running
        averages of BatchNorm belong to other weights, so they are measured again on it; see
        `remeasure_batchnorm`. Frozen parameters stay as they are in net.
        Raises ValueError before the first step, or if the network is another one.
        """
        if not self.params:
            wrong, expected = "nothing has been averaged yet", "a run before"
            raise ValueError(_check.message("WeightAveraging.apply", wrong, expected, "no step"))
        model = as_model(net)
        model.load(self.params)
        if any(name.endswith("running_mean") for name in model.buffers):
            remeasure_batchnorm(model, train)

    def state(self) -> Any:
        """The averages, and what makes the next ones."""
        return {"params": self.params, "states": self.states}

    def load_state(self, state: Any) -> None:
        """Go on from these averages."""
        self.params, self.states = state["params"], state["states"]
