"""Data sets that need no network: handwritten digits, and points in the plane.

>>> from coursekit.data import digits, moons, spirals
>>> len(digits("train")), len(moons("train")), len(spirals("validation"))
(1197, 200, 200)
"""

from coursekit.data.dataset import Dataset
from coursekit.data.digits import digits
from coursekit.data.points import moons, spirals

__all__ = ["Dataset", "digits", "moons", "spirals"]
