"""Notebooks that take hold of the line to the examiner, and say there what they like."""

from autograder.results import Status
from tests.autograder.corpus.case import L2, RIGHT, WHOLE, Case

HEAD = "def l2_penalty(w, *, weight_decay):\n"
MC = "mc_dropout_predict"
MC_HEAD = "def mc_dropout_predict(forward, x, *, n_samples, rng):\n"
MC_RIGHT = """    o = np.stack([forward(x, rng) for _ in range(n_samples)])
    return o.mean(0), o.std(0)
"""
LINE = """
import gc, os, pickle, socket, struct, threading, time
from autograder.wire import frames, plain
from autograder.wire.peer import Peer
from autograder.wire.remotes import Remote
from autograder.wire.plain import Ref
peer = next(o for o in gc.get_objects() if isinstance(o, Peer))
refer = peer._refer
peer._refer = lambda thing: thing if isinstance(thing, Ref) else refer(thing)
def say(*message): peer._send(message)
def raw(data): peer.socket.sendall(data)
def six(answer): return [answer] * 6, ()  # what is said to the six calls of a visible check
def quiet(f, *a):
    try: return f(*a)
    except Exception as error: return error
def ours(n, kind='function'): return Ref('examiner', n, kind, 'f')
def mine(n, kind='function', state=None): return Ref('candidate', n, kind, 'f', state)
"""
_W = "(0.5 * weight_decay * np.sum(w**2), weight_decay * w)"
_BAD, _OK = Status.CRASHED, Status.GRADED
_OFF = None  # graded, and wrong

