"""Do a student's cells behave as in a notebook, with nothing of the machine behind them?"""

import pytest

from autograder.candidate.outputs import MOST_CHARACTERS


def run(candidate, source: str):
    success, outputs = candidate.run(source)
    return success, outputs


def text_of(outputs) -> str:
    return "".join(o.get("text", "") + o.get("data", {}).get("text/plain", "") for o in outputs)


def test_prints_displays_and_the_last_value_come_in_order(candidate):
    source = "from IPython.display import display\nprint('a')\ndisplay(1)\nprint('b')\n2"
    success, outputs = run(candidate, source)
    assert success
    kinds = [(o["output_type"], text_of([o]).strip()) for o in outputs]
    assert kinds == [
        ("stream", "a"), ("display_data", "1"), ("stream", "b"), ("execute_result", "2"),
    ]  # fmt: skip


def test_names_stay_from_cell_to_cell(candidate):
    run(candidate, "a = 20")
    assert text_of(run(candidate, "a + 1")[1]) == "21"


def test_an_error_shows_where_and_the_next_cell_runs(candidate):
    success, (output,) = run(candidate, "def g():\n    return 1 / 0\ng()")
    assert not success
    assert output["ename"] == "ZeroDivisionError"
    assert any("return 1 / 0" in line for line in output["traceback"])
    assert run(candidate, "1")[0]


def test_a_syntax_error_is_an_error_of_the_cell(candidate):
    success, (output,) = run(candidate, "def f(:\n    pass")
    assert not success
    assert output["ename"] == "SyntaxError"


def test_pictures_come_inline(candidate):
    source = "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 3, 2]);"
    success, outputs = run(candidate, source)
    assert success
    assert any(o.get("data", {}).get("image/png", "").startswith("iVBOR") for o in outputs)


@pytest.mark.parametrize("magic", ["%time x = 1", "%%time\nx = 1", "%timeit -n1 -r1 1", "%who"])
def test_harmless_magics_work(candidate, magic):
    assert run(candidate, magic)[0]


@pytest.mark.parametrize("command", ["!ls", "x = !ls", "%%bash\nls", "%pip install x", "%sx ls"])
def test_commands_of_the_system_are_refused_with_a_note(candidate, command):
    success, outputs = run(candidate, command)
    assert success
    assert "do not run where work is marked" in text_of(outputs)


def test_input_says_that_nobody_is_there(candidate):
    success, outputs = run(candidate, "input('name? ')")
    assert not success
    assert "nobody can answer" in outputs[-1]["evalue"]


def test_output_is_cut_and_the_cell_goes_on(candidate):
    success, outputs = run(candidate, "for i in range(10**5): print('x' * 50)\ndone = 1")
    assert success
    assert MOST_CHARACTERS < len(text_of(outputs)) < MOST_CHARACTERS + 100
    assert "was cut" in text_of(outputs)
    assert run(candidate, "done")[0]


def test_a_value_that_is_too_large_to_show_is_cut(candidate):
    _, outputs = run(candidate, "'y' * 10**6")
    assert len(text_of(outputs)) < MOST_CHARACTERS + 100


def test_nothing_of_the_grader_is_in_the_environment(candidate):
    _, outputs = run(candidate, "import os, sys\nprint(sorted(os.environ), sys.argv, sys.path)")
    shown = text_of(outputs)
    for word in ("COURSEKIT", "PYTEST", "VIRTUAL_ENV", "class/source"):
        assert word not in shown


def test_a_folder_to_write_in_is_there_and_home_is_not_the_graders(candidate):
    source = (
        "from pathlib import Path\nPath('a.txt').write_text('x')\nprint(Path('a.txt').read_text())"
    )
    success, outputs = run(candidate, source)
    assert success, outputs
    assert text_of(outputs) == "x\n"


def test_tracebacks_name_modules_without_the_place_where_they_are(candidate):
    _, (output,) = run(candidate, "import numpy as np\nnp.linalg.inv(np.zeros((2, 2)))")
    trace = "\n".join(output["traceback"])
    assert "File numpy/linalg/" in trace
    assert "site-packages" not in trace
