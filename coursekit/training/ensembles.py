"""Ensembles: several networks that predict together, and one network of averaged weights.

Networks that were trained apart make different mistakes, and the mean of what they say has fewer.
It costs k trainings and k forward passes. Snapshots of one run cost one training, averaged weights
one training and one forward pass: the nearer to one network, the cheaper, and the smaller the gain.
"""

import copy
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from coursekit.data import Dataset
from coursekit.numpy_ref import _check, checkpoint_average
from coursekit.training.evaluate import check_data
from coursekit.training.model import as_model

Snapshot = Mapping[str, Any]

SNAPSHOT = {"params", "buffers"}


class Ensemble:
    """The mean of k networks, itself a network that predicts: `evaluate` and `predict` take it.

        average="probabilities":  q = (1/k) Σᵢ softmax(sᵢ),   scores = log q
        average="scores":         scores = (1/k) Σᵢ sᵢ

    The first is the usual one. The second multiplies probabilities: one member that is sure of
    its "no" rules a class out. A forward pass costs k of them.

    nets: one or more networks with the same classes, NumPy's or PyTorch's, also mixed. They are
    used, not copied: whoever trains one on, changes the ensemble.
    Raises TypeError for what is no network, ValueError for none at all or another `average`.

    >>> from coursekit.numpy_ref import Linear
    >>> yes, no = (Linear(1, 2, rng=np.random.default_rng(0)) for _ in "ab")
    >>> yes.load({"weight": np.zeros((1, 2)), "bias": np.log([0.9, 0.1])})
    >>> no.load({"weight": np.zeros((1, 2)), "bias": np.log([0.5, 0.5])})
    >>> scores = Ensemble([yes, no]).forward(np.zeros((1, 1)))
    >>> np.exp(scores)
    array([[0.7, 0.3]])

    References: hansen1990, krizhevsky2012
    """

    def __init__(self, nets: Sequence[Any], *, average: str = "probabilities") -> None:
        _check.choice("Ensemble", "average", average, ("probabilities", "scores"))
        if not isinstance(nets, Sequence):  # the layers of a torch.nn.Sequential are no members
            got, expected = type(nets).__name__, "a list of networks"
            raise TypeError(_check.message("Ensemble", "nets is no list", expected, got))
        self.members = [as_model(net) for net in nets]
        self.average = average
        if not self.members:
            raise ValueError(_check.message("Ensemble", "it is empty", "one network or more", 0))

    @classmethod
    def from_snapshots(
        cls, net: Any, snapshots: Sequence[Snapshot], *, average: str = "probabilities"
    ) -> "Ensemble":
        """One network with the weights of several moments of its training: k copies of it.

        It costs one training. The members should differ: the ends of the cycles of
        `cosine_restarts` are meant to, more than neighbouring epochs do.

        snapshots: dicts {"params": ..., "buffers": ...}, as `coursekit.training.model.copies`
        and the callback `Snapshots` give them; net itself stays as it is.
        Raises TypeError for snapshots that are not such; else as `Ensemble` and `net.load` do.

        >>> from coursekit.numpy_ref import Linear
        >>> from coursekit.training.model import copies
        >>> net = Linear(2, 3, rng=np.random.default_rng(0))
        >>> early = copies(net)
        >>> net.load({name: w + 1 for name, w in net.params.items()})
        >>> len(Ensemble.from_snapshots(net, [early, copies(net)]))
        2

        References: huang2017
        """
        _check_snapshots("Ensemble.from_snapshots", snapshots)
        members = [copy.deepcopy(as_model(net)) for _ in snapshots]
        for member, snapshot in zip(members, snapshots, strict=True):
            member.load(**snapshot)
        return cls(members, average=average)

    def __len__(self) -> int:
        return len(self.members)

    def forward(
        self,
        x: np.ndarray,
        *,
        training: bool = False,
        rng: np.random.Generator | None = None,
    ) -> np.ndarray:
        """Return the scores: (N, K).

        Raises ValueError for training=True, and if the members give scores of different shapes.
        """
        if training:
            wrong, expected = "an ensemble only predicts", "training=False"
            hint = "Train its members one by one."
            raise ValueError(_check.message("Ensemble", wrong, expected, training, hint))
        scores = [member.forward(x, training=False, rng=rng) for member in self.members]
        if len(shapes := {s.shape for s in scores}) > 1:
            wrong, expected = "members give different scores", "one shape (N, K)"
            raise ValueError(_check.message("Ensemble", wrong, expected, sorted(shapes)))
        if self.average == "scores":
            return np.mean(scores, axis=0)
        return np.logaddexp.reduce([_log_softmax(s) for s in scores], axis=0) - math.log(len(self))


