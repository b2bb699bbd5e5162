"""Is the examiner's process the same for each submission, whatever the tests before have done?"""

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.autograder.examiner.labs import lab_of

SETUP = """
import os, sys
import numpy as np
import matplotlib.pyplot as plt
from decimal import Decimal
"""
LEAKS = {
    "np.seterr(all='raise')": lambda: np.geterr()["divide"] == "warn",
    "np.set_printoptions(precision=2)": lambda: np.get_printoptions()["precision"] == 8,
    "np.random.rand = print": lambda: np.random.rand is not print,
    "import numpy.random as r\nr.rand = print": lambda: np.random.rand is not print,
    "def fake():\n    np.pi = 3\nfake()": lambda: np.pi > 3,
    "np.extra = 3": lambda: not hasattr(np, "extra"),
    "del np.e": lambda: hasattr(np, "e"),
    "os.environ['LAB'] = '1'": lambda: "LAB" not in os.environ,
    "del os.environ['PATH']": lambda: "PATH" in os.environ,
    "sys.path.insert(0, 'there')": lambda: "there" not in sys.path,
    "os.chdir('/')": lambda: Path.cwd() != Path("/"),
    "plt.figure()": lambda: not sys.modules["matplotlib.pyplot"].get_fignums(),
    "plt.rcParams['lines.linewidth'] = 9": (
        lambda: sys.modules["matplotlib.pyplot"].rcParams["lines.linewidth"] < 9
    ),
}


@pytest.mark.parametrize("leak", LEAKS)
def test_what_a_test_changes_is_as_before_for_the_next_submission(leak):
    lab = lab_of(("locked", SETUP), ("a", f"x = Decimal(1)\n{leak}"))
    assert LEAKS[leak]()
    with lab.sitting():
        lab.tests["a"].run(lab.space(lab.tests["a"]))
        assert not LEAKS[leak]()
    assert LEAKS[leak]()


def test_what_others_change_between_submissions_is_left_alone(monkeypatch):
    lab = lab_of(("a", ""))
    monkeypatch.setenv("LAB", "1")
    with lab.sitting():
        assert os.environ["LAB"] == "1"
    assert os.environ["LAB"] == "1"


def test_pictures_that_were_open_stay_open():
    import matplotlib.pyplot as plt

    lab, picture = lab_of(("locked", SETUP), ("a", "")), plt.figure()
    with lab.sitting():
        plt.figure()
    assert plt.get_fignums() == [picture.number]  # pyright: ignore
    plt.close(picture)
