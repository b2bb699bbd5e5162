"""Training networks: one loop, and callbacks for everything that is not the loop.

>>> from functools import partial
>>> import numpy as np
>>> from coursekit.data import digits
>>> from coursekit.numpy_ref import Linear, ReLU, Sequential, l2_penalty, momentum
>>> from coursekit.training import Trainer
>>> rng = np.random.default_rng(0)
>>> net = Sequential(Linear(64, 100, rng=rng), ReLU(), Linear(100, 10, rng=rng))
>>> penalty = partial(l2_penalty, weight_decay=1e-4)
>>> trainer = Trainer(net, update=momentum, lr=0.1, epochs=5, batch_size=50, penalty=penalty)
>>> history = trainer.fit(digits("train"), digits("validation"))
>>> history.best("validation_accuracy") > 0.9
True
"""

from coursekit.training.augmentation import augmentation
from coursekit.training.callbacks import (
    ActivationStats,
    Callback,
    Checkpoint,
    DeadUnits,
    DivergenceGuard,
    EarlyStopping,
    GradientStats,
    History,
    LivePlot,
    ProgressBar,
    PruningMasks,
    Snapshots,
    Stop,
    UpdateRatio,
    WeightAveraging,
)
from coursekit.training.ensembles import Ensemble, load_average, remeasure_batchnorm
from coursekit.training.evaluate import cross_entropy, evaluate, predict
from coursekit.training.model import Model, activations, as_model
from coursekit.training.recipe import (
    Diagnosis,
    Verdict,
    check_initial_loss,
    crank_regularizer,
    diagnose,
    find_lr,
    overfit_small_sample,
    try_lrs,
)
from coursekit.training.state import load_state, save_state
from coursekit.training.summary import Summary, summary
from coursekit.training.trainer import Trainer, is_weight

__all__ = [
    "ActivationStats",
    "Callback",
    "Checkpoint",
    "DeadUnits",
    "Diagnosis",
    "DivergenceGuard",
    "EarlyStopping",
    "Ensemble",
    "GradientStats",
    "History",
    "LivePlot",
    "Model",
    "ProgressBar",
    "PruningMasks",
    "Snapshots",
    "Stop",
    "Summary",
    "Trainer",
    "UpdateRatio",
    "Verdict",
    "WeightAveraging",
    "activations",
    "as_model",
    "augmentation",
    "check_initial_loss",
    "crank_regularizer",
    "cross_entropy",
    "diagnose",
    "evaluate",
    "find_lr",
    "is_weight",
    "load_average",
    "load_state",
    "overfit_small_sample",
    "predict",
    "remeasure_batchnorm",
    "save_state",
    "summary",
    "try_lrs",
]
