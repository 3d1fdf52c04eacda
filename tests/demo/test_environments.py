"""Each demo process has only the secrets it needs in its environment."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from demo.environments import OWN, SECRETS, environment_of
from demo.processes import Children
from lake.storage import duplicate
from settings import Settings

NOT_SECRET = {
    "OPENBOOK_KEY_SERVICE_MODULE",
    "OPENBOOK_KEY_SERVICE_TOKEN",
    "OPENBOOK_OBJECTS_KEY_ID",
    "OPENBOOK_BACKUP_KEY_ID",
    "OPENBOOK_OPENDSR_KEY",
    "OPENBOOK_WITNESS_KEYS",
    "OPENBOOK_ACTIVITYWATCH_KEYS",
    "OPENBOOK_BACKUP_KEY_PARTS",
    "OPENBOOK_BACKUP_KEY_DAYS",
    "OPENBOOK_TOKEN_CLIENTS",
    "OPENBOOK_TOKEN_ISSUER",
    "OPENBOOK_INTROSPECTION_SECRET_FILE",
}
"""Not secrets: file paths, public names and keys, numbers."""


SOUNDING = "SECRET|KEY|TOKEN|PASSWORD|WEBHOOKS|SERVERS|CATALOG|DATABASE"


def environment(process_id: int) -> dict[str, str]:
    """Of a process that may have begun this moment: until its program is loaded, the kernel shows an empty one."""
    path, until = Path(f"/proc/{process_id}/environ"), time.monotonic() + 30
    while not (text := path.read_text()) and time.monotonic() < until:
        time.sleep(0.01)
    return dict(line.split("=", 1) for line in text.split("\0") if line)


def test_every_setting_that_sounds_secret_is_given_to_named_processes() -> None:
    names = {f"OPENBOOK_{name.upper()}" for name in Settings.model_fields}
    sounding = {name for name in names if re.search(SOUNDING, name)}
    assert sounding - NOT_SECRET == {name for name in SECRETS if name.startswith("OPENBOOK_")}


@pytest.mark.parametrize("process", [*OWN, "watchdog"])
def test_a_process_has_its_own_secrets_and_no_others(
    process: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLOUD_PASSWORD", "hunter2")
    given = dict.fromkeys(SECRETS, "a secret") | {"OPENBOOK_RECEIPT_DAYS": "7"}
    with Children(given, tmp_path) as children:
        if process == "watchdog":
            found = environment(children._watchdog.pid)
        else:
            child = children.start(process, "timeit", "-n1", "-r1", "import time; time.sleep(600)")
            found = environment(child.process.pid)
    assert found.keys() & SECRETS == OWN.get(process, set())
    assert found["OPENBOOK_RECEIPT_DAYS"] == "7"
    assert found["PATH"]
    assert "CLOUD_PASSWORD" not in found


def test_secrets_of_the_dashboard_and_the_ledger_are_apart() -> None:
    assert OWN["identity provider"] == set()
    assert not OWN["dashboard"] & {"OPENBOOK_SIGNING_KEY", "OPENBOOK_SERVICE_TOKENS", "OPENBOOK_MLFLOW_TOKEN"}
    for process in OWN.keys() - {"dashboard"}:
        assert not OWN[process] & {"OPENBOOK_CLIENT_SECRET", "OPENBOOK_COOKIE_SECRET"}


def test_child_processes_of_a_worker_get_no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBOOK_MASTER_KEY", "a secret")
    left = duplicate.without_settings()
    assert left["PATH"]
    assert [name for name in left if name.startswith("OPENBOOK_")] == []


def test_an_unknown_process_gets_no_secret() -> None:
    assert environment_of("other", dict.fromkeys(SECRETS, "x")) == {}
