"""Every command in the documents runs in a fresh clone with its defaults; placeholders are filled in."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import queries.connection
from directory import Employee
from governance.api import service_tokens
from governance.db import database, work_queue
from governance.ledger.signing import signer
from settings import Settings, settings
from tests.documents.clone import LONG_RUNNING, Clone, stop
from tests.documents.elsewhere import serving
from tests.documents.reading import DOCUMENTS, blocks, commands
from tests.governance.conftest import Client
from tests.governance.working import carry_out
from tests.support.lake import store_captures
from tests.support.people import Company
from tests.support.slack import Workspace

YARA = "yara.solano@tessel.example"
FIRST_START = "python -m governance init"
NEEDS_API = {"docs/ledger.md", "docs/lineage.md", "docs/opendsr.md", "docs/people.md"}
STATUS = {
    "python -m governance verify FILE": 3,
    "python witness.py follow": 2,
    "python -m governance release": 1,
    "python -m governance move-to-postgresql": 1,
    "python -m governance move /srv/backup/open-book": 1,
    "python -m tests.documents.threats build/tests.xml": 1,
}
"""Commands with an expected exit status other than 0: without a key, the verifier can't say who signed; the operator
doesn't know the witness's key yet; no worker has ended today's retention; no setting names a database or a
bucket; the results of tests have none."""
SMALLER = {
    "--companies 200": "--companies 1 --trials 500",
    "lake accuracy": "lake accuracy --times 1 --companies 5",
    "--captures 5000000": "--captures 500",
    "--records 1000000": "--records 1000 --senders 2 --body 200",
    "test_oracle 20000": "test_oracle 200",
    "bench-safeguards": 'bench-safeguards ARGS="--texts 20"',
    "lake/rules/test_retention.py": "lake/rules/test_retention.py::test_a_sweep_removes_exactly_the_expired_captures",
}
ELSEWHERE = "python -m tests.trials "
"""These commands run in tests/trials/test_trials.py."""
SIDE_BY_SIDE = ("make ", "python -m benchmarks.", "python -m languages", *LONG_RUNNING)
"""No command builds on one of these: if several documents have one, it runs for the first of them."""
SAVED = ("open-book-", "verify FILE", "--key ", "_TOKEN")
"""What commands have in them that need what a person or a pipeline has saved."""


def commands_to_run(document: str) -> list[str]:
    """The commands of a document, without those that run for an earlier one, or elsewhere."""
    earlier = {_same(command) for other in DOCUMENTS[: DOCUMENTS.index(document)] for command in commands(other)}
    return [
        command
        for command in commands(document)
        if not command.startswith(ELSEWHERE)
        and not (_same(command).startswith(SIDE_BY_SIDE) and _same(command) in earlier)
    ]


def _same(command: str) -> str:
    """`make run` is this one, and `python` is the one of the virtual environment."""
    return "python -m demo" if command == "make run" else command.removeprefix(".venv/bin/")


@pytest.fixture
def elsewhere() -> Iterator[str]:
    with serving() as url:
        yield url


@pytest.fixture
def yara(home: Path, clone: Clone, person: Company, tmp_path: Path) -> Employee:
    """A person with a few captures; the file of people is beside the clone's other files."""
    employee = person(YARA, name="Yara Solano")
    store_captures(employee, 3)
    store_captures(employee, 3, signal="mouse_click", position=(10, 20))
    shutil.copy(tmp_path / "directory.csv", clone.folder / "people.csv")
    [policy, *_] = [block.text for block in blocks("README.md") if block.language == "toml"]
    for name in ("policy.toml", "policies.toml"):
        (clone.folder / name).write_text(policy)
    [hire] = [block.text for block in blocks("docs/people.md") if block.language == "json"]
    (clone.folder / "ada.json").write_text(hire)
    results = clone.folder / "build" / "tests.xml"
    results.parent.mkdir()
    results.write_text("<testsuites/>")
    return employee


