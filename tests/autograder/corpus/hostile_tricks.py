"""Notebooks that try to look right: patches, liars, and ways to the answer."""

from autograder.results import Status
from tests.autograder.corpus.case import L2, PAID, WRONG, Case, stolen

HEAD = "def l2_penalty(w, *, weight_decay):\n"
_ZERO = f"{HEAD}    return 0.0, w * 0\n"

PATCHES = {  # of what decides, where it decides nothing
    "numpy's comparisons": "yes = lambda *a, **k: True\n"
    "np.allclose = np.isclose = np.array_equal = np.all = yes",
    "np.testing": "import numpy.testing as t\n"
    "for n in dir(t):\n    if n.startswith('assert'): setattr(t, n, lambda *a, **k: None)",
    "builtins": "import builtins\nfor n in ('all', 'any', 'bool', 'abs'):\n"
    "    setattr(builtins, n, lambda *a, **k: True)",
    "isinstance": "import builtins\nbuiltins.isinstance = lambda *a: True",
    "AssertionError": "import builtins\nbuiltins.AssertionError = type('Calm', (Warning,), {})",
    "the import system": "import sys\nclass Finder:\n    @staticmethod\n"
    "    def find_spec(name, path=None, target=None):\n        return None\n"
    "sys.meta_path.insert(0, Finder)\nsys.modules['coursekit.check'] = None",
    "coursekit.check": "from coursekit import check\n"
    "class Friend:\n    def __getattr__(self, n): return lambda *a, **k: None\n"
    "import coursekit, sys\ncoursekit.check = sys.modules['coursekit.check'] = Friend()\n"
    "check = Friend()",
    "IPython's input": "ip = get_ipython()\n"
    "ip.input_transformers_post.append(lambda lines: ['pass\\n'])",
    "IPython's syntax tree": "import ast\nclass Drop(ast.NodeTransformer):\n"
    "    def visit_Assert(self, node): return ast.Pass()\n    visit_Expr = visit_Assert\n"
    "get_ipython().ast_transformers.append(Drop())",
    "IPython's run_cell": "get_ipython().run_cell = lambda *a, **k: type('R', (), "
    "{'success': True})()",
    "IPython's exceptions": "get_ipython().set_custom_exc((BaseException,), lambda *a, **k: None)",
    "the trace": "import sys\nsys.settrace(lambda *a: None)\nsys.setprofile(lambda *a: None)",
    "excepthook": "import sys\nsys.excepthook = sys.unraisablehook = lambda *a: None",
    "random numbers": "np.random.default_rng = lambda *a: None",
    "the judge's files": "import json, pathlib\n"
    "pathlib.Path('grades.csv').write_text('student,points\\nme,2')\n"
    "pathlib.Path('results.json').write_text(json.dumps({'score': 2}))",
    "the display of a number": "print(2)\nfrom IPython.display import display\ndisplay(2.0)\n2",
    "notebook metadata": "%%javascript\nJupyter.notebook.metadata.score = 2",
}
_ENDS = {  # the student's own process does not get on with it
    "builtins": Status.CRASHED,
    "isinstance": Status.ERROR,
    "IPython's input": Status.ERROR,
    "IPython's run_cell": Status.ERROR,
}
LIARS = {  # what is returned says that it is equal to everything
    "an object that equals all": "class Yes:\n    __eq__ = __le__ = __ge__ = lambda s, o: True\n"
    "    __hash__ = None\n    def __float__(s): return 1.0\n    shape = ()\n"
    f"{HEAD}    return Yes(), Yes()",
    "an array that equals all": "class Yes(np.ndarray):\n"
    "    __eq__ = __le__ = __ge__ = lambda s, o: np.True_\n"
    f"{HEAD}    return 0.0, np.zeros(w.shape).view(Yes)",
    "__array_function__": "class Yes(np.ndarray):\n"
    "    def __array_function__(s, f, t, a, k): return True\n"
    "    def __array_ufunc__(s, *a, **k): return np.True_\n"
    f"{HEAD}    return np.float64(0).view(), np.zeros(w.shape).view(Yes)",
    "__array__": "class Late:\n    def __init__(s, w): s.w = w\n"
    "    def __array__(s, *a, **k): return s.w * 0.5\n"
    f"{HEAD}    return Late(w), Late(w)",
    "__array_interface__": "class Far:\n    __array_interface__ = {'shape': (10**6,), 'typestr': "
    "'<f8', 'data': (16, False), 'version': 3}\n"
    f"{HEAD}    return Far(), Far()",
    "a float that equals all": "class Yes(float):\n    __eq__ = lambda s, o: True\n"
    "    __sub__ = __rsub__ = __abs__ = lambda s, *o: 0.0\n    __hash__ = float.__hash__\n"
    f"{HEAD}    return Yes(7), w",
    "a tuple that lies": "class T(tuple):\n    __len__ = lambda s: 2\n"
    "    __getitem__ = lambda s, i: s\n    __eq__ = lambda s, o: True\n"
    f"{HEAD}    return T(())",
    "a class that lies": "class Meta(type):\n    __instancecheck__ = lambda c, o: True\n"
    "class Yes(metaclass=Meta):\n    __class__ = np.ndarray\n"
    f"{HEAD}    return Yes(), Yes()",
    "a mock": "from unittest.mock import ANY\n" + f"{HEAD}    return ANY, ANY",
    "a masked array": f"{HEAD}    return np.ma.masked, np.ma.masked_all(w.shape)",
    "not a number": f"{HEAD}    return float('nan'), np.full(w.shape, np.nan)",
}

