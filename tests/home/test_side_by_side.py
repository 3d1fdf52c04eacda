"""An upgrade with the old version running: the next version is this one with migrations of its own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from sqlalchemy import inspect

from directory import Employee
from governance.api import service_tokens
from governance.api.service_tokens import Scope
from governance.db import database, upgrading
from governance.db.tables import MigrationsRow
from lake.storage import migrations
from lake.storage.connection import writer
from tests.conventions.sources import ROOT, files
from tests.governance.conftest import wait_until
from tests.governance.intake.conftest import body_of, record
from tests.support import calls
from tests.support.issuer import Issuer
from tests.support.lake import store_captures
from tests.support.people import Company
from tests.support.ports import free_port

KNOWN = max(path.name[:4] for path in (upgrading.FOLDER / "versions").glob("[0-9]*.py"))
NEXT = f"{int(KNOWN) + 1:04}"
LAKE_KNOWS = len(migrations.every())
GOVERNANCE = '''"""A column more in every table, and another table."""
import sqlalchemy as sa
from alembic import op

revision = "{next}"
down_revision = "{known}"
{goes_with}

def upgrade():
    for table in {tables}:
        op.add_column(table, sa.Column("later", sa.String(10), nullable=True))
    op.create_table("later", sa.Column("number", sa.Integer, primary_key=True))
'''

Begin = Callable[..., str]


def sources(folder: Path) -> Path:
    for file in files():
        if file.parts[0] not in ("tests", "docs", "benchmarks"):
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / file, folder / file)
    return folder


def next_version(folder: Path, *, expands: bool) -> Path:
    """The sources of a next version. `expands`: its migrations say that this version can go on."""
    sources(folder)
    with database.reading() as session:
        tables = [name for name in inspect(session.connection()).get_table_names() if name != "alembic_version"]
    said = f'goes_with = "{KNOWN}"' if expands else ""
    text = GOVERNANCE.format(next=NEXT, known=KNOWN, goes_with=said, tables=tables)
    (folder / f"governance/db/migrations/versions/{NEXT}_later.py").write_text(text)
    of_lake = re.findall(r"^create table (\w+)", (ROOT / "lake/schema.sql").read_text(), re.MULTILINE)
    lines = [f"-- Goes with: {LAKE_KNOWS:04}"] if expands else []
    lines += [f"alter table {table} add column later varchar;" for table in of_lake]
    lines += ["create table later (number integer);"]
    (folder / f"lake/migrations/{LAKE_KNOWS + 1:04}_later.sql").write_text("\n".join(lines))
    return folder


@pytest.fixture
def begin(home: Path, issuer: Issuer, tmp_path: Path) -> Iterator[Begin]:
    """`begin(sources)`: an API and a worker of this version; the API's address, once it is ready."""
    running: list[subprocess.Popen[bytes]] = []

    def started(folder: Path) -> str:
        port = free_port()
        environment = {**os.environ, "OPENBOOK_API_PORT": str(port)}
        for command in ("serve", "work"):
            process = subprocess.Popen([sys.executable, "-m", "governance", command], cwd=folder, env=environment)
            running.append(process)
        address = f"http://localhost:{port}"
        wait_until(lambda: is_ready(address), 90)
        return address

    yield started
    for process in running:
        process.terminate()
    for process in running:
        process.wait(60)


def is_ready(address: str) -> bool:
    try:
        return calls.get(f"{address}/readyz", timeout=30).is_success
    except httpx2.TransportError:
        return False


class Person:
    """Asks one API or another."""

    def __init__(self, employee: Employee, token: str) -> None:
        self.employee, self._headers = employee, {"Authorization": f"Bearer {token}"}

    def get(self, address: str, path: str) -> Any:
        answer = calls.get(address + path, headers=self._headers, timeout=60)
        assert answer.is_success, answer.text
        return answer.json()

    def ask(self, address: str, kind: str, **scope: Any) -> str:
        body = {"type": kind, **({"scope": scope} if scope else {})}
        answer = calls.call("POST", f"{address}/v1/requests", json=body, headers=self._headers, timeout=60)
        assert answer.is_success, answer.text
        return str(answer.json()["id"])

    def ended(self, address: str, request: str) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            found: dict[str, Any] = self.get(address, f"/v1/requests/{request}")
            assert found["failure"] is None, found["failure"]
            return found if found["completed_at"] else None

        return dict(wait_until(look, 120))


