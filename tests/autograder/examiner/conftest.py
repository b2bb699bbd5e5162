"""One nursery for all tests of the examiner, and a candidate for each."""

import pytest

from autograder.examiner.nursery import Nursery
from autograder.library import build_library
from autograder.sandbox import available

LAYERS = [layer for layer, problem in available().items() if not problem]
SECONDS = 5.0  # for an answer; one that is never to come has a limit of its own


@pytest.fixture(scope="session")
def library(tmp_path_factory):
    """The candidates' packages, for a lab that asks for l2_penalty."""
    return build_library(["l2_penalty"], into=tmp_path_factory.mktemp("library"))


@pytest.fixture(scope="session")
def nursery(library):
    """A nursery with all layers that this machine has."""
    with Nursery(warm=["numpy", "matplotlib.pyplot"]) as nursery:
        nursery.open(library, layers=LAYERS)
        yield nursery


@pytest.fixture(scope="session")
def torch_nursery(library):
    """A nursery for labs with PyTorch."""
    warm = ["numpy", "torch", "torch._dynamo", "autograder.wire.pytorch.sharing"]
    with Nursery(warm=warm) as nursery:
        nursery.open(library, layers=LAYERS)
        yield nursery


@pytest.fixture
def torch_candidate(torch_nursery):
    """A new candidate of that nursery, ended after the test."""
    candidate = torch_nursery.candidate(seconds=4 * SECONDS)
    yield candidate
    candidate.end()


@pytest.fixture
def candidate(nursery):
    """A new candidate, ended after the test."""
    candidate = nursery.candidate(seconds=SECONDS)
    yield candidate
    candidate.end()