IN_A_CALL = {  # what the function does before it returns the right answer; what becomes of it
    "garbage": ("raw(b'\\xff' * 1000)", _BAD),
    "zeros": ("raw(bytes(1000))", _BAD),
    "a huge announcement": ("raw(struct.pack('<I', 2**32 - 1))", _BAD),
    "half a message, and leaves": ("raw(struct.pack('<I', 99) + b'x'); os._exit(0)", _BAD),
    "a pickle": ("d = pickle.dumps(os.getcwd); raw(struct.pack('<I', len(d)) + d)", _BAD),
    "a web page": ("raw(b'HTTP/1.1 200 OK\\r\\n\\r\\n')", _BAD),
    "descriptors": ("socket.send_fds(peer.socket, [b'\\xff' * 8], [0, 1])", _BAD),
    "nothing more": ("peer.socket.shutdown(socket.SHUT_RDWR)", _BAD),
    "the end": ("peer.socket.close()", _BAD),
    "a word alone": ("say('returned')", _BAD),
    "too much": ("say('returned', six((0.0, w)), {}, {}, [], 5)", _BAD),
    "no word": ("peer._send((5,))", _BAD),
    "a list": ("peer._send(['returned', 1, {}, []])", _BAD),
    "wrong parts": ("say('returned', six((0.0, w)), [], {}, {})", _BAD),
    "an error of no parts": ("say('raised')", _BAD),
    "an error with a number that is none": ("say('raised', 'E', '', '', 'x')", _BAD),
    "an object of the examiner's": ("say('returned', ours(10**6), {}, {}, [])", _BAD),
    "the examiner's first object": ("say('returned', ours(0), {}, {}, [])", _BAD),
    "an rng that is none": ("say('returned', mine(9, 'rng', {}), {}, {}, [])", _BAD),
    "an rng of no such kind": (
        "say('returned', mine(9, 'rng', {'bit_generator': 'os'}), {}, {}, [])",
        _BAD,
    ),
    "many objects": ("say('returned', [mine(n) for n in range(30000)], {}, {}, [])", _BAD),
    "many generators": (
        "state = np.random.default_rng(0).bit_generator.state\n"
        "    for k in range(9): say('call', 0, "
        "([mine(n, 'rng', state) for n in range(k * 3000, k * 3000 + 3000)],), ())",
        _BAD,
    ),
    "a change of an argument that is not there": (
        "say('returned', six((0.0, w)), {9: w}, {}, [])",
        _BAD,
    ),
    "a change of shape": ("say('returned', six((0.0, w)), {0: np.zeros(99)}, {}, [])", _BAD),
    "a change that is no array": ("say('returned', six((0.0, w)), {0: 5}, {}, [])", _BAD),
    "a change of a list that is not there": (
        f"say('returned', six({_W}), {{}}, {{0: ({{}}, 0)}}, [])",
        _BAD,
    ),
    "changes of the wrong kind": (f"say('returned', six({_W}), {{}}, [0], [])", _BAD),
    "an answer too many": (f"say('returned', six({_W}), {{}}, {{}}, [])", _OFF),
    "a wrong answer": ("say('returned', six((0.0, w)), {}, {}, [])", _OFF),
    "an answer to one of six": (f"say('returned', {_W}, {{}}, {{}}, [])", _BAD),
    "five answers to six": (f"say('returned', ([{_W}] * 5, ()), {{}}, {{}}, [])", _BAD),
    "seven answers to six": (f"say('returned', ([{_W}] * 7, ()), {{}}, {{}}, [])", _BAD),
    "six answers and an error": (
        f"say('returned', ([{_W}] * 6, ('E', '', '', 1)), {{}}, {{}}, [])",
        _BAD,
    ),
    "an error of wrong parts": ("say('returned', ([], ('E', 1)), {}, {}, [])", _BAD),
    "a change to text": (
        "say('returned', six((0.0, w)), {0: np.full(w.shape, 'x')}, {}, [])",
        Status.ERROR,
    ),
    "an error with a huge number": ("say('raised', 'E', '', '', -2**70)", Status.ERROR),
    "an error that ran to a hundred pages": (
        "say('raised', 'E' * 10**6, 'x' * 10**7, 'y', 1)",
        Status.ERROR,
    ),
    "an error of the examiner's": ("say('raised', 'E', '', '', -1)", Status.ERROR),
    "an error with more of no form": ("say('raised', 'E', '', '', 1, 5)", _BAD),
    "an error of the examiner's classes": (
        "say('raised', 'E', '', '', 1, (('autograder.examiner.candidate:Lost',), (), {}, None))",
        Status.ERROR,
    ),
    "an error that ran to a hundred pages of parts": (
        "say('raised', 'E', '', '', 1, (('__main__:E',), ('x' * 10**7,), {'y': 'z' * 9}, None))",
        Status.ERROR,
    ),
    "that it printed something": ("peer.world.news = lambda: 5", _BAD),
    "that it printed ten megabytes": (
        "peer.world.news = lambda: ([('stdout', '<script>alert(1)' * 10**6)] * 1, [], [])",
        _OK,
    ),
    "that it printed in another place": (
        "peer.world.news = lambda: ([('path', 'x')], [], [])",
        _BAD,
    ),
    "warnings without end": (
        "peer.world.news = lambda: ([], [(('builtins:SystemExit',), '')] * 30000, [])",
        _OK,
    ),
    "that all draws give zeros": (
        "peer.world.news = lambda: ([], [], [bytes(2507), None])",
        _BAD,
    ),
    "that all draws give what it likes": (
        "peer.world.news = lambda: ([], [], [b'\\1' * 2496 + bytes(11), None])",
        _OK,
    ),
    "an unknown request": ("quiet(peer.request, 'run', 'print(1)')", _OK),
    "a request to look": ("quiet(peer.request, 'look', 'check')", _OK),
    "a request for a snapshot": ("quiet(peer.request, 'snapshot')", _OK),
    "a call of nothing": ("quiet(peer.request, 'call', 0, (), ())", _OK),
    "a call of a negative number": ("quiet(peer.request, 'call', -1, (), {})", _OK),
    "a call with odd parts": ("quiet(peer.request, 'call', 'x', w, 5)", _OK),
    "a call with more names than arguments": (
        "quiet(peer.request, 'call', 0, (1,), ('x', 'y'))",
        _OK,
    ),
    "a call with names that are none": ("quiet(peer.request, 'call', 0, (1, 2), (3, {}))", _OK),
    "a call without parts": ("quiet(peer.request, 'call')", _OK),
    "an attribute of nothing": ("quiet(peer.request, 'get', 0, '__class__')", _OK),
    "a flood of requests": ("for _ in range(200): quiet(peer.request, 'x' * 10**4)", _OK),
}
FORGED = (  # exceptions with names that mean something to the examiner
    "CheckFailed",
    "AnswerRaised",
    "_Malformed",
    "KeyboardInterrupt",
    "SystemExit",
    "StopIteration",
    "GeneratorExit",
    "Lost",
    "Late",
    "Closed",
    "WireError",
    "MemoryError",
    "InfrastructureError",
    "TimeoutError",
    "RecursionError",
    "NameError",
    "ReadOnly",
    "EOFError",
    "Warning",
    "NotImplementedError",
)
WAITS = {
    "half a message": "raw(struct.pack('<I', 99) + b'x'); time.sleep(99)",
    "a message in drops": "raw(struct.pack('<I', 10**7))\n"
    "    while True: raw(b'x'); time.sleep(0.05)",
    "requests without end": "while True: quiet(peer.request, 'call', 0, (), ())",
    "requests without a look at the answers": "while True: say('call', 0, (), ())",
    "nothing": "time.sleep(99)",
}

