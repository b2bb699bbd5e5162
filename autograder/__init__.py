"""Build labs from lessons, release them, grade a class, and report: see `autograder --help`."""