@pytest.fixture
def saved(document: str, clone: Clone, yara: Employee, api: Client, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The files that a person has saved from the dashboard or the API, and the key of the ledger, for a document that
    has commands with them."""
    if not any(mark in command for command in commands_to_run(document) for mark in SAVED):
        return {}
    client = api(yara)
    request = client.post("/v1/requests", json={"type": "export"}).json()["id"]
    carry_out(request)
    token, line = service_tokens.make("pipeline", list(service_tokens.Scope))
    monkeypatch.setenv("OPENBOOK_SERVICE_TOKENS", line)
    pipeline = {"Authorization": f"Bearer {token}"}
    made = client.post(
        "/v1/datasets", json={"dataset": "replies", "purpose": "model training", "where": {}}, headers=pipeline
    ).json()
    version = made["dataset_version"]
    paths = {
        "receipt.json": f"/v1/requests/{request}/receipt",
        "export.zip": f"/v1/requests/{request}/export",
        "membership.json": f"/v1/me/datasets/{version}/proof",
        "leaves.json": f"/v1/datasets/{version}/leaves",
        "key-changes.json": "/v1/ledger/key-changes",
    }
    for name, path in paths.items():
        answer = client.get(path)
        assert answer.is_success, answer.text
        (clone.folder / name).write_bytes(answer.content)
    clone.environment |= {"OPENBOOK_SERVICE_TOKENS": line, "SERVICE_TOKEN": token, "SCIM_TOKEN": token}
    return {
        "open-book-receipt-….json": "receipt.json",
        "open-book-export-….zip": "export.zip",
        "open-book-membership-….json": "membership.json",
        "verify FILE": "verify receipt.json",
        "'open-book+1a2b3c4d+AbC…'": f"'{signer().key}'",
        "--key KEY": f"--key '{signer().key}'",
        "--key OLD": f"--key '{signer().key}'",
    }


@pytest.fixture
def filled_in(clone: Clone, saved: dict[str, str], elsewhere: str) -> Callable[[str], str]:
    port = clone.environment["OPENBOOK_API_PORT"]
    (clone.folder / "recordings.csv").write_text(f"source,email\n{elsewhere},{YARA}\n")
    (clone.folder / "accounts.csv").write_text("account,email\n")
    slack = Workspace().write(clone.folder / "slack.zip")
    values = saved | SMALLER | {
        "http://localhost:5600": elsewhere,
        "https://mlflow.example.com": elsewhere,
        f"localhost:{Settings.model_fields['api_port'].default}": f"localhost:{port}",
        "https://ours.example": f"http://localhost:{port}",
        "/srv/backup/open-book": str(clone.folder / "backups"),
        "FORMAT FOLDER": f"activitywatch {clone.folder}",
        "ARCHIVE FILE": f"slack {slack}",
        "FORMAT PATH_OR_URL": f"activitywatch {elsewhere}",
        "EMAIL": YARA,
        "token NAME": "token pipeline --namespace airflow",
        "curl -X POST": "curl --fail-with-body -X POST",
    }  # fmt: skip

    def fill_in(command: str) -> str:
        if command == "python -m directory sync":
            command += " people.csv"
        for placeholder, value in values.items():
            command = command.replace(placeholder, value)
        if "--name NAME" in command:
            newest = max(path.name for path in (clone.folder / "backups" / "keys").iterdir())
            command = command.replace("NAME", newest)
        assert "…" not in command, f"nothing is known to fill in: {command}"
        return command

    return fill_in


@pytest.mark.timeout(900)  # many commands, each in a new process
@pytest.mark.parametrize("document", [document for document in DOCUMENTS if commands_to_run(document)])
def test_every_command_of_a_document_runs(
    document: str, clone: Clone, home: Path, filled_in: Callable[[str], str]
) -> None:
    for module in (queries.connection, work_queue, database):
        module.close()
    served = clone.begin("python -m governance serve", "Uvicorn running on") if document in NEEDS_API else None
    try:
        for command in commands_to_run(document):
            aside = home.with_name("aside")
            if command == FIRST_START:
                home.rename(aside)  # there can only be one home
            elif "restore" in command and "--replace" not in command:
                shutil.rmtree(home)  # a restore needs an empty place
            clone.run(filled_in(command), status=STATUS.get(command, 0))
            if aside.exists():
                shutil.rmtree(home)
                aside.rename(home)
    finally:
        if served:
            stop(served)
    assert home.is_dir()
    assert settings().home == home


def test_every_command_runs_for_some_document() -> None:
    run = {_same(command) for document in DOCUMENTS for command in commands_to_run(document)}
    written = {_same(command) for document in DOCUMENTS for command in commands(document)}
    assert {command.split()[2] for command in written - run} == {"tests.trials"}


def test_a_failing_command_is_noticed(clone: Clone) -> None:
    for command in ("python -m lake policy apply no-such-file.toml", "python -m no_such_module", "false | true"):
        with pytest.raises(AssertionError, match="exit status"):
            clone.run(command)
    assert json.loads(clone.run("python -c 'print(1)'")) == 1
