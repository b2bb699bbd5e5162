"""All cases."""

from tests.autograder.corpus import (
    broken,
    files,
    honest,
    hostile_pipe,
    hostile_tricks,
    hostile_words,
    hostile_world,
)

CASES = [
    *broken.CASES,
    *honest.CASES,
    *files.CASES,
    *hostile_tricks.CASES,
    *hostile_world.CASES,
    *hostile_pipe.CASES,
    *hostile_words.CASES,
]
