"""Long runs: scripts, each with its results in a small file that book and tests read.

>>> from experiments import load
>>> sorted(load("overfit_20"))
['data', 'experiment', 'parts', 'summary', 'versions']
"""

from experiments._run import Experiment, folder, load

__all__ = ["Experiment", "folder", "load"]
