"""`python -m demo` (what `make run` runs): the whole of Open Book on this machine, with a made-up company.

The first start creates the home folder, secrets and company; later starts keep them. It then starts the identity
provider, the governance API, its worker and the dashboard, and stays in the foreground. Ctrl-C stops everything.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import NoReturn

from filelock import FileLock, Timeout
from rich.console import Console
from rich.table import Table

from demo import secrets
from demo.company import people
from demo.company.branches import HEAD_OF_200, everyone
from demo.processes import Children, NotStarted, TooManyRestarts, require_free_ports
from file_modes import keep_private
from governance.operations import first_start
from home import HomeUnavailable, missing_parts
from settings import Settings, settings

WATCH_SECONDS = 0.5
FOR_THE_DEMO = {
    "OPENBOOK_LEDGER_BATCH_SECONDS": "60",
    "OPENBOOK_LEDGER_BATCH_SIZE": "16",
    "OPENBOOK_CHAT_HOSTS": "hooks.slack.com,.webhook.office.com,.logic.azure.com,.powerplatform.com",
}
"""Nobody who tries it waits a quarter of an hour for a proof, and people may connect Slack or Teams."""


class Stopped(Exception):
    """The demo was asked to stop."""


def main() -> int:
    signal.signal(signal.SIGINT, _stop)
    signal.signal(signal.SIGTERM, _stop)
    console = Console(highlight=False, soft_wrap=True)
    current = settings()
    keep_private(current.home)
    state = current.home / "demo"
    state.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(state / "run.lock", timeout=0):
            _run(console, current, state)
    except Timeout:
        console.print(f"The demo is already running with this home: {current.home}")
        return 1
    except (NotStarted, TooManyRestarts, HomeUnavailable) as error:
        console.print(f"\n{error}", markup=False)
        return 1
    except (Stopped, RuntimeError) as error:
        if not isinstance(error, Stopped) and not isinstance(error.__cause__, Stopped):
            raise  # DuckDB wraps the exception that stopped it in a RuntimeError
        console.print("\nStopped. The home folder is kept; `make run` continues from there.", markup=False)
    return 0


def _run(console: Console, current: Settings, state: Path) -> None:
    began = time.monotonic()
    console.print(f"[bold]Open Book[/bold]  home: {current.home}")
    require_free_ports(
        [
            (current.dashboard_port, "dashboard", "OPENBOOK_DASHBOARD_PORT"),
            (current.api_port, "governance API", "OPENBOOK_API_PORT"),
            (current.idp_port, "identity provider", "OPENBOOK_IDP_PORT"),
        ]
    )
    _ensure_company(console, current.home, state)
    environment = {
        **{name: value for name, value in FOR_THE_DEMO.items() if name not in os.environ},
        "OPENBOOK_HOME": str(current.home),
        "OPENBOOK_CLIENT_SECRET": secrets.client_secret(),
        "OPENBOOK_COOKIE_SECRET": secrets.cookie_secret(),
    }
    with Children(environment, current.home / "logs") as children:
        _start(console, current, children)
        console.print(f"\nReady after {time.monotonic() - began:.1f} s:  [bold]{current.dashboard_base_url}[/bold]\n")
        console.print(f"Sign in with the password {people.PASSWORD} as\n")
        console.print(_who_can_sign_in())
        console.print(f"\nCtrl-C stops everything. Logs: {current.home / 'logs'}")
        while True:
            time.sleep(WATCH_SECONDS)
            for said in children.keep_running():
                console.print(said, markup=False)


def _start(console: Console, current: Settings, children: Children) -> None:
    """Starts the four processes and waits until each answers. Raises NotStarted."""
    began = time.monotonic()
    provider = children.start("identity provider", "demo.identity_provider")
    api = children.start("governance API", "governance", "serve")
    dashboard = children.start("dashboard", "dashboard")

    def ready(name: str) -> None:
        console.print(f"  {name:<18} ready after {time.monotonic() - began:4.1f} s")

    children.wait_until_answering(provider, f"http://localhost:{current.idp_port}/.well-known/openid-configuration")
    ready(provider.name)
    children.wait_until_answering(api, f"{current.api_base_url}/healthz")
    ready(api.name)
    worker = children.start("worker", "governance", "work")
    children.wait_until_answering(dashboard, f"http://localhost:{current.dashboard_port}/_stcore/health")
    ready(dashboard.name)
    children.wait_until_answering(worker, f"{current.api_base_url}/healthz", saying='"worker":"running"')
    ready(worker.name)


def _ensure_company(console: Console, home: Path, state: Path) -> None:
    """Builds the company, unless it exists or the home has somebody's own captures."""
    building, built = state / "company.building", state / "company.built"
    if building.exists():
        console.print("  The first start was interrupted. The company is built again.")
        for folder in ("lake", "directory", "governance", "releases"):
            shutil.rmtree(home / folder, ignore_errors=True)
        for name in ("home.json", "home.making"):
            (home / name).unlink(missing_ok=True)
    elif first_start.is_there():
        first_start.require_home()
        if missing := missing_parts():
            raise HomeUnavailable.missing(*missing)
        summary = "not added: this home has people and records of its own"
        console.print(f"  company            {built.read_text() if built.exists() else summary}")
        return
    from demo.company.build import build_company  # numpy, pyarrow and DuckDB: later starts don't need them

    building.touch()
    first_start.init()
    began = time.monotonic()
    captures = build_company(
        lambda step: console.print(f"  building           {time.monotonic() - began:4.1f} s  {step}")
    )
    summary = f"{captures:,} records; {len(everyone())} people"
    built.write_text(f"{summary}, built on {time.strftime('%-d %B %Y')}")
    building.unlink()
    console.print(f"  company            {summary}, in {time.monotonic() - began:.1f} s")


def _who_can_sign_in() -> Table:
    shown = [
        (people.RICH, "an employee with a long history and some requests"),
        (people.HELD[0], "under a legal hold, a deletion partly done"),
        (people.CALIFORNIANS[0], "in California: CCPA, a longer deadline"),
        (people.HEADS[0], "manager of fifty people, whose area has numbers"),
        (HEAD_OF_200, "manager of two hundred people, whose area has more of them"),
        ("Kira Novotna", "manager of a team of six, which is too small for numbers"),
        (people.WITHOUT_A_TEAM, "a manager without reports"),
        (people.PRIVACY_OFFICER, "privacy officer: requests due, legal holds"),
        (people.JOINED_TODAY, "nothing captured yet"),
        (people.VISITOR, "not in the directory"),
    ]
    table = Table("login", "name", "", box=None, padding=(0, 3, 0, 0))
    for name, what in shown:
        table.add_row(people.login_of(name), name, what)
    return table


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # one signal is enough: let everything stop in order
    raise Stopped


if __name__ == "__main__":
    sys.exit(main())
