"""Work that does not do what was asked, by accident: each costs its exercise and no more."""

from autograder.results import Status
from tests.autograder.corpus.case import L2, RIGHT, WHOLE, WRONG, Case, changed, of_exercise
from tests.autograder.corpus.honest import ANSWERS, VARIANTS

HEAD = "def l2_penalty(w, *, weight_decay):\n"
PAIR = "0.5 * weight_decay * np.sum(w**2), weight_decay * w"
_SPIN = "    while True:\n        pass\n"

RETURNS = {  # what comes back is not what was asked for, and is told so
    "None": "None",
    "text": "'0.5', 'dw'",
    "numbers as text": f"tuple(str(v) for v in ({PAIR}))",
    "three values": f"({PAIR}, 1)",
    "a dict": "{'loss': 0.5 * weight_decay * np.sum(w**2), 'dw': weight_decay * w}",
    "a set": "{0.5, 1.0}",
    "a generator": f"(v for v in ({PAIR}))",
    "a map": f"map(np.asarray, ({PAIR}))",
    "a function": "lambda: 0",
    "a module": "np",
    "a class": "np.ndarray, np.ndarray",
    "itself": "l2_penalty",
    "nan": "np.nan, w * np.nan",
    "infinity": "np.inf, w * np.inf",
    "complex numbers": f"tuple(np.asarray(v) + 1j for v in ({PAIR}))",
    "one axis more": f"tuple(np.asarray(v)[None] for v in ({PAIR}))",
    "a shorter gradient": "0.5 * weight_decay * np.sum(w**2), w[:1]",
    "ragged lists": "0.5 * weight_decay * np.sum(w**2), [[1.0], [1.0, 2.0]]",
    "an empty tuple": "()",
    "booleans": "True, w > 0",
}
RAISES = {  # the student's code fails, or what it returns cannot be sent
    "ValueError": "raise ValueError('no idea')",
    "half a surrogate pair": "raise ValueError('\\ud800')",
    "its own exception": "raise type('Mine', (Exception,), {})('mine')",
    "a BaseException": "raise type('Mine', (BaseException,), {})('mine')",
    "StopIteration": "next(iter(()))",
    "StopAsyncIteration": "raise StopAsyncIteration",
    "GeneratorExit": "raise GeneratorExit",
    "KeyboardInterrupt": "raise KeyboardInterrupt",
    "SystemExit": "import sys; sys.exit(0)",
    "AssertionError": "assert False, 'impossible'",
    "an exception that cannot be printed": "raise type('E', (Exception,), {'__str__': None})",
    "an exception group": "raise ExceptionGroup('many', [ValueError('a')])",
    "a cycle": "a = []; a.append(a); return 0.0, a",
    "a deep list": "a = 0\n    for _ in range(100): a = [a]\n    return 0.0, a",
    "too large an array": "return 0.0, np.zeros((9000, 9000))",
    "an array of objects": "return 0.0, np.array([None, print])",
    "no such name": "return nonsense",
    "recursion without end": "return l2_penalty(w, weight_decay=weight_decay)",
    "input()": "return input('loss? ')",
    "a file that is not there": "open('weights.npz')",
}
DEFINES = {  # there is no such function in the end
    "syntax error": HEAD + "    return 1 +",
    "wrong indentation": HEAD + "return 1",
    "another name": RIGHT.replace("l2_penalty", "l2"),
    "raises before the definition": "raise ValueError\n" + RIGHT,
    "leaves before the definition": "import sys\nsys.exit()\n" + RIGHT,
    "exit() before the definition": "1 / 0\nexit()\n" + RIGHT,
    "deletes it": RIGHT + "\ndel l2_penalty",
    "deletes np": RIGHT + "\ndel np",
    "hides np": RIGHT + "\nnp = None",
    "too few parameters": RIGHT.replace(", *, weight_decay", ""),
    "positional only": RIGHT.replace("*, weight_decay", "weight_decay, /"),
    "null character": RIGHT + "\0",
    "a magic that is not there": "%%nonsense\n" + RIGHT,
}
STOPS = {  # its process has to be ended, or ends
    "a loop in the cell": ("while True:\n    pass", Status.TIME_OUT),
    "a loop in the function": (HEAD + _SPIN, Status.TIME_OUT),
    "a sleep": (f"import time\n{HEAD}    time.sleep(1000)", Status.TIME_OUT),
    "a lock": (
        f"import threading\nl = threading.Lock()\nl.acquire()\n{HEAD}    l.acquire()",
        Status.TIME_OUT,
    ),
    "waits for itself": (
        "from multiprocessing import Pipe\na, b = Pipe()\n" + HEAD + "    return a.recv()",
        Status.TIME_OUT,
    ),
}


def _without_solution(nb: dict) -> None:
    nb["cells"] = [cell for cell in nb["cells"] if not of_exercise(cell)]


def _wrong(number: int) -> dict[str, str]:
    return {name: v[number].apply(ANSWERS[name]) for name, v in VARIANTS.WRONG.items()}


CASES = [
    *(Case(f"wrong: {v.name}", v.apply(ANSWERS[L2]), lost=(L2,)) for v in VARIANTS.WRONG[L2]),
    *(Case(f"returns {name}", f"{HEAD}    return {v}", lost=(L2,)) for name, v in RETURNS.items()),
    *(
        Case(f"raises: {name}", f"{HEAD}    {body}", status=Status.ERROR, lost=(L2,))
        for name, body in RAISES.items()
    ),
    *(
        Case(f"defines: {name}", text, status=Status.ERROR, lost=(L2,))
        for name, text in DEFINES.items()
    ),
    *(
        Case(f"stops: {name}", text, status=status, lost=(L2,), hangs=True)
        for name, (text, status) in STOPS.items()
    ),
    Case("defines: a number", "l2_penalty = 5", lost=(L2,)),
    Case("defines: a coroutine", f"async {HEAD}    return {PAIR}", lost=(L2,)),
    Case("defines: a generator function", f"{HEAD}    yield {PAIR}", lost=(L2,)),
    Case(
        "defines: a mock",
        "from unittest.mock import MagicMock\nl2_penalty = MagicMock()",
        lost=(L2,),
    ),
    Case(
        "not attempted",
        f"{HEAD}    raise NotImplementedError()",
        status=Status.NOT_ATTEMPTED,
        lost=(L2,),
    ),
    Case(
        "the answer's cell is missing",
        status=Status.NOT_ATTEMPTED,
        lost=(L2,),
        make=changed(_without_solution),
    ),
    Case("a loop in a free cell after the answer", after=("while True:\n    pass",), hangs=True),
    Case("a loop in a free cell before the answer", before=("while True:\n    pass",), hangs=True),
    Case("right, then wrong in a later cell", after=(WRONG,)),
    Case(
        "the whole lab: wrong in every way",
        lab=WHOLE,
        answers=_wrong(0),
        answer=_wrong(0)[L2],
        lost=tuple(ANSWERS),
    ),
    Case(
        "the whole lab: one loop",
        lab=WHOLE,
        hangs=True,
        lost=("max_norm",),
        answers={"max_norm": "def max_norm(w, *, c):\n" + _SPIN},
        status=Status.TIME_OUT,
    ),
    Case(
        "the whole lab: one crash",
        lab=WHOLE,
        lost=("max_norm",),
        status=Status.CRASHED,
        answers={"max_norm": "def max_norm(w, *, c):\n    import os\n    os._exit(0)"},
    ),
]
