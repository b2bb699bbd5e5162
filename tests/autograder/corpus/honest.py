"""Honest work, right in many ways: each must get what it deserves."""

import json
from pathlib import Path

from autograder.course import Course
from autograder.lesson import answers, read_lesson
from autograder.results import Status
from autograder.verify import load_variants
from tests.autograder.conftest import ROOT
from tests.autograder.corpus.case import L2, RIGHT, WHOLE, Case, Notebook, on_disk

LAB = Course(ROOT).lab(WHOLE)
VARIANTS, ANSWERS = load_variants(LAB), answers(read_lesson(LAB.lesson))
R = "    return 0.5 * weight_decay * np.sum(w**2), weight_decay * w\n"
HEAD = "def l2_penalty(w, *, weight_decay):\n"

STYLES = {
    "lambda": "l2_penalty = lambda w, *, weight_decay: (\n"
    "    0.5 * weight_decay * (w**2).sum(), weight_decay * w)",
    "object with __call__": f"class Penalty:\n    def __call__(self, w, weight_decay):\n    {R}\n"
    "l2_penalty = Penalty()",
    "static method": "class L2:\n    @staticmethod\n"
    f"    def of(w, *, weight_decay):\n    {R}\nl2_penalty = L2.of",
    "bound method": f"class L2:\n    def of(self, w, *, weight_decay):\n    {R}\n"
    "l2_penalty = L2().of",
    "class that is a tuple": "class l2_penalty(tuple):\n    def __new__(cls, w, *, weight_decay):\n"
    "        return tuple.__new__(cls, (0.5 * weight_decay * np.sum(w**2), weight_decay * w))",
    "named tuple": "from collections import namedtuple\nPair = namedtuple('Pair', 'loss dw')\n"
    f"{HEAD}    return Pair(0.5 * weight_decay * np.sum(w**2), weight_decay * w)",
    "type annotations": "from __future__ import annotations\nimport numpy.typing as npt\n"
    "def l2_penalty(\n    w: npt.NDArray[np.float64], *, weight_decay: float\n"
    ") -> tuple[float, npt.NDArray]:\n" + R,
    "partial": "from functools import partial\ndef penalty(scale, w, *, weight_decay):\n"
    "    return scale * weight_decay * np.sum(w**2), weight_decay * w\n"
    "l2_penalty = partial(penalty, 0.5)",
    "decorator": "import functools\ndef logged(f):\n    @functools.wraps(f)\n"
    "    def g(*args, **kwargs):\n        print('called', f.__name__)\n"
    f"        return f(*args, **kwargs)\n    return g\n@logged\n{HEAD}{R}",
    "lru_cache on a helper": "from functools import lru_cache\n@lru_cache(maxsize=None)\n"
    f"def half(x):\n    return x / 2\n{HEAD}"
    "    return half(weight_decay) * np.sum(w**2), weight_decay * w",
    "recursion": "def total(values):\n"
    "    return values[0]**2 + total(values[1:]) if len(values) else 0.0\n"
    f"{HEAD}    return 0.5 * weight_decay * total(list(w.ravel())), weight_decay * w",
    "generator expression": f"{HEAD}"
    "    return 0.5 * weight_decay * sum(v * v for v in w.flat), weight_decay * w",
    "nested lists": f"{HEAD}"
    "    return 0.5 * weight_decay * np.sum(w**2), (weight_decay * w).tolist()",
    "matrix": f"{HEAD}    dw = weight_decay * w\n"
    "    return 0.5 * weight_decay * np.sum(w**2), np.asmatrix(dw) if w.ndim == 2 else dw",
    "masked array": f"{HEAD}"
    "    return 0.5 * weight_decay * np.sum(w**2), np.ma.masked_array(weight_decay * w)",
    "own array class": "class Grad(np.ndarray):\n    pass\n"
    f"{HEAD}    return 0.5 * weight_decay * np.sum(w**2), (weight_decay * w).view(Grad)",
    "own number class": "class Loss(float):\n    pass\n"
    f"{HEAD}    return Loss(0.5 * weight_decay * np.sum(w**2)), weight_decay * w",
    "float32": f"{HEAD}"
    "    return np.float32(0.5 * weight_decay * np.sum(w**2)), (weight_decay * w).astype('f')",
    "long double": f"{HEAD}    w = w.astype(np.longdouble)\n{R}",
    "other byte order": f"{HEAD}"
    "    return 0.5 * weight_decay * np.sum(w**2), (weight_decay * w).astype('>f8')",
    "Fortran order": f"{HEAD}"
    "    return 0.5 * weight_decay * np.sum(w**2), np.asfortranarray(weight_decay * w)",
    "loss as an array of one number": f"{HEAD}"
    "    return np.array(0.5 * weight_decay * np.sum(w**2)), weight_decay * w",
    "Fraction inside": "from fractions import Fraction\n"
    f"{HEAD}    return float(Fraction(1, 2)) * weight_decay * np.sum(w**2), weight_decay * w",
    "threads that end": "from concurrent.futures import ThreadPoolExecutor\n"
    f"{HEAD}    with ThreadPoolExecutor(2) as pool:\n"
    "        squares = sum(pool.map(lambda v: v * v, w.ravel()))\n"
    "    return 0.5 * weight_decay * squares, weight_decay * w",
    "warnings": "import warnings, sys\n"
    f"{HEAD}    warnings.warn('mind the units')\n    print('error?', file=sys.stderr)\n"
    f"    np.array([1.0]) / 0\n{R}",
    "prints a lot": f"{HEAD}    for i in range(100):\n        print(i, w)\n{R}",
    "context manager": "import contextlib\n@contextlib.contextmanager\ndef quiet():\n    yield\n"
    f"{HEAD}    with quiet(), np.errstate(all='ignore'):\n    {R}",
    "assert of its own": f"{HEAD}    assert weight_decay >= 0, 'negative'\n{R}",
    "coursekit's other parts": "from coursekit.numpy_ref import relu_forward\n"
    f"{HEAD}    both = [np.asarray(relu_forward(s * w)[0]) for s in (1, -1)]\n"
    "    return 0.5 * weight_decay * sum(np.sum(b**2) for b in both), weight_decay * w",
    "a file of its own": "from pathlib import Path\n"
    "Path('half.txt').write_text('0.5')\n"
    f"{HEAD}    half = float(Path('half.txt').read_text())\n"
    "    return half * weight_decay * np.sum(w**2), weight_decay * w",
    "the name of the user": f"import getpass\ngetpass.getuser()\n{HEAD}{R}",
    "magics": "%matplotlib inline\n%time\n%load_ext autoreload\n%autoreload 2\n" + RIGHT,
    "cell magic": "%%time\n" + RIGHT,
    "shell command before": "!pip install numpy\n%pip install numpy\n" + RIGHT,
    "unicode names": "def l2_penalty(w, *, weight_decay):\n    λ, Σ = weight_decay, np.sum\n"
    "    return λ / 2 * Σ(w**2), λ * w",
    "tabs and blank lines": "\n\n\ndef l2_penalty(w, *, weight_decay):\n"
    "\treturn 0.5 * weight_decay * np.sum(w**2), weight_decay * w\n\n\n",
    "ends in a value": RIGHT + "\nl2_penalty(np.array([3.0, -4.0]), weight_decay=0.1)",
}

