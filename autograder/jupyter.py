"""Open JupyterLab on copies of the student labs, or on nbgrader's formgrader."""

import os
import shutil
import socket
import sys
from pathlib import Path
from typing import NoReturn

from autograder.course import Course
from autograder.environ import environment
from autograder.errors import CourseError


def copy_labs(course: Course) -> Path:
    """The folder my_labs/ with a copy of each student notebook; copies there are never touched."""
    folder = course.root / "my_labs"
    for lab in course.labs():
        copy = folder / lab.student.name
        if not lab.student.is_file():
            raise CourseError(
                f"'{lab.name}' is not built. Run `autograder build {lab.name}` first."
            )
        if not copy.exists():
            folder.mkdir(exist_ok=True)
            shutil.copyfile(lab.student, copy)
    return folder


def open_lab(course: Course, *, port: int, formgrader: bool) -> NoReturn:
    """Become JupyterLab: its questions and Ctrl-C are between it and the terminal."""
    _refuse_port_in_use(port)
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.port={port}"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")  # in a container everybody is root
    if formgrader:
        command.append("--LabApp.default_url=/formgrader")
    else:
        command.append(f"--ServerApp.root_dir={copy_labs(course)}")
    os.chdir(course.root)
    with environment():
        os.execv(sys.executable, command)


def _refuse_port_in_use(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise CourseError(
                f"Port {port} is in use. Name another one: make lab PORT={port + 1}"
            ) from None
