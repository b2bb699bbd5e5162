"""What can watch a run, and change it: one file a kind."""

from coursekit.training.callbacks.base import Callback, Record, Stop
from coursekit.training.callbacks.checkpoint import Checkpoint
from coursekit.training.callbacks.guards import DivergenceGuard, EarlyStopping, diverges
from coursekit.training.callbacks.history import History
from coursekit.training.callbacks.progress import ProgressBar

__all__ = [
    "Callback",
    "Checkpoint",
    "DivergenceGuard",
    "EarlyStopping",
    "History",
    "ProgressBar",
    "Record",
    "Stop",
    "diverges",
]
