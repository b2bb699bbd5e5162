"""Notebooks that reach for what is around them: files, network, other processes; or take it all."""

from autograder.results import Status
from tests.autograder.corpus.case import L2, RIGHT, WHOLE, Case, stolen

HEAD = "def l2_penalty(w, *, weight_decay):\n"
_OUT = "open('@OUTSIDE@', 'w').write('x')"

READS = {
    "the source": "won = 'HIDDEN' in open('@COURSE@/source.ipynb').read()",
    "the gradebook": "import sqlite3\nwon = bool(open('@COURSE@/gradebook.db', 'rb').read())",
    "other submissions": "won = 'SECRET' in open('@COURSE@/submitted/ada/lab.ipynb').read()",
    "folders": "import os\nwon = bool(os.listdir('@COURSE@'))",
    "by a link": "import os\nos.symlink('@COURSE@', 'c')\n"
    "won = bool(open('c/source.ipynb').read())",
    "by a magic": "won = bool(get_ipython().run_line_magic('load', '@COURSE@/source.ipynb') or "
    "open('@COURSE@/source.ipynb').read())",
    "by mmap": "import os, mmap\nf = os.open('@COURSE@/source.ipynb', os.O_RDONLY)\n"
    "won = bool(mmap.mmap(f, 0, prot=mmap.PROT_READ)[:5])",
    "by C": "import ctypes\nc = ctypes.CDLL(None)\nc.fopen.restype = ctypes.c_void_p\n"
    "won = bool(c.fopen(b'@COURSE@/source.ipynb', b'r'))",
    "a course's module": "import sys\nsys.path.insert(0, '@COURSE@/coursekit')\n"
    "import regularizers\nwon = True",
    "the parent's environment": "won = bool(open('/proc/@PARENT@/environ').read())",
    "the parent's command line": "won = bool(open('/proc/@PARENT@/cmdline').read())",
    "the parent's memory": "won = bool(open('/proc/@PARENT@/mem', 'rb'))",
    "the parent's folder": "import os\nwon = bool(os.listdir('/proc/@PARENT@/cwd/'))",
    "home": "import os, pwd\nwon = bool(os.listdir(pwd.getpwuid(os.getuid()).pw_dir))",
    "passwords": "won = bool(open('/etc/passwd').read() or open('/etc/shadow').read())",
}
WRITES = {
    "a file": f"{_OUT}\nwon = True",
    "a mark": "open('@COURSE@/gradebook.db', 'r+').write('mine')\nwon = True",
    "over another's work": "open('@COURSE@/submitted/ada/lab.ipynb', 'w').write('x')\nwon = True",
    "a removal": "import os\nos.remove('@COURSE@/submitted/ada/lab.ipynb')\nwon = True",
    "modes": "import os\nos.chmod('@COURSE@/gradebook.db', 0)\nwon = True",
    "times": "import os\nos.utime('@COURSE@/gradebook.db', (0, 0))\nwon = True",
    "a module for the next one": "import numpy, os\n"
    "open(os.path.dirname(numpy.__file__) + '/evil.py', 'w').write('x')\nwon = True",
    "compiled code": "import coursekit, os\np = os.path.dirname(coursekit.__file__)\n"
    "open(p + '/sitecustomize.py', 'w').write('x')\nwon = True",
    "by a rename": "import os\nopen('mine', 'w').write('x')\nos.rename('mine', '@OUTSIDE@')\n"
    "won = True",
    "by a hard link": "import os\nos.link('@COURSE@/gradebook.db', 'mine')\n"
    "open('mine', 'w').write('x')\nwon = True",
    "from the function's folder up": "import os\nos.chdir('..')\nopen('x', 'w').write('x')\n"
    "won = True",
    "shared memory": "open('/dev/shm/corpus', 'w').write('x')\n"
    "won = False  # a disk of its own: gone with it",
}
NETWORK = {
    "a connection": "import socket\nsocket.create_connection(('127.0.0.1', @PORT@), 1)\nwon = True",
    "a server": "import socket\nsocket.create_server(('127.0.0.1', 0))\nwon = True",
    "a datagram": "import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
    "s.sendto(b'x', ('127.0.0.1', @PORT@))\nwon = True",
    "a name": "import socket\nwon = bool(socket.getaddrinfo('example.org', 80))",
    "a download": "import urllib.request\n"
    "won = bool(urllib.request.urlopen('http://127.0.0.1:@PORT@', timeout=1))",
    "a program": "import subprocess\nwon = subprocess.run(['/bin/true']).returncode == 0",
    "a shell": "import os\nwon = os.system('true') == 0",
}
SIGNALS = {
    "its parent": "import os, signal\nos.kill(os.getppid() or 10**6, signal.SIGTERM)\nwon = True",
    "the grader": "import os, signal\nos.kill(@PARENT@, signal.SIGURG)\nwon = True",
    "everyone": "import os, signal\nos.kill(-1, signal.SIGURG)\nwon = False",
    "its group": "import os, signal\nsignal.signal(signal.SIGURG, signal.SIG_IGN)\n"
    "os.killpg(0, signal.SIGURG)\nwon = False",
    "the grader by priority": "import os\n"
    "os.setpriority(os.PRIO_PROCESS, @PARENT@, 19)\nwon = True",
    "the grader by trace": "import ctypes\nwon = ctypes.CDLL(None).ptrace(16, @PARENT@, 0, 0) == 0",
}

