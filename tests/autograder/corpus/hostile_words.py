"""Notebooks whose functions have seen hidden tests, and want it said on the page or left behind."""

from autograder.results import Status
from tests.autograder.corpus.case import L2, WHOLE, Case
from tests.autograder.corpus.hostile_pipe import HEAD, LINE

L1 = "l1_penalty"
L1_HEAD = "def l1_penalty(w, *, strength):\n"
_RIGHT = "    if len(seen) <= 6: return 0.5 * weight_decay * np.sum(w**2), weight_decay * w\n"
_SEES = f"seen = []\n{HEAD}    seen.append((weight_decay, w.tolist()))\n"
_KEEPS = f"{_SEES}    return 0.5 * weight_decay * np.sum(w**2), weight_decay * w\n"

SAYS = {  # what is done with the first hidden call
    "a line that was never written": (
        "name, text = '<ipython-input-9-x>', f'raise ValueError  # {seen[-1]}'\n"
        "    import linecache\n    linecache.cache[name] = (len(text), None, [text], name)\n"
        "    exec(compile(text, name, 'exec'))",
        Status.ERROR,
    ),
    "an error of its own": ("raise type(f'E{seen[-1][0]}', (Exception,), {})(seen)", Status.ERROR),
    "a name of fields": (
        "T = type('T', (tuple,), {'_fields': (f'no {seen[-1]}',)}); return T((1,))",
        Status.CRASHED,
    ),
    "a long name": (
        "T = type('T' * 10**6, (tuple,), {'_fields': ('x',)}); return T((1,))",
        Status.GRADED,
    ),
    "a stream of its own": (
        "peer.world.news = lambda: ([(str(seen[-1]), '')], [], [])",
        Status.CRASHED,
    ),
    "an exit": ("os._exit(int(255 * weight_decay))", Status.CRASHED),
}
LATER = {  # what the next exercise answers
    "an error": ("raise ValueError(str(seen[-1:]))", Status.ERROR),
    "a number": ("return seen[-1][0] if seen else 0.0, w", Status.GRADED),
    "a class": ("return type(f'E{seen[-1:]}'[:99], (), {})(), w", Status.GRADED),
}
LEFT = {  # what is sent to stay in the examiner; the answer is right
    "signs of a megabyte": "for i in range(9): quiet(peer.request, 'call', 0, "
    "([mine(i, 'object', (('a' * 10**6 + str(i),), ()))],), ())",
    "generators with children": "s = np.random.default_rng(0).bit_generator.state\n"
    "    s['seed'] = (0, (), 10_000)\n"
    "    quiet(peer.request, 'call', 0, ([mine(9999 + i, 'rng', s) for i in range(999)],), ())",
    "classes of named tuples": "from collections import namedtuple\n"
    "    for i in range(3): quiet(peer.request, 'call', 0, "
    "([namedtuple(f'T{i}_{j}', 'x')(1) for j in range(99)],), ())",
    "classes of errors": "for i in range(20): quiet(peer.request, 'call', 0, "
    "([mine(9999 + i * 99 + j, 'class', (f'__main__:E{i}{j}',)) for j in range(99)],), ())",
}

CASES = [
    *(
        Case(
            f"says a hidden value in {name}",
            f"{_SEES}{_RIGHT}    {body}\n    return 0.0, w",
            status,
            (L2,),
            (LINE,),
        )
        for name, (body, status) in SAYS.items()
    ),
    *(
        Case(
            f"says an earlier hidden value in {name}",
            _KEEPS,
            status,
            (L1,),
            lab=WHOLE,
            answers={L1: f"{L1_HEAD}    {body}"},
        )
        for name, (body, status) in LATER.items()
    ),
    *(
        Case(
            f"leaves {name} in the examiner",
            f"{HEAD}    {body}\n    return 0.5 * weight_decay * np.sum(w**2), weight_decay * w",
            before=(LINE,),
        )
        for name, body in LEFT.items()
    ),
]
