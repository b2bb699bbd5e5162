"""What hostile students put into the exercises of a small lab: none of it may get marks."""

LAB = [
    (
        "locked",
        """
import numpy as np, random, collections, warnings, io, contextlib
from typing import NamedTuple
from dataclasses import dataclass
class Pair(NamedTuple):
    x: float
    y: float
class ShapeError(ValueError):
    def __init__(self, got):
        super().__init__(f"got {got}"); self.got = got
    def __str__(self): return f"shape {self.got + 0:.1f}"
class Meters(float): pass
CONFIG = {"rate": [1, 2, 3], "seen": set()}
def helper(x, log=[]): log.append(x); return len(log)
""",
    ),
    ("solution", "def f(x): return x * x"),
    (
        "sq",
        """
assert f(3) == 9
for k in (2, 5, -1):
    assert f(k) == k * k, f(k)
### BEGIN HIDDEN TESTS
for k in (11, 7.5):
    assert f(k) == k * k, f'wrong {f(k)}'
assert abs(f(0.1) - 0.01) < 1e-9
### END HIDDEN TESTS
""",
    ),
    ("solution", "def lst(xs): xs.append(1); return xs"),
    (
        "lst",
        """
a = [1]
b = lst(a)
assert a == [1, 1] and b == [1, 1]
assert len(a) == 2 and a[1] == 1
""",
    ),
    ("solution", "def total(d): return sum(d.values())"),
    (
        "total",
        """
d = {'a': 1, 'b': 2}
assert total(d) == 3
assert d == {'a': 1, 'b': 2}
assert total(collections.Counter('aab')) == 3
""",
    ),
    ("solution", "def init(rng, n): return rng.randn(n)"),
    (
        "init",
        """
rng = np.random.RandomState(0)
w = init(rng, 3)
assert np.shape(w) == (3,)
x = rng.randn(4)
want = np.random.RandomState(0).randn(7)
assert np.allclose(w, want[:3])
assert np.allclose(x, want[3:])
assert np.abs(x).sum() > 0.1
""",
    ),
    (
        "solution",
        """
def checked(x):
    if x < 0: raise ShapeError(x)
    return x
""",
    ),
    (
        "checked",
        """
assert checked(2) == 2
try:
    checked(-3)
    assert False, 'no error'
except ShapeError as e:
    assert e.got == -3, e
""",
    ),
    ("solution", "def pairs(n): return [Pair(i, i * i) for i in range(n)]"),
    (
        "pairs",
        """
out = pairs(3)
assert all(isinstance(p, Pair) for p in out)
assert out[2].y == 4 and len(out) == 3
""",
    ),
    (
        "solution",
        """
def gen(n):
    for i in range(n): yield i
""",
    ),
    (
        "gen",
        """
assert [*gen(4)] == [0, 1, 2, 3]
assert sum(gen(5)) == 10
""",
    ),
    ("solution", "def twice(g, x): return g(g(x))"),
    (
        "twice",
        """
seen = []
def g(x):
    seen.append(x)
    return x + 1
assert twice(g, 3) == 5
assert seen == [3, 4], seen
""",
    ),
]

# Taken hold of: the line to the examiner, on which then anything is said.
LINE = """import gc, os, pickle, socket, struct, threading, time
import numpy as np
from autograder.wire import frames, plain, codes
from autograder.wire.peer import Peer
from autograder.wire.remotes import Remote
from autograder.wire.plain import Ref
import autograder.wire.peer as P
peer = next(o for o in gc.get_objects() if isinstance(o, Peer))
refer = peer._refer
peer._refer = lambda thing: thing if isinstance(thing, Ref) else refer(thing)
def say(*message): peer._send(message)
def quiet(f, *a):
    try: return f(*a)
    except Exception as error: return error
def ours(n, kind='function', state=None): return Ref('examiner', n, kind, 'f', state)
def mine(n, kind='function', state=None, name='f'): return Ref('candidate', n, kind, name, state)
"""

