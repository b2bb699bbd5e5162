"""An IPython shell for the student's cells: as in a notebook, with nothing behind it."""

import contextlib
import sys
from pathlib import Path
from typing import Any

from IPython.core.autocall import ExitAutocall
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type, default
from traitlets.config import Config

from autograder.candidate.outputs import Outputs, Stream

REFUSED = "Commands of the system (`!`, `%%bash`, `%pip`) do not run where work is marked.\n"

STAYS = "Nothing ends with exit() where work is marked: all cells are run.\n"

outputs = Outputs()  # IPython makes its hooks itself: they all write here


class Publisher(DisplayPublisher):
    """Keeps what is displayed."""

    def publish(self, data: dict, metadata: Any = None, **_: Any) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Keep it; an update of an earlier display counts as another one."""
        outputs.show("display_data", data)

    def clear_output(self, wait: bool = False) -> None:
        """Forget what this cell has shown so far."""
        outputs.start()


class Hook(DisplayHook):
    """Keeps the value that a cell ends in."""

    def write_output_prompt(self) -> None:
        """Nothing: the number goes with the value."""

    def write_format_data(self, format_dict: dict, md_dict: Any = None) -> None:
        """Keep it."""
        outputs.show("execute_result", format_dict, execution_count=self.prompt_count)


class Exit(ExitAutocall):
    """`exit` and `quit`: a cell that a student ended the kernel with must not cost what follows."""

    def __call__(self, keep_kernel: bool = False) -> None:
        """Go on, and say so."""
        outputs.stream("stderr", STAYS)


class Shell(InteractiveShell):
    """IPython without a terminal, a kernel or the system."""

    display_pub_class = Type(Publisher)
    displayhook_class = Type(Hook)

    @default("exiter")
    def _no_exiter(self) -> Exit:
        return Exit(self)

    def system(self, cmd: str) -> None:
        """Refuse, and say so."""
        outputs.stream("stderr", REFUSED)

    system_piped = system_raw = system

    def getoutput(self, cmd: str, split: bool = True, depth: int = 0) -> Any:
        """Refuse, and say so; there is no output."""
        outputs.stream("stderr", REFUSED)
        return [] if split else ""

    def enable_gui(self, gui: str | None = None) -> None:
        """Nothing: there is no window, and `%matplotlib inline` needs none."""

    def _tee(self, channel: str) -> contextlib.AbstractContextManager:
        """Nothing: IPython would keep all that is printed a second time, without end."""
        return contextlib.nullcontext()

    def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
        outputs.error(etype.__name__, _text(evalue), stb)


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return "an error that cannot be printed"


def make_shell(folder: Path) -> Shell:
    """The shell, whose own files are in `folder`; it takes over sys.stdout and sys.stderr."""
    config = Config()
    config.HistoryManager.enabled = False  # no file, no thread
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.ipython_dir = str(folder)
    shell = Shell.instance(config=config)
    for name in ("bash", "sh", "script", "system", "sx", "!"):
        shell.register_magic_function(_refuse, "line_cell", name)  # pyright: ignore[reportArgumentType]
    for name in ("pip", "conda", "mamba", "micromamba", "uv"):
        shell.register_magic_function(_refuse, "line", name)  # pyright: ignore[reportArgumentType]
    sys.stdout, sys.stderr = Stream(outputs, "stdout"), Stream(outputs, "stderr")
    return shell


def _refuse(line: str, cell: str = "") -> None:
    outputs.stream("stderr", REFUSED)


def run_cell(shell: Shell, source: str) -> tuple[bool, list[dict[str, Any]]]:
    """Run a cell; whether it went through, and its outputs."""
    outputs.start()
    result = shell.run_cell(source, store_history=True)
    return bool(result.success), outputs.stop()
