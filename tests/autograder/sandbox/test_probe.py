"""Does the doctor tell what works here, and why the rest does not?"""

import errno
import os
import subprocess
import sys
import warnings

import pytest

from autograder import sandbox
from autograder.sandbox import landlock, limits, namespaces, privileges, probe, seccomp
from autograder.sandbox.kernel import Unavailable
from tests.autograder.sandbox.children import needs


def outcome(layer: str, tmp_path) -> str:
    with warnings.catch_warnings():  # Python 3.12 warns when the test runner has threads
        warnings.simplefilter("ignore", DeprecationWarning)
        return probe._outcome(layer, tmp_path)


def test_every_layer_has_an_answer_and_the_answer_cannot_be_spoilt():
    answer = sandbox.available()
    assert tuple(answer) == sandbox.LAYERS
    answer.clear()
    assert tuple(sandbox.available()) == sandbox.LAYERS


def missing(*_arguments, **_options):
    raise Unavailable("It is not here.")


def refusing(*_arguments, **_options):
    raise PermissionError(errno.EPERM, "not allowed")


def idle(*_arguments, **_options):
    """A layer that does nothing."""
    return frozenset()


def crash(*_arguments, **_options):
    os._exit(3)


LAYERS = [
    ("limits", limits, "apply"),
    ("no_new_privileges", privileges, "no_new_privileges"),
    ("landlock", landlock, "restrict"),
    ("seccomp", seccomp, "restrict"),
    ("namespaces", namespaces, "enter"),
    pytest.param("unprivileged_user", privileges, "drop", marks=needs("unprivileged_user")),
]


@pytest.mark.parametrize(("layer", "module", "function"), LAYERS)
def test_a_layer_that_is_missing_fails_does_nothing_or_crashes_is_told(
    layer, module, function, tmp_path, monkeypatch
):
    told = {}
    for how in (missing, refusing, idle, crash):
        monkeypatch.setattr(module, function, how)
        folder = tmp_path / how.__name__
        folder.mkdir()
        told[how.__name__] = outcome(layer, folder)
    assert told["missing"] == "It is not here."
    assert told["refusing"] == "Its trial failed: PermissionError: [Errno 1] not allowed."
    assert told["idle"].endswith(".") and "trial" not in told["idle"]
    assert told["crash"] == "Its trial ended with status 3."


def test_an_ordinary_user_is_told_that_only_root_has_uids_to_give(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert outcome("unprivileged_user", tmp_path).startswith("Only root")


def test_a_trial_that_cannot_start_is_told_for_every_layer(monkeypatch):
    monkeypatch.setattr(probe, "_TRY", "raise SystemExit('no interpreter')")
    answer = probe._available.__wrapped__()
    assert set(answer.values()) == {"The trial of the sandbox failed: no interpreter."}


def test_other_systems_import_it_and_are_told_what_they_lack():
    """What the modules do at their import must not need Linux."""
    code = (
        "import sys; sys.platform = 'darwin'\n"
        "from pathlib import Path\n"
        "from autograder.sandbox import Unavailable, landlock, privileges, seccomp, namespaces\n"
        "assert privileges.uid_for(0) is None\n"
        "for layer in (privileges.no_new_privileges, lambda: landlock.restrict([], []),\n"
        "              lambda: privileges.drop(None, None), privileges.die_with_parent):\n"
        "    try: layer()\n"
        "    except Unavailable as error: print(error)\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    sentence = "It needs the Linux kernel, and this is darwin."
    assert run.stdout.splitlines() == [sentence] * 4, run.stderr