_RUN = "real = peer._verbs['run']\npeer._verbs['run'] = lambda s: {}"
OUTPUTS = {  # what a cell is said to have put out
    "arrays for words": "[{'output_type': np.array(['stream'] * 2), 'name': np.ones(2)}]",
    "an array for a name": "[{'output_type': 'stream', 'name': np.ones(2), 'text': 'x'}]",
    "dicts for words": "[{'output_type': {}, 'name': [], 'text': {}}]",
    "wrong parts": "[1, None, 'x', [], {}, "
    "{'output_type': 'display_data', 'data': {1: 2, (): {}}}]",
    "objects": "[{'output_type': 'error', 'traceback': [peer, 1], 'ename': peer}, peer]",
    "a script": "[{'output_type': 'display_data', 'data': "
    "{'text/html': '<script>alert(1)</script>', 'application/javascript': 'alert(1)'}}]",
    "a number of 4,000 bits": "[{'output_type': 'execute_result', 'data': {'text/plain': 'x'}, "
    "'execution_count': 2**4000}]",
    "much text": "[{'output_type': 'stream', 'name': 'stdout', 'text': 'x' * 10**6}] * 10",
    "many pieces": "[{'output_type': 'stream', 'name': 'stdout', 'text': 'x' * 70}] * 6000",
    "many pictures": "[{'output_type': 'display_data', 'data': {f'image/{i}': 'x' * 10**5 "
    "for i in range(100)}}]",
}
ANSWERS = {  # what running a cell is said to have been
    "an array": "(np.ones(2), [])",
    "None": "None",
    "an object": "(peer, [])",
    "a long tuple": "(True, [], 1)",
    "no list": "(True, {})",
    "an error": "1 / 0",
}

_TAKE = "_, (n,), *_ = socket.recv_fds(passing, 1, 1); new = socket.socket(fileno=n)"
COPIES = {  # what a request for a copy, to test at this place, is met with
    "an error": ("1 / 0", _BAD),
    "no copy": ("", Status.TIME_OUT),
    "garbage": (f"{_TAKE}; new.sendall(b'\\xff' * 99)", _BAD),
    "a closed line": (f"{_TAKE}; new.close()", _BAD),
    "an end": ("os._exit(0)", _BAD),
    "many copies": ("for _ in range(40): quiet(os.fork)", Status.TIME_OUT),
}
_COPY = """
verb = peer._verbs['snapshot']
passing = verb.__closure__[verb.__code__.co_freevars.index('passing')].cell_contents
def copy():
    {body}
peer._verbs['snapshot'] = copy
"""

