"""What can watch a run, and change it: one file a kind."""

from coursekit.training.callbacks.averaging import WeightAveraging
from coursekit.training.callbacks.base import Callback, Record, Stop
from coursekit.training.callbacks.checkpoint import Checkpoint
from coursekit.training.callbacks.guards import DivergenceGuard, EarlyStopping, diverges
from coursekit.training.callbacks.history import History
from coursekit.training.callbacks.live_plot import LivePlot
from coursekit.training.callbacks.probes import ActivationStats, DeadUnits
from coursekit.training.callbacks.progress import ProgressBar
from coursekit.training.callbacks.pruning import PruningMasks
from coursekit.training.callbacks.snapshots import Snapshots
from coursekit.training.callbacks.steps import GradientStats, UpdateRatio

__all__ = [
    "ActivationStats",
    "Callback",
    "Checkpoint",
    "DeadUnits",
    "DivergenceGuard",
    "EarlyStopping",
    "GradientStats",
    "History",
    "LivePlot",
    "ProgressBar",
    "PruningMasks",
    "Record",
    "Snapshots",
    "Stop",
    "UpdateRatio",
    "WeightAveraging",
    "diverges",
]