# By exercise: what is said of it, and the answer.
ANSWERS: dict[str, dict[str, str]] = {
    "sq": {
        "eq always": """
class E:
    __eq__=lambda s,o: True
    __ne__=lambda s,o: False
    __hash__=lambda s: 0
    __sub__=__rsub__=__abs__=__lt__=lambda s,*o: True
def f(x): return E()
""",
        "array ufunc": """
class E:
    __array_priority__=1e9
    def __array_ufunc__(s,*a,**k): return True
    def __array__(s,*a,**k): return np.ones(())
def f(x): return E()
""",
        "str subclass eq": """
class E(str):
    __eq__=lambda s,o: True
    __hash__=str.__hash__
def f(x): return E('a')
""",
        "int subclass": """
class E(int):
    __eq__=lambda s,o: True
    __sub__=lambda s,o: 0
    __hash__=int.__hash__
def f(x): return E(1)
""",
        "bool int meta": """
class M(type):
    __eq__=lambda s,o: True
    __hash__=type.__hash__
class E(metaclass=M): pass
def f(x): return E
""",
        "class Meters": """
class Meters(float):
    __eq__=lambda s,o: True
    __hash__=float.__hash__
    __sub__=lambda s,o:0.0
def f(x): return Meters(1)
""",
        "object named Meters": """
class Meters:
    __eq__=lambda s,o: True
    __hash__=lambda s:0
    __float__=lambda s:1.0
def f(x): return Meters()
""",
        "getattr everything": """
class E:
    def __getattr__(s,n): return lambda *a,**k: True
    __class__=int
def f(x): return E()
""",
        "reduce": """
class E:
    def __reduce__(s): return (eval, ('1/0',))
    def __deepcopy__(s,m): return 9
def f(x): return E()
""",
        "repr bomb": """
class E:
    def __repr__(s): return 'x'*50_000_000
    __str__=__repr__
def f(x): return E()
""",
        "repr script": """
class E:
    def __repr__(s): return '<script>alert(1)</script>'
    __str__=__repr__
def f(x): return E()
""",
        "repr surrogate": r"""
class E:
    def __repr__(s): return '\ud800'
    __str__=__repr__
def f(x): return E()
""",
        "str exits": """
class E:
    def __str__(s): raise SystemExit
    __repr__=__str__
def f(x): return E()
""",
        "str kbd": """
class E:
    def __str__(s): raise KeyboardInterrupt
    __repr__=__str__
def f(x): return E()
""",
        "iter forever": """
import itertools
def f(x): return itertools.count()
""",
        "counts calls": """
n=[]
def f(x):
    n.append(1)
    return x*x if len(n)<5 else 0
""",
        "call stack": """
import sys
def f(x):
    d=0; g=sys._getframe()
    while g: d+=1; g=g.f_back
    return d
""",
        "coroutine": "async def f(x): return x*x",
        "generator result": "def f(x): yield x*x",
        "nan": "def f(x): return float('nan')",
        "huge int": "def f(x): return 1<<4090",
        "too huge int": "def f(x): return 1<<90000",
        "deep list": """
def f(x):
    a=[]
    for _ in range(40): a=[a]
    return a
""",
        "cycle": """
def f(x):
    a=[]; a.append(a); return a
""",
        "cycle dict": """
def f(x):
    a={}; a[1]=a; return a
""",
        "object array": "def f(x): return np.array([object()])",
        "exception as value": "def f(x): return ValueError('x')",
        "class as value": "def f(x): return ValueError",
        "module": """
import os
def f(x): return os
""",
        "evil error str": """
class E(Exception):
    def __str__(s): raise self
def f(x): raise E
""",
        "evil error args": """
class E(Exception):
    args=property(lambda s: 1/0)
def f(x): raise E
""",
        "evil cause": """
def f(x):
    e=ValueError(); e.__cause__=e
    raise e
""",
        "group": """
def f(x): raise ExceptionGroup('a',[ValueError(1),ExceptionGroup('b',[KeyError(2)])])
""",
        "long cause chain": """
def f(x):
    e=ValueError(0)
    for i in range(5000):
        n=ValueError(i); n.__cause__=e; e=n
    raise e
""",
        "SkipTest": """
import unittest
def f(x): raise unittest.SkipTest('x')
""",
        "StopIteration": "def f(x): raise StopIteration",
        "GeneratorExit": "def f(x): raise GeneratorExit",
        "AssertionError": "def f(x): raise AssertionError('all passed')",
        "named NotAttempted": """
class NotAttempted(Exception): pass
def f(x): raise NotAttempted
""",
        "misconception attr": """
class E(Exception):
    misconception='<script>'
    hint=1
def f(x):
    e=E(); e.misconception=['x']; e.student_line='y'; e.number_there=1; raise e
""",
        "lab's error with bad attr": """
def f(x):
    e=ShapeError(1); e.got='text'; raise e
""",
        "lab's error with remote": """
def f(x):
    e=ShapeError(1); e.got=print; raise e
""",
        "recursion": "def f(x): return f(x)",
        "warn flood": """
import warnings
def f(x):
    for i in range(10**4): warnings.warn(str(i))
    return 0
""",
        "defaultdict": "def f(x): return collections.defaultdict(lambda: 9)",
        "namedtuple eq": """
class P(collections.namedtuple('P','x')):
    __eq__=lambda s,o: True
    __hash__=tuple.__hash__
def f(x): return P(1)
""",
        "Decimal": """
import decimal
class D(decimal.Decimal):
    __eq__=lambda s,o: True
    __hash__=lambda s:0
def f(x): return D(1)
""",
        "ANY": """
from unittest.mock import ANY
def f(x): return ANY
""",
    },
    "lst": {
        "cycle": "def lst(xs): xs.append(xs); return xs",
        "list swapped": "def lst(xs): xs[:] = []; return [1,1]",
        "huge": "def lst(xs): xs.extend(range(250_000)); return [1,1]",
        "class change": """
class L(list):
    __eq__=lambda s,o: True
    __len__=lambda s:2
def lst(xs): xs[:]=L([1]); return L([1])
""",
        "removes": "def lst(xs): del xs[:]; return xs",
        "objects": """
class E:
    __eq__=lambda s,o: True
    __hash__=lambda s:1
def lst(xs): xs[:]=[E(),E()]; return xs
""",
    },
    "total": {
        "clears": """
def total(d):
    r=sum(d.values()); d.clear(); return r
""",
        "evil keys": """
def total(d):
    r=sum(d.values()); d[object()]=1; return r
""",
        "self": """
def total(d):
    r=sum(d.values()); d['me']=d; return r
""",
        "counts by hand": """
class C(collections.Counter):
    __eq__=lambda s,o:True
def total(d):
    d['a']=5
    return C(a=3)
""",
        "missing": "def total(d): return collections.defaultdict(int)",
    },
    "init": {
        "zero state": """
def init(rng,n):
    r=rng.randn(n)
    st=list(rng.get_state())
    st[1]=np.zeros(624,np.uint32); st[1][0]=1<<31; st[2]=1
    rng.set_state(st)
    return r
""",
        "older state": """
def init(rng,n):
    s=rng.get_state(); r=rng.randn(n); rng.set_state(s); return r
""",
        "reseeds": """
def init(rng,n):
    r=rng.randn(n); rng.seed(5); return r
""",
        "does not draw": "def init(rng,n): return np.random.RandomState(0).randn(n)",
        "far": """
def init(rng,n):
    r=rng.randn(n); rng.randn(10**6); return r
""",
    },
    "checked": {
        "wrong class": """
class ShapeError(ValueError): pass
def checked(x):
    if x<0: raise ShapeError(x)
    return x
""",
        "liar": """
def checked(x):
    if x<0:
        e=ShapeError(0); raise e
    return x
""",
    },
    "pairs": {
        "other class": """
Q=collections.namedtuple('Q','x y')
def pairs(n): return [Q(i,i*i) for i in range(n)]
""",
        "lying len": """
class L:
    __len__=lambda s:3
    def __iter__(s): return iter(())
    def __getitem__(s,i): return Pair(2,4)
def pairs(n): return []
""",
    },
    "gen": {
        "object with next": """
class G:
    def __iter__(s): return s
    def __next__(s): raise ValueError
def gen(n): return G()
""",
        "iter not iter": """
class G:
    def __iter__(s): return 5
def gen(n): return G()
""",
        "closes": """
import os
def gen(n):
    yield 0
    os._exit(0)
""",
    },
    "twice": {
        "recursion": "def twice(g,x): return g(twice(g,x))",
        "mutual": """
class E:
    def __add__(s,o): return self
    def __radd__(s,o): return 5
def twice(g,x):
    g(3); return 5
""",
        "evil arg": """
class E:
    def __add__(s,o): raise SystemExit
def twice(g,x):
    try: g(E())
    except BaseException: pass
    return 5
""",
        "other list": """
def twice(g,x):
    r=g(g(x)); g(7); return r
""",
        "looks into g": """
def twice(g,x):
    g.__globals__['f']=1
    return g.__closure__[0].cell_contents.clear()
""",
        "changes g": """
def twice(g,x):
    g.__code__=(lambda x: x).__code__; g.__defaults__=(1,)
    return 5
""",
    },
}