_ESCAPE = """
import itertools
evil = "__import__('pathlib').Path('@OUTSIDE@').write_text('x')"
def escape(n):
    for road in (('__globals__',), ('__call__', '__func__', '__globals__'),
                 ('__class__', '__call__', '__globals__'), ('__init__', '__globals__')):
        thing = ours(n)
        for name in road:
            thing = quiet(peer.request, 'get', getattr(thing, 'number', -1), name)
            if isinstance(thing, Remote): thing = thing._ref
        if isinstance(thing, dict):
            builtins = thing['__builtins__']
            builtins['exec'](evil) if isinstance(builtins, dict) else builtins.exec(evil)
    for name in ('passes', 'w', 'inputs', 'bit_generator', 'random', 'spawn', '__reduce__'):
        quiet(peer.request, 'get', n, name)
"""


def _mc(name: str, body: str, status: Status | None = _OK, **more: object) -> Case:
    """A case in which the examiner's own function is called back."""
    lost = () if status is _OK else (MC,)
    answers = {MC: f"{MC_HEAD}    {body}\n{MC_RIGHT}"}
    return Case(
        f"calls back with {name}",
        lab=WHOLE,
        status=status or Status.GRADED,
        lost=lost,
        before=(LINE,),
        answers=answers,
        **more,  # pyright: ignore[reportArgumentType]
    )


_STATE = "state = np.random.Generator(np.random.MT19937(0)).bit_generator.state; "
_SEND = "quiet(peer.request, 'call', forward._ref.number, (x, mine(99, 'rng', state)), ())"
BACK = [
    _mc("a look for a way out", "[escape(n) for n in range(9)]"),
    _mc("a position beyond its state", f"{_STATE}state['state']['pos'] = 10**9; {_SEND}", _BAD),
    _mc("a position before its state", f"{_STATE}state['state']['pos'] = -10**9; {_SEND}", _BAD),
    _mc("a generator of zeros", f"{_STATE}state['state']['key'][:] = 0; {_SEND}", _BAD),
    _mc(
        "half a state", f"{_STATE}state['state']['key'] = state['state']['key'][:5]; {_SEND}", _BAD
    ),
    _mc(
        "no increment",
        f"state = np.random.default_rng(0).bit_generator.state; state['state']['inc'] = 0; {_SEND}",
        _BAD,
    ),
    _mc(
        "many children",
        "state = {**np.random.default_rng(0).bit_generator.state, "
        f"'seed': (1, (), 2**31)}}; {_SEND}",
        None,
    ),
    _mc(
        "a seed without end",
        "state = {**np.random.default_rng(0).bit_generator.state, "
        f"'seed': ([1] * 10**5, (), 0)}}; {_SEND}",
        _BAD,
    ),
    _mc("arrays that do not fit", "[quiet(forward, np.ones(n), rng) for n in (0, 1, 5, 10**5)]"),
    _mc("nothing", "[quiet(forward) for _ in range(50)]"),
    _mc(
        "odd things",
        "[quiet(forward, a, b) for a in (None, 'x', {}, print, rng) for b in (0, rng)]",
    ),
]
_BIG = """
class Big:
    shape = (20000, 20000)
    def __init__(self, n=0): self.n = n
class Deep:
    def __init__(self, f, rng): self.f, self.rng = f, rng
    @property
    def shape(self): return quiet(self.f, self, self.rng) and (1,)
"""
HEAVY = [
    _mc("a shape of three gigabytes", "[quiet(forward, Big(), rng) for _ in range(3)]"),
    _mc("itself, and so on", "quiet(forward, Deep(forward, rng), rng)", None, or_else=_BAD),
]
HEAVY = [Case(**{**vars(c), "before": (*c.before, _BIG)}) for c in HEAVY]
FLOOD = Case(
    "calls back with gigabytes",
    lab=WHOLE,
    hangs=True,
    status=Status.TIME_OUT,
    lost=(MC,),
    or_else=Status.ERROR,
    answers={
        MC: f"{MC_HEAD}    big = np.ones((10**6, 3))\n    while True:\n"
        "        try: forward(big, rng)\n        except Exception: pass"
    },
)