# With no layer these win on any Linux machine, and harm nothing but the bench's own files.
_BITING = {
    *("the source", "the gradebook", "other submissions", "folders", "by a link", "by a magic"),
    *("by mmap", "by C", "a course's module", "the parent's environment"),
    *("the parent's command line", "the parent's folder", "passwords"),
    *("a file", "a mark", "over another's work", "modes", "times", "a removal"),
    *("a connection", "a server", "a datagram", "a program", "a shell"),
}

STAYS = {  # processes and threads that would go on; the answer is right, and they go with it
    "a daemon": "import os, time\nif os.fork() == 0:\n"
    "    try: os.setsid()\n    except OSError: pass\n"
    "    if os.fork() == 0:\n        time.sleep(300)\n    os._exit(0)",
    "many children": "import os, time\nfor _ in range(8):\n"
    "    if os.fork() == 0:\n        time.sleep(300)",
    "a thread": "import threading, time\nthreading.Thread(target=time.sleep, args=(300,)).start()",
    "a daemon thread that counts": "import threading\ndef spin():\n    while True: pass\n"
    "threading.Thread(target=spin, daemon=True).start()",
    "atexit": f"import atexit, time\natexit.register(time.sleep, 300)\n"
    f"atexit.register(lambda: {_OUT})",
    "__del__": f"class Last:\n    def __del__(self): {_OUT}\nlast = Last()\nlast.me = last",
    "an alarm": "import signal\nsignal.signal(signal.SIGALRM, lambda *a: None)\n"
    "signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)",
    "a pool": "from concurrent.futures import ThreadPoolExecutor\npool = ThreadPoolExecutor(4)\n"
    "import time\npool.submit(time.sleep, 300)",
    "ignored signals": "import signal\nfor n in (1, 2, 3, 13, 15):\n"
    "    signal.signal(n, signal.SIG_IGN)",
    "a full scratch folder": "try:\n    open('big', 'wb').write(b'0' * (6 << 20))\n"
    "except OSError: pass\nimport os\nos.makedirs('a/b/c')",
    "deep folders": "import os\nfor _ in range(1500):\n    os.mkdir('d'); os.chdir('d')",
}

