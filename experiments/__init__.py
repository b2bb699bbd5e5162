"""Long runs: scripts, each with its results in a small file that book and tests read.

>>> from experiments import load
>>> sorted(load("update_ratio"))
['data', 'experiment', 'parts', 'summary', 'versions']
"""

from experiments._run import Experiment, folder, load

__all__ = ["Experiment", "folder", "load"]
