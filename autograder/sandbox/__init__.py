"""The layers that hold a candidate, strongest first where the system has them.

Every layer raises `Unavailable` rather than doing less than it says; `available()` asks all.
"""

from . import landlock, limits, namespaces, privileges, seccomp
from .kernel import Unavailable
from .probe import LAYERS, available

__all__ = [
    "LAYERS",
    "Unavailable",
    "available",
    "landlock",
    "limits",
    "namespaces",
    "privileges",
    "seccomp",
]