_EAT = "a = []\nwhile True:\n    try: a.append(np.ones(1 << 17))\n    except MemoryError: pass"
TAKES = {  # a bound is met: an error, or the process ends
    "memory in the cell": (_EAT, Status.CRASHED),
    "memory in the function": (HEAD + "    return 0.0, np.ones(1 << 32)", Status.ERROR),
    "memory at once": ("x = bytearray(1 << 40)\n", Status.ERROR),
    "files": ("f = [open('/dev/null') for _ in range(10000)]", Status.ERROR),
    "disk": (
        "b = bytes(1 << 20)\nfor i in range(40):\n    open(str(i), 'wb').write(b * 7)",
        Status.ERROR,
    ),
    "one large file": ("f = open('f', 'wb')\nwhile True: f.write(bytes(1 << 20))", Status.ERROR),
    "processes": (
        "import os, time\nfor _ in range(60):\n    if os.fork() == 0: time.sleep(99)",
        Status.ERROR,
    ),
    "recursion": ("import sys\nsys.setrecursionlimit(1000)\ndef f(): f()\nf()", Status.ERROR),
    "os._exit in the cell": ("import os\nos._exit(0)", Status.CRASHED),
    "os._exit in the function": (HEAD + "    import os\n    os._exit(0)", Status.CRASHED),
    "os.abort": ("import os\nos.abort()", Status.CRASHED),
    "a segfault": (HEAD + "    import ctypes\n    ctypes.string_at(0)", Status.CRASHED),
    "a segfault in the cell": ("import ctypes\nctypes.memset(0, 1, 1)", Status.CRASHED),
    "the end of the stack": (
        "import sys\nsys.setrecursionlimit(10**9)\ndef f(): f()\n"
        "class A:\n    def __getattr__(s, n): return getattr(s, n + 'x')\n"
        "import functools\ng = lambda: 0\nfor _ in range(10**6): g = functools.partial(g)\n"
        "repr(g)\ng()\nimport ctypes; ctypes.string_at(0)",
        Status.CRASHED,
    ),
}
HANGS = {
    "a fork bomb": "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
    "a loop that nobody may stop": "while True:\n    try:\n        while True: pass\n"
    "    except BaseException: pass",
    "a sleep that nobody may stop": "import time, signal\nfor n in (1, 2, 14, 15):\n"
    "    signal.signal(n, signal.SIG_IGN)\nwhile True:\n    try: time.sleep(99)\n"
    "    except BaseException: pass",
    "a loop in C": "sum(x for x in iter(int, 1))",
    "a regular expression": "import re\nre.match(r'(a|aa)+$', 'a' * 99 + 'b')",
    "a large power": "9 ** 9 ** 9",
    "output without end": "while True: print('x' * 10000)",
    "output in C without end": "import os\nwhile True: os.write(1, b'x' * 10000)",
    "a stop of itself": "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)\nwhile True: pass",
}
_ALL = "def dropout_forward(x, *, p, training, rng):\n"

CASES = [
    *(stolen(f"reads {n}", text, bites=n in _BITING) for n, text in READS.items()),
    *(stolen(f"writes {n}", text, bites=n in _BITING) for n, text in WRITES.items()),
    *(stolen(f"network: {n}", text, bites=n in _BITING) for n, text in NETWORK.items()),
    *(stolen(f"signals {n}", text) for n, text in SIGNALS.items()),
    *(Case(f"leaves {n}", before=(text,)) for n, text in STAYS.items()),
    Case(
        "takes threads",
        "import threading, time\n"
        "t = [threading.Thread(target=time.sleep, args=(9,), daemon=True).start() "
        "for _ in range(500)]",
        lost=(L2,),
        status=Status.ERROR,
        or_else=Status.CRASHED,  # by whether they leave memory enough for a message
    ),
    *(Case(f"takes {n}", text, status=status, lost=(L2,)) for n, (text, status) in TAKES.items()),
    *(
        Case(f"hangs: {n}", text, status=Status.TIME_OUT, lost=(L2,), hangs=True)
        for n, text in HANGS.items()
    ),
    Case("prints ten million characters", before=("print('x' * 10_000_000)",), says="was cut"),
    Case(
        "shows a large picture",
        before=("from IPython.display import HTML, display\ndisplay(HTML('x' * 5_000_000))",),
        says="was cut",
    ),
    Case(
        "many outputs of two kinds",
        before=(
            "import sys\nfor _ in range(9000):\n    print('x')\n    print('y', file=sys.stderr)",
        ),
    ),
    Case("prints a lot in many cells", before=("print('x' * 99_999)",) * 200),
    Case(
        "a thousand outputs",
        before=("from IPython.display import display\nfor i in range(9000): display(i)",),
    ),
    Case("runs its tests itself and leaves", RIGHT + "\nimport os, sys\nsys.exit(0)"),
    Case(
        "the whole lab: ends its process in one exercise",
        lab=WHOLE,
        status=Status.CRASHED,
        answers={"dropout_forward": _ALL + "    import ctypes\n    ctypes.string_at(0)"},
        lost=("dropout_forward", "dropout_backward"),
    ),
]