@pytest.fixture
def people(person: Company, token_for: Callable[..., str]) -> list[Person]:
    employees = [person(f"{name}@example.com") for name in ("ada", "bob", "cy")]
    for each in employees:
        store_captures(each, 6, content=lambda number: {"text": f"words {number}"})
        store_captures(each, 4, application="Chrome", signal="mouse_click", position=(1, 2))
    return [Person(each, token_for(each)) for each in employees]


@pytest.fixture
def recorder(home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, int], None]:
    """`recorder(address, number)`: send a record of Ada to an API; workers store it."""
    token, line = service_tokens.make("recorder", [Scope.CAPTURES_WRITE], until=date(2100, 1, 1))
    monkeypatch.setenv("OPENBOOK_SERVICE_TOKENS", line)
    monkeypatch.setenv("OPENBOOK_INTAKE_SECONDS", "0")

    def send(address: str, number: int) -> None:
        answer = calls.call(
            "POST",
            f"{address}/v1/captures",
            content=body_of([record(number, time="2026-03-02T12:00:00Z")]),
            headers={
                "Authorization": f"Bearer {token}",
                "Idempotency-Key": str(uuid4()),
                "Content-Type": "application/x-ndjson",
            },
        )
        assert answer.status_code == 202, answer.text
        batch = address + answer.headers["Location"]
        authorized = {"Authorization": f"Bearer {token}"}
        wait_until(lambda: calls.get(batch, headers=authorized).json()["counts"]["stored"] == 1)

    return send


@pytest.mark.timeout(400)
def test_both_versions_serve_and_work_until_the_old_one_stops(
    begin: Begin, people: list[Person], recorder: Callable[[str, int], None], tmp_path: Path
) -> None:
    old = begin(sources(tmp_path / "old"))
    ada, bob, cy = people
    before = [each.get(old, "/v1/me/summary") for each in people]
    first = ada.ask(old, "export")
    new = begin(next_version(tmp_path / "new", expands=True))
    assert [each.get(new, "/v1/me/summary") for each in people] == before
    assert [each.get(old, "/v1/me/summary") for each in people] == before
    for number, address in enumerate((old, new)):
        recorder(address, number)
    asked = [
        (ada, first),
        (ada, ada.ask(new, "erasure", applications=["Chrome"])),
        (bob, bob.ask(old, "export")),
        (bob, bob.ask(new, "objection")),
        (cy, cy.ask(old, "erasure")),
    ]
    for person, request in asked:
        assert person.ended(old, request)["state"] == person.ended(new, request)["state"] == "completed"
    restarted = begin(tmp_path / "old")
    for address in (old, restarted, new):
        assert [each.get(address, "/v1/me/summary")["captures"] for each in people] == [8, 10, 0]
        assert cy.get(address, "/v1/requests")[0]["state"] == "completed"
    recorder(restarted, 2)
    assert ada.get(new, "/v1/me/summary")["captures"] == 9


@pytest.mark.timeout(200)
@pytest.mark.parametrize("command", ["serve", "work"])
def test_a_version_that_could_not_go_on_waits(
    begin: Begin, home: Path, tmp_path: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(next_version(tmp_path / "new", expands=False))
    port = free_port()
    monkeypatch.setenv("OPENBOOK_API_PORT", str(port))
    said = tmp_path / "said"
    with said.open("w") as output:
        waiting = subprocess.Popen([sys.executable, "-m", "governance", command], cwd=ROOT, stderr=output)
    try:
        wait_until(lambda: "made by a later version of Open Book. Nothing was changed." in said.read_text())
        assert waiting.poll() is None
        if command == "serve":
            assert not is_ready(f"http://localhost:{port}")
    finally:
        waiting.kill()
        waiting.wait(60)
    assert "Traceback" not in said.read_text()


def test_what_this_version_needs_is_noted(home: Path) -> None:
    with writer() as connection:
        rows = connection.execute("select number, goes_with from migrations order by number").fetchall()
    assert rows == [(each.number, each.goes_with) for each in migrations.every()]
    with database.reading() as session:
        assert "0051" <= session.get_one(MigrationsRow, 1).goes_with <= KNOWN
