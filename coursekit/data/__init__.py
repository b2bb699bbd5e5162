"""Data sets: digits, points and drawn cars, which need no network, and CIFAR-10, fetched once.

>>> from coursekit.data import digits, moons, polynomial
>>> len(digits("train")), len(moons("train")), len(polynomial("validation"))
(1197, 200, 10)
"""

from coursekit.data.cifar10 import cifar10
from coursekit.data.dataset import Dataset
from coursekit.data.digits import digits
from coursekit.data.points import moons, spirals
from coursekit.data.polynomial import polynomial
from coursekit.data.vehicles import draw_vehicle, vehicles

__all__ = [
    "Dataset",
    "cifar10",
    "digits",
    "draw_vehicle",
    "moons",
    "polynomial",
    "spirals",
    "vehicles",
]
