"""A real MLflow tracking server and its real client, in the separate environment that `make test` creates; created here
if it is missing.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from tests.support.ports import free_port

ENVIRONMENT = Path(sys.prefix) / "mlflow"
REQUIREMENTS = Path(__file__).parents[3] / "requirements/mlflow.txt"
START_SECONDS = 900
QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    "MLFLOW_ENABLE_ASYNC_LOGGING": "false",
    "GIT_PYTHON_REFRESH": "quiet",
}


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The URL of a server with its data in `folder`."""
    program = _python().with_name("mlflow")
    port = free_port()
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(
            [
                program, "server", "--backend-store-uri", f"sqlite:///{folder / 'mlflow.db'}",
                "--artifacts-destination", str(folder / "artifacts"), "--host", "127.0.0.1", "--port", str(port),
                "--workers", "1",
            ],
            cwd=folder,
            env={**os.environ, **QUIET, "HOME": str(folder)},
            stdout=output,
            stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(f"{url}/health", process, folder / "output")
            yield url
        finally:
            process.terminate()
            process.wait(30)


def run_client(url: str, program: str, **arguments: str) -> None:
    """Run a program with the real client; it gets `arguments` as JSON."""
    done = subprocess.run(
        [_python(), "-W", "ignore", "-c", program, json.dumps(arguments)],
        env={**os.environ, **QUIET, "MLFLOW_TRACKING_URI": url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def _wait(url: str, process: subprocess.Popen[bytes], output: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            with urllib.request.urlopen(url, timeout=10):
                return
        except OSError as error:
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"MLflow did not start: {output.read_text()}") from error
            time.sleep(0.2)


def _python() -> Path:
    python = ENVIRONMENT / "bin" / "python"
    with FileLock(f"{ENVIRONMENT}.lock"):
        if not python.with_name("mlflow").exists():
            venv.create(ENVIRONMENT, clear=True, with_pip=True)
            install = ["-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(REQUIREMENTS)]
            subprocess.run([python, *install], check=True)
    return python
