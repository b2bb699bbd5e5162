"""Searching, averaging and pruning, which have chapters and experiments of their own."""

import numpy as np

from experiments._run import load
from experiments.deck_numbers.number import LAST_DIGIT, Number, between, mean_between

PRUNED = "LeNet-300-100"


def best_found() -> float:
    """The best validation accuracy of the fine search on CIFAR-10, in percent."""
    (search,) = load("coarse_to_fine")["summary"]["CIFAR-10"]["searches"]
    return 100 * search["fine"]["validation_accuracy"]


def gains_of_five() -> list[float]:
    """By how many points five nets together are better than one of them, on average: (groups,)."""
    groups = [part["result"] for part in load("ensembles")["parts"].values()]
    return [
        group["five nets"]["accuracy"] - np.mean([one["accuracy"] for one in group["members"]])
        for group in groups
    ]


def increases_of_error() -> list[float]:
    """Test error after pruning and retraining less that before, in points: (seeds,)."""
    runs = [p["result"] for name, p in load("pruning")["parts"].items() if name.startswith(PRUNED)]
    return [
        step["test"] - run["before"]["test"]
        for run in runs
        for step in run["steps"]
        if "test" in step  # measured at the decks' number of weights alone
    ]


NUMBERS = (
    Number(
        "K2",
        "R, M, S",
        "coarse, then fine random search, 50 hidden units on CIFAR-10: best validation accuracy",
        "53%",
        best_found,
        between(50, 60, "at least 50%"),
        "Luck has a part in a random search of a few trials; the deck's ranges and number of "
        "trials in the end are its own.",
        source="coarse_to_fine",
        form="{:.1f}%",
    ),
    Number(
        "L1",
        "R, T",
        "five independent nets together: gain of test accuracy over one of them, in points",
        "about 2",
        gains_of_five,
        mean_between(0.5, 3.5, "0.5 to 3.5 for the mean of the groups"),
        "Words in the decks. How much there is to gain depends on how good one net is, and how "
        "different the five are.",
        source="ensembles",
        seeds=True,
        form="{:.1f}",
    ),
    Number(
        "N2",
        "R",
        f"{PRUNED}: times fewer weights after pruning",
        "12",
        lambda: load("pruning")["summary"]["table"][PRUNED]["times fewer"],
        LAST_DIGIT,
        "We prune to the deck's 22K.",
        source="pruning",
        form="{:.1f}",
    ),
    Number(
        "N2",
        "R",
        "… and increase of the test error, in points",
        "none",
        increases_of_error,
        mean_between(-0.5, 0.5, "0.5 for the mean of the seeds"),
        "On the digits of scikit-learn, not on MNIST: 300 test pictures, so one is 0.33 points.",
        source="pruning",
        seeds=True,
        form="{:.2f}",
    ),
)
