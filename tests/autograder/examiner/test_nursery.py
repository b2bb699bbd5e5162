"""Does a nursery start while its packages are still made, say why not, and leave nothing?"""

import os
import signal

import psutil
import pytest

from autograder.examiner.candidate import InfrastructureError
from autograder.examiner.nursery import Nursery
from tests.autograder.examiner.conftest import LAYERS, SECONDS


def children() -> list[psutil.Process]:
    return psutil.Process().children(recursive=True)


def test_what_is_ours_comes_from_the_candidates_packages_all_else_as_it_is(library, tmp_path):
    with Nursery(warm=["numpy", "coursekit.check"], folder=tmp_path) as nursery:
        nursery.open(library, layers=LAYERS)
        candidate = nursery.candidate(seconds=SECONDS)
        places = "[sys.modules[name].__file__ for name in ('coursekit.check', 'numpy')]"
        _, outputs = candidate.run(
            f"import sys\n[p.startswith({str(library)!r}) for p in {places}]"
        )
        candidate.end()
    assert outputs[0]["data"]["text/plain"] == "[True, False]"


@pytest.mark.parametrize("module", ["no_such_module", "coursekit.no_such_module"])
def test_one_that_cannot_import_says_so(library, tmp_path, module):
    before = children()
    nursery = Nursery(warm=[module], folder=tmp_path)
    with pytest.raises(InfrastructureError, match=f"No module named '{module}'"):
        nursery.open(library, layers=LAYERS)
    assert (children(), list(tmp_path.iterdir())) == (before, [])


def test_one_that_was_killed_before_it_was_told_anything_is_no_students_doing(library, tmp_path):
    before = children()
    nursery = Nursery(folder=tmp_path)
    (process,) = set(children()) - set(before)
    os.kill(process.pid, signal.SIGKILL)
    with pytest.raises(InfrastructureError, match="did not start"):
        nursery.open(library, layers=LAYERS)
    assert list(tmp_path.iterdir()) == []


def test_one_that_is_closed_before_it_is_opened_leaves_nothing(tmp_path):
    before = children()
    Nursery(warm=["numpy"], folder=tmp_path).close()
    assert (children(), list(tmp_path.iterdir())) == (before, [])


def test_the_list_of_fonts_that_this_user_has_is_not_made_again(tmp_path, monkeypatch):
    cache, folder = tmp_path / "cache", tmp_path / "nursery"
    for place in (cache, folder):
        place.mkdir()
    (cache / "fontlist-v1.json").write_text("{}", encoding="utf-8")
    monkeypatch.setenv("MPLCONFIGDIR", str(cache))
    with Nursery(folder=folder):
        assert [path.read_text(encoding="utf-8") for path in folder.rglob("fontlist-v1.json")]


def test_one_whose_examiner_was_killed_ends_by_itself(tmp_path):
    before = children()
    nursery = Nursery(folder=tmp_path)
    (process,) = set(children()) - set(before)
    nursery._process.stdin.close()  # pyright: ignore[reportOptionalMemberAccess]
    assert nursery._process.wait(timeout=60) == 0
    assert not process.is_running()
    nursery.close()
