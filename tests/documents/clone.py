"""A fresh clone of the project, with its defaults, in its own folder; the home is `.openbook` in it."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from tests.conventions.sources import ROOT, files

LONG_RUNNING = {
    "make run": "Ready after",
    "python -m demo": "Ready after",
    "python -m dashboard": "The dashboard is at",
    "python -m governance serve": "Uvicorn running on",
    "python -m governance work": "is ready",
}
"""Command -> what it prints once it runs; then it is stopped, as by Ctrl-C."""
ONLY_READ = {"make test", "make lint", "make bench", "make requirements", "make sbom"}
"""These take long or change pinned files: make only prints what it would run."""


class Failed(AssertionError):
    """A command of a document failed; the message has its output."""


class Clone:
    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        self.folder = folder
        for file in files():
            target = folder / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / file, target)
        subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
        venv = folder / ".venv"
        venv.mkdir()
        for entry in Path(sys.prefix).iterdir():
            (venv / entry.name).symlink_to(entry)
        for stamp in ("installed-run", "installed-test"):
            (venv / stamp).unlink(missing_ok=True)
            (venv / stamp).touch()
        system = {
            name: value for name, value in os.environ.items() if not name.startswith(("OPENBOOK_", "PYTHON", "PYTEST"))
        }
        self.environment = {
            **system,
            **settings,
            "PATH": f"{venv / 'bin'}:{system['PATH']}",
            "PIP_NO_INDEX": "1",
            "PYTHONUNBUFFERED": "1",
        }

    def run(self, command: str, *, status: int = 0) -> str:
        """Run a command as a reader of a document would, and return its output. Raises Failed for another exit status,
        and for a traceback."""
        if command.startswith("export "):
            [assignment] = shlex.split(command)[1:]
            name, _, value = assignment.partition("=")
            self.environment[name] = value
            return ""
        if command in LONG_RUNNING:
            return self._run_for_a_moment(command, LONG_RUNNING[command])
        if any(command == each or command.startswith(f"{each} ") for each in ONLY_READ):
            command = f"{command} --dry-run"
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != status or "Traceback" in done.stderr:
            raise Failed(f"{command}: exit status {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
        return done.stdout

    def begin(self, command: str, saying: str) -> subprocess.Popen[str]:
        """Start a command that keeps running, and wait for this output. Raises Failed."""
        said = self.folder / "said.log"
        with said.open("w") as output:
            process = subprocess.Popen(
                ["bash", "-c", f"exec {command}"],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
        while saying not in said.read_text():
            if process.poll() is not None:
                raise Failed(f"{command} ended (exit status {process.returncode}):\n{said.read_text()[-3000:]}")
            time.sleep(0.1)
        return process

    def _run_for_a_moment(self, command: str, saying: str) -> str:
        stop(self.begin(command, saying))
        return ""


def stop(process: subprocess.Popen[str]) -> None:
    """Stop it as Ctrl-C does. Raises Failed unless it exits cleanly."""
    os.killpg(process.pid, signal.SIGINT)
    status = process.wait()
    if status not in (0, 130, -signal.SIGINT):
        raise Failed(f"{process.args!r} ended with {status} when it was stopped")
