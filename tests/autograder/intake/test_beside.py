"""Which files beside the notebook come along to where it runs, and how?"""

import json
from base64 import b64encode
from pathlib import Path

import pytest

from autograder.intake import Intake, IntakeStatus, Role, basket, collect, take_in
from tests.autograder.intake.labs import ANSWERS, TEMPLATE, answers, ids, of, solved, texts
from tests.autograder.intake.test_zips import archive

HELPER = "def half():\n    return 0.5\n"
ANSWER = f"from helpers import half\n{ANSWERS['area']}"


def notebook(answer: str = ANSWER) -> bytes:
    nb = solved()
    of(nb, "area")["source"] = answer
    return json.dumps(nb).encode()


@pytest.fixture
def folder(tmp_path: Path):
    """A function that takes in a folder of these files."""

    def take(files: dict[str, bytes | str]) -> Intake:
        for name, content in files.items():
            path = tmp_path / "lab" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return take_in(collect(tmp_path / "lab"), TEMPLATE)

    return take


def own(intake: Intake) -> list[str]:
    return texts(intake, Role.OWN)


def test_a_module_that_an_answer_imports_is_written_before_all_cells(folder):
    intake = folder({"lab.ipynb": notebook(), "helpers.py": HELPER})
    assert intake.status is IntakeStatus.OK
    assert intake.cells[0].text == f'%%writefile "helpers.py"\n{HELPER}'
    assert answers(intake) == {**ANSWERS, "area": ANSWER}
    assert len({*ids(intake)}) == len(intake.cells)


def test_what_nobody_names_stays_where_it_is(folder):
    files = {"old.py": "1 / 0", "photo.jpg": b"\xff", "notes.txt": "half", "x.zip": archive()}
    intake = folder({"lab.ipynb": notebook(), **files})
    assert own(intake) == [] and intake.status is IntakeStatus.OK


def test_what_only_a_check_of_the_lab_names_stays_where_it_is(folder):
    assert own(folder({"lab.ipynb": notebook(), "check.py": "", "numpy.py": ""})) == []


def test_a_module_that_a_module_imports_comes_along(folder):
    more = "from others import value\n" + HELPER
    found = own(folder({"lab.ipynb": notebook(), "helpers.py": more, "others.py": "value = 1"}))
    assert found == [f'%%writefile "helpers.py"\n{more}', '%%writefile "others.py"\nvalue = 1']


def test_a_package_gets_its_folder(folder):
    files = {"helpers/__init__.py": "", "helpers/core/a.py": HELPER}
    first, second, empty, text = own(folder({"lab.ipynb": notebook(), **files}))
    assert first == '__import__("os").makedirs("helpers", exist_ok=True)'
    assert second == '__import__("os").makedirs("helpers/core", exist_ok=True)'
    assert "write_bytes" in empty and text == f'%%writefile "helpers/core/a.py"\n{HELPER}'


def test_lines_of_windows_are_kept_in_data_and_not_in_python(folder):
    answer = f"{ANSWER}\nopen('my data.csv')"
    files = {"helpers.py": HELPER.replace("\n", "\r\n"), "my data.csv": "a;b\r\n"}
    module, data = own(folder({"lab.ipynb": notebook(answer), **files}))
    assert module == f'%%writefile "helpers.py"\n{HELPER}'
    assert b64encode(b"a;b\r\n").decode() in data


def test_bytes_that_are_no_text_come_as_bytes(folder, tmp_path, monkeypatch):
    (cell,) = own(folder({"lab.ipynb": notebook("open('w.npy')"), "w.npy": b"\x93\x00\xff"}))
    monkeypatch.chdir(tmp_path)
    exec(cell)
    assert (tmp_path / "w.npy").read_bytes() == b"\x93\x00\xff"


def test_files_in_an_archive_are_beside_its_notebook(folder):
    inside = archive(("Übung 9/lab.ipynb", notebook()), ("Übung 9/helpers.py", HELPER))
    assert own(folder({"lab.zip": inside})) == [f'%%writefile "helpers.py"\n{HELPER}']


def test_files_of_another_folder_or_archive_are_not_beside_it(folder):
    files = {"a/lab.ipynb": notebook(), "helpers.py": HELPER, "b/helpers.py": HELPER}
    assert own(folder({**files, "a/x.zip": archive(("helpers.py", HELPER))})) == []


def test_large_files_and_many_files_stay_where_they_are(folder):
    large = b"\xff" * (basket.MAX_BESIDE + 1)
    many = {f"helpers/{n}.txt": "x" for n in range(basket.MAX_NOTEBOOKS + 5)}
    found = own(folder({"lab.ipynb": notebook(), "helpers.bin": large, **many}))
    assert len(found) == 1 + basket.MAX_NOTEBOOKS


def test_all_files_beside_it_together_have_a_limit(folder, monkeypatch):
    monkeypatch.setattr(basket, "MAX_ALL_BESIDE", 5)
    files = {"helpers.a": "123", "helpers.b": "4567", "helpers.c": "89"}
    answer = "'helpers.a', 'helpers.b', 'helpers.c'"
    written = own(folder({"lab.ipynb": notebook(answer), **files}))
    assert [text.split('"')[1] for text in written] == ["helpers.a", "helpers.c"]


def test_a_name_that_could_be_more_than_a_name_is_left(folder):
    answer = "'''a$b.py a{b}.py a;b.py .. helpers'''"
    files = {"a$b.py": HELPER, "a{b}.py": HELPER, 'a"b.py': HELPER, "a;b.py": HELPER}
    assert own(folder({"lab.ipynb": notebook(answer), **files})) == []


def test_a_script_in_place_of_a_notebook_is_not_beside_itself(folder):
    script = "# helpers\n" + "\n\n".join(ANSWERS.values())
    assert own(folder({"helpers.py": script})) == []


def test_another_notebook_comes_along_where_it_is_run_and_is_not_told(folder):
    other = json.dumps({"cells": [], "metadata": {}, "x": "print(1)"}).replace("[]", '[{"a": 1}]')
    files = {"other.ipynb": other, "area-Copy1.ipynb": other}
    intake = folder({"lab.ipynb": notebook(f"%run other.ipynb\n{ANSWERS['area']}"), **files})
    assert own(intake) == [f'%%writefile "other.ipynb"\n{other}']
    assert not any("other.ipynb" in note for note in intake.notes)
