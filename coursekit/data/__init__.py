"""Data sets: digits, points and drawn cars, which need no network, and CIFAR-10, fetched once.

>>> from coursekit.data import digits, moons, spirals
>>> len(digits("train")), len(moons("train")), len(spirals("validation"))
(1197, 200, 200)
"""

from coursekit.data.cifar10 import cifar10
from coursekit.data.dataset import Dataset
from coursekit.data.digits import digits
from coursekit.data.points import moons, spirals
from coursekit.data.vehicles import draw_vehicle, vehicles

__all__ = ["Dataset", "cifar10", "digits", "draw_vehicle", "moons", "spirals", "vehicles"]