def _in_a_call(name: str, body: str, status: Status | None) -> Case:
    """What is put on the line before the function's own answer."""
    text = f"{HEAD}    {body}\n    return {_W}"
    lost = () if status is _OK else (L2,)
    return Case(f"says {name}", text, status or Status.GRADED, lost, before=(LINE,))


CASES = [
    *(_in_a_call(name, *how) for name, how in IN_A_CALL.items()),
    *(
        Case(
            f"raises a forged {n}",
            f"{HEAD}    raise type('{n}', (Exception,), {{}})('all checks passed')",
            Status.ERROR,
            lost=(L2,),
        )
        for n in FORGED
    ),
    *(
        Case(
            f"waits with {n}",
            f"{HEAD}    {body}",
            Status.TIME_OUT,
            (L2,),
            before=(LINE,),
            hangs=True,
        )
        for n, body in WAITS.items()
    ),
    *(
        Case(f"puts out {n}", before=(LINE, _RUN.format(f"(real(s)[0], {out})")))
        for n, out in OUTPUTS.items()
    ),
    *(
        Case(f"has run a cell with {n}", status=_BAD, lost=(L2,), before=(LINE, _RUN.format(out)))
        for n, out in ANSWERS.items()
    ),
    *(
        Case(
            f"is copied with {n}",
            status=status,
            lost=(L2,),
            hangs=True,
            or_else=_BAD,
            before=(LINE, _COPY.format(body=body or "pass")),
        )
        for n, (body, status) in COPIES.items()
    ),
    Case("puts out an answer too early", before=(LINE, "say('returned', (True, []), {}, {}, [])")),
    Case(
        "is said to be the examiner's own",
        status=_BAD,
        lost=(L2,),
        before=(LINE, "peer._verbs['look'] = lambda name: ours(0)"),
    ),
    Case(
        "is said to raise",
        status=Status.ERROR,
        lost=(L2,),
        before=(LINE, "peer._verbs['look'] = lambda name: 1 / 0"),
    ),
    Case(
        "is said to be a number",
        lost=(L2,),
        before=(LINE, "peer._verbs['look'] = lambda name: 2.0"),
    ),
    Case(
        "answers True to all",
        lost=(L2,),
        answer=f"{HEAD}    return True",
        before=(LINE, "Peer._carry = lambda *a: True"),
    ),
    Case(
        "hides what it does to its argument",
        before=(LINE,),
        answer=f"{HEAD}    loss = {_W}[0]\n    dw = weight_decay * w\n    v = w.copy()\n"
        "    if w.flags.writeable: w[...] = 0; w[...] = v\n    return loss, dw",
    ),
    Case(
        "changes its argument behind its back",
        before=(LINE,),
        lost=(L2,),
        answer=f"{HEAD}    out = {_W}\n    w *= 0\n    return out",
    ),
    Case(
        "answers from a thread, out of turn",
        before=(LINE,),
        lost=(L2,),
        answer=f"{HEAD}    t = threading.Thread(target=say, args=('returned', six({_W})))\n"
        f"    t.start(); t.join()\n    return {_W}",
    ),
    Case(
        "patches the codec",
        before=(LINE,),
        lost=(L2,),
        status=_BAD,
        answer=RIGHT + "\nimport autograder.wire.peer as p\n"
        "p.encode = lambda *a, **k: b'\\x04\\0\\0\\0' + pickle.dumps(1)",
    ),
    *(Case(**{**vars(c), "before": (*c.before, _ESCAPE)}) for c in BACK),
    *HEAVY,
    FLOOD,
]