def load_average(
    net: Any,
    snapshots: Sequence[Snapshot],
    *,
    train: Dataset | None = None,
    batch_size: int = 100,
) -> None:
    """Give a network the mean of the weights of several moments of one training.

        w = (1/k) Σᵢ wᵢ

    One training, one forward pass. The snapshots must come from one run: between networks that
    were trained apart the mean lies on a hill.

    net: changed in place; snapshots: as for `Ensemble.from_snapshots`; train: the training set.
    With BatchNorm in the network, the running averages of no snapshot fit the mean of weights:
    given `train`, they are measured again, see `remeasure_batchnorm`.
    Raises ValueError if the network has BatchNorm and there is no `train`, TypeError for snapshots
    that are not such; else as `checkpoint_average` and `net.load` do.

    >>> from coursekit.numpy_ref import Linear
    >>> net = Linear(1, 1, rng=np.random.default_rng(0))
    >>> weights = [{"weight": np.array([[w]]), "bias": np.zeros(1)} for w in (1.0, 3.0)]
    >>> load_average(net, [{"params": params} for params in weights])
    >>> net.params["weight"]
    array([[2.]])

    References: izmailov2018, vaswani2017
    """
    if train is not None:
        check_data("load_average", "train", train)
    elif _batchnorms(as_model(net)):
        wrong, expected = "BatchNorm must be measured again", "train=<the training set>"
        raise ValueError(_check.message("load_average", wrong, expected, None))
    _check_snapshots("load_average", snapshots)
    as_model(net).load(checkpoint_average([snapshot["params"] for snapshot in snapshots]))
    if train is not None:
        remeasure_batchnorm(net, train, batch_size=batch_size)


def remeasure_batchnorm(net: Any, train: Dataset, *, batch_size: int = 100, seed: int = 0) -> None:
    """Measure the running averages of every BatchNorm again, for the weights that are there now.

        running = Σ_b N_b·statistic_b / Σ_b N_b      over the batches b of one pass

    It is needed for weights that no step has led to, such as a mean of weights. One pass over the
    data as in training, dropout included, but without gradients.

    net: changed in place; without BatchNorm it stays as it is. train: N ≥ 1 examples; batch_size:
    at most so many at once, in batches as equal as can be; seed: for their order and dropout.
    Raises TypeError for what is no network or no Dataset, ValueError for no examples,
    batch_size < 1 or seed < 0.

    >>> from coursekit.data import moons
    >>> from coursekit.numpy_ref import BatchNorm1d
    >>> layer, points = BatchNorm1d(2, dtype=np.float32), moons("train")
    >>> remeasure_batchnorm(layer, points)
    >>> np.allclose(layer.buffers["running_mean"], points.x.mean(axis=0))
    True

    References: izmailov2018
    """
    op, model = "remeasure_batchnorm", as_model(net)
    check_data(op, "train", train)
    rng = np.random.default_rng(_check.count(op, "seed", seed, at_least=0))
    parts = math.ceil(len(train) / _check.count(op, "batch_size", batch_size))
    norms, seen = _batchnorms(model), 0
    usual = [norm.momentum for norm in norms]
    try:
        for batch in np.array_split(rng.permutation(len(train)), parts):
            seen += len(batch)
            for norm in norms:  # the weight of the new batch: this makes the plain mean of all
                norm.momentum = len(batch) / seen
            model.forward(train.x[batch], training=True, rng=rng)
    finally:
        for norm, momentum in zip(norms, usual, strict=True):
            norm.momentum = momentum


def _check_snapshots(op: str, snapshots: Sequence[Any]) -> None:
    """Raise TypeError unless each is a dict with "params", and "buffers" or nothing else."""
    for i, snapshot in enumerate(snapshots):
        if not isinstance(snapshot, Mapping) or set(snapshot) | {"buffers"} != SNAPSHOT:
            got = list(snapshot) if isinstance(snapshot, Mapping) else type(snapshot).__name__
            wrong, expected = f"snapshots[{i}] is none", 'a dict of "params" and "buffers"'
            hint = "Try copies(model) of coursekit.training.model."
            raise TypeError(_check.message(op, wrong, expected, got, hint))


def _log_softmax(scores: np.ndarray) -> np.ndarray:
    return scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)


def _batchnorms(model: Any) -> list[Any]:
    """All layers with running averages, of a NumPy network or of the module in a `TorchModel`."""
    if hasattr(model, "module"):
        return [m for m in model.module.modules() if getattr(m, "running_mean", None) is not None]
    if not hasattr(model, "children"):
        return [model] if "running_mean" in model.buffers else []
    return [norm for child in model.children.values() for norm in _batchnorms(child)]