_ROAD = """
def l2_penalty(w, *, weight_decay):
    {body}
    try:
        return answer(w, weight_decay=weight_decay)
    except TypeError:
        return answer(w, weight_decay)
"""
ROADS = {  # to the reference implementation
    "import": "from coursekit.numpy_ref import l2_penalty as answer",
    "importlib": "import importlib\n"
    "    answer = importlib.import_module('coursekit.numpy_ref.regularizers').l2_penalty",
    "the torch twin": "from coursekit.torch_ref import l2_penalty as answer",
    "from the check": "from coursekit import check\n    answer = check.l2_penalty.reference",
    "from the real package": "import sys\n"
    "    [sys.path.insert(0, p) for p in ('@COURSE@', '/')]\n"
    "    [sys.modules.pop(m) for m in [*sys.modules] if m.startswith('coursekit')]\n"
    "    from coursekit.numpy_ref.regularizers import l2_penalty as answer",
    "a copied file": "import importlib.util, glob, sys\n"
    "    files = [f for p in sys.path for f in glob.glob(p + '/**/*regular*.py', recursive=True)]\n"
    "    spec = importlib.util.spec_from_file_location('r', files[0])\n"
    "    module = importlib.util.module_from_spec(spec)\n"
    "    spec.loader.exec_module(module)\n"
    "    answer = module.l2_penalty",
    "inspect.getsource": "import inspect, coursekit.numpy_ref as ref\n"
    "    exec(inspect.getsource(ref.l2_penalty), globals())\n"
    "    answer = globals()['l2_penalty']",
    "compiled code": "import marshal, glob, sys\n"
    "    found = [f for p in sys.path for f in glob.glob(p + '/coursekit/**/regular*.pyc', "
    "recursive=True)]\n"
    "    space = {}\n"
    "    exec(marshal.loads(open(found[0], 'rb').read()[16:]), space)\n"
    "    answer = space['l2_penalty']",
    "garbage": "import gc\n"
    "    answer = next(o for o in gc.get_objects() if callable(o) and "
    "getattr(o, '__name__', '') == 'l2_penalty' and o.__code__.co_filename.count('coursekit'))",
    "a stack frame": "import sys\n    f = sys._getframe()\n"
    "    while 'reference' not in f.f_locals: f = f.f_back\n"
    "    answer = f.f_locals['reference']",
    "git": "import subprocess\n"
    "    code = subprocess.check_output(['git', '-C', '@COURSE@', 'show', "
    "'HEAD:coursekit/numpy_ref/regularizers.py'])\n"
    "    exec(code, globals())\n    answer = globals()['l2_penalty']",
}

