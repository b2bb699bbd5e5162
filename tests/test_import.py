"""Does `import coursekit` need NumPy alone, and load nothing that is not asked for?"""

import subprocess
import sys

import pytest

import coursekit

# Only the standard library, NumPy and coursekit itself may be found.
ONLY_NUMPY = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in sys.stdlib_module_names and top not in ("numpy", "coursekit"):
            raise ModuleNotFoundError(f"{name} is blocked", name=name)

for name in [n for n in sys.modules if n.partition(".")[0] in ("torch", "matplotlib", "sklearn")]:
    raise SystemExit(f"{name} was loaded before the test")
sys.meta_path.insert(0, Blocked())
"""


def run_alone(program: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", ONLY_NUMPY + program], capture_output=True, text=True
    )


@pytest.mark.parametrize("module", ["coursekit", "coursekit.numpy_ref"])
def test_import_needs_numpy_alone(module):
    program = (
        f"import {module}\n"
        "loaded = {name.partition('.')[0] for name in sys.modules}\n"
        "assert not loaded & {'torch', 'matplotlib', 'sklearn', 'ipywidgets'}, loaded\n"
    )
    done = run_alone(program)
    assert done.returncode == 0, done.stderr


def test_import_of_the_package_does_not_even_load_numpy():
    done = run_alone("import coursekit\nassert 'numpy' not in sys.modules")
    assert done.returncode == 0, done.stderr


def test_the_block_of_other_packages_works():
    done = run_alone("import torch")
    assert done.returncode == 1 and "torch is blocked" in done.stderr


def test_numpy_ref_does_not_import_torch_where_it_could():
    program = "import sys, coursekit.numpy_ref\nassert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True)


def test_a_misspelt_part_names_the_parts():
    with pytest.raises(AttributeError, match=r"no part 'typo'.*numpy_ref, pretrained, torch_ref"):
        coursekit.typo  # noqa: B018 - the access itself is the test


def test_parts_are_listed():
    parts = {"check", "data", "explore", "numpy_ref", "pretrained", "torch_ref", "training"}
    assert parts <= set(dir(coursekit))
