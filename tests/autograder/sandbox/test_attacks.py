"""Does every attack work in the open, and fail behind each layer that should stop it alone?"""

import os

import pytest

from autograder.sandbox.kernel import call
from tests.autograder.sandbox.attacks import ATTACKS, ROOT_ONLY, Attack, Target, mount
from tests.autograder.sandbox.children import Outcome, behind, candidate, child, needs

PAIRS = [
    pytest.param(attack, layer, marks=needs(layer), id=f"{attack.__name__}-{layer}")
    for attack, layers in ATTACKS.items()
    for layer in layers
]


ROOT = os.geteuid() == 0


def in_the_open(attack: Attack, target: Target) -> Outcome:
    """With no layer; root's mounts stay in a mount namespace that ends with the child."""

    def action() -> object:
        if attack is mount:
            call("unshare", 0x20000)
            call("mount", None, b"/", None, 0x4000 | 0x40000, None)
        return attack(target)

    return child(action)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda a: a.__name__)
def test_an_attack_works_in_the_open_and_fails_in_the_sandbox(attack: Attack, target: Target):
    inside = candidate(target.scratch, lambda: attack(target))
    outside = in_the_open(attack, target)
    assert outside.worked or (attack in ROOT_ONLY and not ROOT), outside.details
    assert inside.refused, inside


@pytest.mark.parametrize(("attack", "layer"), PAIRS)
def test_a_layer_stops_the_attack_without_help(attack: Attack, layer: str, target: Target):
    outcome = behind(layer, target.scratch, lambda: attack(target))
    assert outcome.refused, outcome