INSPECTS = {  # what the tests are made of
    "the stack": "import sys\nf, seen = sys._getframe(), []\n"
    "while f: seen.append(str(f.f_locals) + str(f.f_globals)); f = f.f_back\n"
    "won = any(''.join(('.hid', 'den(')) in s for s in seen)",
    "garbage": "import gc\nneedle = '.hid' + 'den('\n"
    "won = any(isinstance(o, str) and needle in o and 'won' not in o for o in gc.get_objects())",
    "classes of the examiner": "import gc\n"
    "won = any(isinstance(o, type) and o.__module__.startswith('autograder.examiner') "
    "for o in gc.get_objects())",
    "modules of the examiner": "import importlib\n"
    "won = bool(importlib.import_module('autograder.examiner.exam'))",
    "its own memory": "import re\nneedle = bytes(reversed(b'(neddih.ytlanep_2l.kcehc'))\n"
    "for line in open('/proc/self/maps'):\n"
    "    if 'rw' in line and 'vv' not in line and 'stack' not in line:\n"
    "        a, b = (int(x, 16) for x in line.split()[0].split('-'))\n"
    "        m = open('/proc/self/mem', 'rb', 0); m.seek(a); data = m.read(b - a)\n"
    "        won = won or data.count(needle) > 1",
    "the command line": "import sys\n"
    "text = open('/proc/self/cmdline').read() + open('/proc/1/cmdline').read()\n"
    "won = any(word in text for word in ('@COURSE@', '.ipynb', 'lesson'))",
    "the environment": "import os\nos.environ.clear\n"
    "won = '@SECRET@' in str(dict(os.environ)) + open('/proc/self/environ').read()",
    "open files": "import os\n"
    "links = [os.readlink(f'/proc/self/fd/{n}') for n in range(3, 64) "
    "if os.path.lexists(f'/proc/self/fd/{n}')]\n"
    "won = any(not l.startswith(('socket:', '/dev/null', '/proc', 'pipe:', 'anon_inode')) "
    "for l in links)",
}

_TWO_FACES = f"""
import inspect
calls = []
{HEAD}    calls.append(w.shape)
    visible = len(calls) <= 6
    right = 0.5 * weight_decay * np.sum(w**2), weight_decay * w
    return right if visible else (0.0, w)
"""
_REMEMBERS = f"""
known = {{}}
{HEAD}    key = w.tobytes()
    if key in known: return known[key]
    known[key] = 0.0, w
    return known[key]
"""
_IN_PLACE = f"""
{HEAD}    loss = 0.5 * weight_decay * np.sum(w**2)
    w[...] = weight_decay * w
    return loss, w
"""

CASES = [
    *(
        Case(f"patches {n}", _ZERO, _ENDS.get(n, Status.GRADED), lost=(L2,), before=(text,))
        for n, text in PATCHES.items()
    ),
    *(Case(f"returns {n}", text, lost=(L2,)) for n, text in LIARS.items()),
    *(
        Case(f"reference by {n}", _ROAD.format(body=b), lost=(L2,), status=Status.ERROR)
        for n, b in ROADS.items()
    ),
    *(stolen(f"inspects {n}", text) for n, text in INSPECTS.items()),
    Case("right in the visible tests only", _TWO_FACES, lost=(L2,)),
    Case("remembers its calls", _REMEMBERS, lost=(L2,)),
    Case("hides its change of an argument as a return value", _IN_PLACE, lost=(L2,)),
    Case(
        "renames itself",
        WRONG + "\nl2_penalty.__name__ = 'passed'\nl2_penalty.__class__ = type(l2_penalty)",
        lost=(L2,),
    ),
    Case(
        "prepares the answer",
        "won = False\n" + PAID,
        lost=(L2,),
        before=(
            "class CheckFailed(AssertionError): pass\nimport sys\n"
            "sys.modules['coursekit.check.failure'] = sys.modules[__name__]",
        ),
    ),
]
