"""The candidate library: what a student's code may import while it is marked.

It is a folder with a copy of coursekit in which the answers of a lab are missing, and with the
parts of autograder that a candidate process runs. The real coursekit is not needed beside it.
"""

from autograder.library.build import build_library
from autograder.library.rule import withheld

__all__ = ["build_library", "withheld"]