_PLOT = "import matplotlib.pyplot as plt\nplt.plot([1, 2, 3])\nplt.title('loss')\nplt.show()"


_OTHERS = [name for name in ANSWERS if name not in (L2, "dropout_forward")]


def _others(number: int) -> dict[str, str]:
    """A right variant of every exercise whose answer stands alone."""
    right = {name: VARIANTS.RIGHT[name] for name in _OTHERS}
    return {name: v[number % len(v)].apply(ANSWERS[name]) for name, v in right.items()}


def _forward(name: str) -> dict[str, str]:
    chosen = next(v for v in VARIANTS.RIGHT["dropout_forward"] if v.name == name)
    return {"dropout_forward": chosen.apply(ANSWERS["dropout_forward"])}


_IMPORTS_HALF = "from mine import half\n" + RIGHT.replace("0.5", "half()")
_READS_HALF = "import numpy as np\ndef half():\n    return np.loadtxt('data/half.csv').item()\n"


def _with_files(folder: Path, nb: Notebook) -> None:
    """A module beside the notebook that reads data, an export and a photo."""
    (folder / "data").mkdir()
    (folder / "01_small.ipynb").write_text(json.dumps(nb), encoding="utf-8")
    (folder / "mine.py").write_text(_READS_HALF, encoding="utf-8")
    (folder / "data" / "half.csv").write_text("0.5\r\n", encoding="utf-8")
    (folder / "photo.jpg").write_bytes(b"\xff\xd8")
    (folder / "export.py").write_text(f"{RIGHT}\n1 / 0\n", encoding="utf-8")


CASES = [
    Case("perfect"),
    Case("files beside the notebook", _IMPORTS_HALF, make=on_disk(_with_files)),
    Case(
        "a module that a cell has written",
        _IMPORTS_HALF,
        before=("%%writefile mine.py\ndef half():\n    return 0.5\n",),
    ),
    *(Case(f"right: {v.name}", v.apply(ANSWERS[L2])) for v in VARIANTS.RIGHT[L2]),
    *(Case(f"style: {name}", text) for name, text in STYLES.items()),
    Case("an error after the definition", RIGHT + "\nraise ValueError('later')", says="later"),
    Case("a helper in a free cell", before=("half = 0.5",), answer=RIGHT.replace("0.5", "half")),
    Case("prints half a surrogate pair", RIGHT + "\nprint('\\ud800')\n", says="ud800"),
    Case("plots and shows", after=(_PLOT,), says="image/png"),
    Case("an error in a free cell", before=("1 / 0",), says="ZeroDivisionError"),
    Case("ends the kernel in a free cell", before=("exit()\nquit(keep_kernel=True)", "exit")),
    Case("ends the kernel before the answer", f"exit(0)\n{RIGHT}", says="Nothing ends with exit"),
    Case("asks for input in a free cell", before=("input('Name? ')",), says="nobody can answer"),
    Case("defined in a free cell", answer="# see above", before=(RIGHT,)),
    Case("runs the check itself", after=("check.l2_penalty(l2_penalty)\nprint('done')",)),
    Case(
        "runs a copy of the test", status=Status.REPAIRED, after=("check.l2_penalty(l2_penalty)",)
    ),
    Case("asks IPython", before=("get_ipython().run_line_magic('whos', '')\nIn, Out, _",)),
    Case("the whole lab: perfect", lab=WHOLE),
    *(Case(f"the whole lab: right {n}", lab=WHOLE, answers=_others(n)) for n in range(5)),
    Case("the whole lab: child generators", lab=WHOLE, answers=_forward("child_generator")),
    Case(
        "the whole lab: a cache that the other exercise does not know",
        lab=WHOLE,
        answers=_forward("binomial"),
        lost=("dropout_backward",),
        status=Status.ERROR,
    ),
]