# The same, with a hold of the line.
ON_THE_LINE: dict[str, dict[str, str]] = {
    "twice": {
        "forged number": """
def twice(g,x):
    g(3); g(4)
    say('returned', ours(0)); return 5
""",
    },
    "lst": {
        "list part of other": """
def lst(xs):
    say('returned', [1,1], {}, {0: ({5:1}, 6)}, [])
    return [1,1]
""",
        "list as dict": """
def lst(xs):
    say('returned', [1,1], {}, {0: ({}, {1})}, [])
    return 0
""",
        "list bool": """
def lst(xs):
    say('returned', [1,1], {}, {0: ({}, True)}, [])
    return 0
""",
        "list long": """
def lst(xs):
    say('returned', [1,1], {}, {0: ({}, 10**12)}, [])
    return 0
""",
        "list neg": """
def lst(xs):
    say('returned', [1,1], {}, {0: ({}, -3)}, [])
    return 0
""",
    },
}

# What a function says before it returns 0.
SAYS: dict[str, str] = {
    "changed not lent": "say('returned', 4.0, {}, {0: ([], 0)}, [])",
    "changed huge place": "say('returned', 4.0, {}, {2**62: ({}, 0)}, [])",
    "written huge place": "say('returned', 4.0, {2**62: np.ones(1)}, {}, [])",
    "moved ours not rng": "say('returned', 4.0, {}, {}, [ours(0,'rng')])",
    "news of world object": "peer.world.news=lambda: ([],[],[mine(1)])",
    "shared not active": "peer.shared.changed=lambda: [('examiner',0,b'x')]",
    "shared by ref": "say('returned', Ref('candidate',5,'array','',np.ones(3)))",
    "shared ours": "say('returned', Ref('examiner',5,'array','',np.ones(3)))",
    "module ref": "say('returned', Ref('examiner',0,'module','Linear',([],[])))",
    "torch name": "say('returned', Ref('candidate',0,'torch','F.relu',None))",
    "lent to examiner": "peer._lent.changed=lambda: [(0,'x',({},0))]",
    "class ref of ours": "say('returned', ours(0,'class'))",
    "class names": """
say('returned', mine(77,'class',('builtins:SystemExit','builtins:BaseException')))
""",
    "class of lab": "say('returned', mine(77,'class',('__main__:ShapeError',)))",
    "class names evil": "say('returned', mine(77,'class',(5,)))",
    "state not signs": "say('returned', mine(78,'object',5))",
    "state signs evil": """
say('returned', mine(78,'object',(('__class__','__eq__','__init__','__getattribute__'),('Pair',))))
""",
    "state signs unhashable": "say('returned', mine(78,'object',(([],),({},))))",
    "kind function with state": "say('returned', mine(79,'function',(('__eq__',),('Meters',))))",
    "huge name": "say('returned', mine(79,'object',None,'x'*199))",
    "raised with cause cycle": """
say('raised','E','x','',1,((),('x',),{},('E','','',0,((),(),{},('E','','',0)))))
""",
    "raised class of lab evil args": "say('raised','ShapeError','x','',1,"
    "(('__main__:ShapeError',),(),{},None))",
    "raised ours back": "say('raised','E','x','',-1)",
    "raised StopIteration": "say('raised','StopIteration','x','',5)",
    "raised KeyboardInterrupt": "say('raised','KeyboardInterrupt','x','',5)",
    "raised numpy AxisError": """
say('raised','AxisError','x','',5,(('numpy.exceptions:AxisError',),(1,),{},None))
""",
    "raised Warning": "say('raised','Warning','x','',5,(('builtins:Warning',),('x',),{},None))",
    "raised zipfile": "say('raised','ZipFile','x','',5,(('zipfile:ZipFile',),('x',),{},None))",
    "raised print": "say('raised','print','x','',5,(('builtins:print',),('x',),{},None))",
    "raised ExceptionGroup": """
say('raised','ExceptionGroup','x','',5,(('builtins:ExceptionGroup',),('x',[]),{},None))
""",
    "raised OSError": """
say('raised','OSError','x','',5,(('builtins:OSError',),(2,'x'),{'errno':'x'},None))
""",
    "raised UnicodeDecodeError": """
say('raised','U','x','',5,(('builtins:UnicodeDecodeError',),('utf',b'',0,-5,'x'),{},None))
""",
    "raised NameError attr": """
say('raised','SyntaxError','x','',5,(('builtins:SyntaxError',),('x',('f',10**9,10**9,'t')),{'lineno':-5,'text':'z'*100},None))
""",
    "ask perform": """
quiet(peer.request,'perform',0,'__len__',())
    quiet(peer.request,'perform',0,'__getitem__',(('x',),))
    say('returned',4.0)
""",
    "ask unknown verbs": """
words = "run look share signature deepcopy bases isinstance each backward forward copy attribute"
    [quiet(peer.request, word, 0) for word in words.split()]
    say('returned',4.0)
""",
    "dict_of bad": """
class C(collections.Counter): pass
    say('returned', C({'a': peer}))
""",
    "nan size": "d=b'\\x00'*4; peer.socket.sendall(struct.pack('<I',2**31)); return 1",
    "neg": "peer.socket.sendall(struct.pack('<i',-1)); return 1",
    "dates": "say('returned', np.array(['2020'],dtype='M8[D]'))",
    "two answers": "say('returned', 4.0); say('returned', 4.0)",
    "two thousand answers": "[say('returned', 4.0) for _ in range(2000)]",
}
