"""What commands print: JSON for programs, tables of at most 80 columns for people; and previews that change nothing."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import directory.__main__
import lake.__main__
from command_line import Answer, Table, show
from tests.lake.ingest.test_command import POLICY
from tests.lake.ingesting import ui_log, ui_log_row
from tests.support.people import Company

Run = Callable[..., tuple[int, str, str]]
LONG = "a-policy-with-a-long-key-that-nobody-may-cut-because-somebody-has-to-copy-it-2026-for-all-of-us"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv("COLUMNS", "80")

    def command(module: Any, *arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["it", *arguments])
        status = module.main()
        return status, *capsys.readouterr()

    return command


@pytest.fixture
def policies(home: Path, tmp_path: Path) -> str:
    file = tmp_path / "policies.toml"
    file.write_text(POLICY.replace('"assistant"', f'"{LONG}"').replace('"Chrome"', '"Chrome", "[bold]Excel"'))
    return str(file)


def content(home: Path) -> dict[str, str]:
    return {
        str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in home.rglob("*")
        if path.is_file() and path.suffix not in (".lock",) and not path.name.endswith(("-shm", "-wal"))
    }


def test_json_is_all_that_is_printed(policies: str, run: Run) -> None:
    applied = json.loads(run(lake.__main__, "policy", "apply", policies, "--json")[1])
    assert applied["result"] == {"added": [LONG], "replaced": [], "unchanged": []}
    status, out, err = run(lake.__main__, "policy", "list", "--json")
    said = json.loads(out)
    assert (status, err) == (0, "")
    assert (said["command"], said["status"], said["dry_run"]) == ("lake policy list", 0, False)
    [policy] = said["result"]["policies"]
    assert (policy["policy"], policy["valid_from"], policy["valid_to"]) == (LONG, "2019-01-01", None)
    assert policy["applications"] == ["Chrome", "[bold]Excel"]
    assert policy["retention_days"] == 3650


def test_keys_of_policies_are_written_as_they_are(policies: str, run: Run) -> None:
    file = Path(policies)
    file.write_text(file.read_text().replace(LONG, "Desk-EU"))
    assert run(lake.__main__, "policy", "apply", policies)[1].endswith("from now on. Added: Desk-EU.\n")


def test_an_error_is_json_too(home: Path, run: Run) -> None:
    status, out, err = run(lake.__main__, "policy", "apply", "no-such-file", "--json")
    assert (status, out) == (1, "")
    said = json.loads(err)
    assert (said["command"], said["status"], said["error"]["kind"]) == ("lake policy apply", 1, "refused")
    assert "Nothing changed" in said["error"]["message"]


def test_a_wide_table_fits_and_keeps_its_ids(policies: str, run: Run) -> None:
    run(lake.__main__, "policy", "apply", policies)
    out = run(lake.__main__, "policy", "list")[1]
    assert max(map(len, out.splitlines())) <= 80
    joined = "".join(part.strip() for line in out.splitlines() for part in line.split("│")[2:3])
    assert LONG in joined
    assert "[bold]Excel" in out
    assert "…" not in out


@pytest.mark.parametrize("columns", [(), ("name", "value", "note")])
def test_no_row_is_too_wide(columns: tuple[str, ...], capsys: pytest.CaptureFixture[str], run: Run) -> None:
    import argparse

    row = ("x" * 200, "y y " * 80, "z" * 30)
    show(argparse.Namespace(json=False), Answer({}, [Table(columns, [row])]))
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 80
    assert out.count("x") == 200
    assert out.count("z") == 30


def test_previews_change_nothing(person: Company, policies: str, home: Path, tmp_path: Path, run: Run) -> None:
    ada = person()
    log = str(ui_log(tmp_path / "log.csv", [ui_log_row(0), ui_log_row(1, targetApp="Other"), "broken"]))
    (tmp_path / "people.csv").write_text(f"email,source\n{ada.email},log.csv\n")
    run(lake.__main__, "policy", "apply", policies)
    hr = str(next(tmp_path.rglob("directory.csv")))
    one = ["ingest", "ui-log", log, "--employee", ada.email]
    many = ["ingest", "ui-log", str(tmp_path), "--manifest", str(tmp_path / "people.csv")]
    before = content(home)
    found = {}
    for module, arguments in (
        (lake.__main__, one),
        (lake.__main__, many),
        (lake.__main__, ["policy", "apply", policies]),
        (lake.__main__, ["sweep"]),
        (directory.__main__, ["sync", hr]),
    ):
        status, out, err = run(module, *arguments, "--dry-run", "--json")
        said = json.loads(out)
        assert (said["dry_run"], err) == (True, "")
        assert said["status"] == status
        found[" ".join(arguments[:2])] = said["result"]
    assert content(home) == before
    counts = found["ingest ui-log"]["people"][0]["counts"]
    assert (counts["read"], counts["stored"], counts["outside_policy"], counts["quarantined"]) == (3, 1, 1, 1)
    assert found["policy apply"]["unchanged"] == [LONG]
    done = json.loads(run(lake.__main__, *one, "--json")[1])["result"]["counts"]
    assert done == counts
    made = ["dataset", "create", "replies"]
    would = json.loads(run(lake.__main__, *made, "--dry-run", "--json")[1])["result"]
    assert json.loads(run(lake.__main__, "dataset", "list", "--json")[1])["result"] == {"datasets": []}
    did = json.loads(run(lake.__main__, *made, "--json")[1])["result"]
    assert {name: did[name] for name in would} == would
    assert did["created_at"].endswith("Z")
