"""The signing key is replaced: the old one names the new one, the ledger records it, and old receipts still verify."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.testclient import TestClient

from errors import Conflict
from governance.db.database import lock
from governance.ledger import key_changes
from governance.ledger.signing import signer
from home import Part
from tests.governance.conftest import ROOT, Client
from tests.governance.ledger.ending import ended_request, receipt_of
from tests.support.people import Company
from verifier import Checkpoint, Key, Refused, Trust, verify

Changes = Callable[[], dict[str, Any]]


@pytest.fixture
def told(unknown: TestClient) -> Changes:
    """`told()`: the file of key changes that anyone can get."""

    def get() -> dict[str, Any]:
        document: dict[str, Any] = unknown.get("/v1/ledger/key-changes").json()
        return document

    return get


def checked(document: dict[str, Any], *keys: Key) -> str:
    return "\n".join(verify(json.dumps(document), Trust(keys)).proven)


def test_the_command_replaces_the_key_and_names_both(home: Path) -> None:
    before = signer().key
    done = subprocess.run(
        [sys.executable, "-m", "governance", "rotate-keys"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    after = signer().key
    assert after.public != before.public
    assert str(before) in done.stdout
    assert str(after) in done.stdout
    assert Part.SIGNING_KEY.path.stat().st_mode & 0o777 == 0o600
    assert list(Part.SIGNING_KEY.path.parent.glob("signing.key?*")) == []


def test_old_receipts_verify_and_new_ones_have_the_new_key(api: Client, person: Company) -> None:
    client = api(person())
    first = ended_request(client)
    kept, checkpoint = receipt_of(client, first), client.get("/v1/ledger/checkpoint").text
    old = signer().key
    new = key_changes.replace().key
    second = receipt_of(client, ended_request(client, type="export"))
    for document in (kept, receipt_of(client, first)):
        assert document["key"] == str(old)
    verify(json.dumps(kept), Trust([old]))
    verify(json.dumps(receipt_of(client, first)), Trust([old, new]))
    verify(json.dumps(second), Trust([new, old], older=Checkpoint.parse(checkpoint)))
    with pytest.raises(Refused):
        verify(json.dumps(second), Trust([old]))
    assert client.get("/v1/ledger/keys").text.split() == [str(new), str(old)]


def test_one_of_two_keys_says_to_give_both(api: Client, person: Company) -> None:
    client = api(person())
    first = ended_request(client)
    old, new = signer().key, key_changes.replace().key
    document = json.dumps(receipt_of(client, first))
    for known in (old, new):
        with pytest.raises(Refused, match="you gave only one of the two: then give both, --key twice"):
            verify(document, Trust([known]))
    verify(document, Trust([old, new]))


def test_the_old_key_proves_the_new_one(told: Changes) -> None:
    first = signer().key
    second, third = key_changes.replace().key, key_changes.replace().key
    for trusted in (first, second):
        assert f"The key is {third} now" in checked(told(), trusted)
    assert str(second) in checked(told(), first)


def test_a_stranger_proves_no_key(told: Changes) -> None:
    key_changes.replace()
    stranger = Key(signer().key.name, Ed25519PrivateKey.generate().public_key().public_bytes_raw())
    with pytest.raises(Refused, match="another key than the one you trust"):
        checked(told(), stranger)


@pytest.mark.parametrize("part", ["key", "previous", "signature"])
def test_an_altered_change_is_refused(told: Changes, part: str) -> None:
    first = signer().key
    key_changes.replace()
    key_changes.replace()
    document = told()
    document["changes"][1][part] = document["changes"][0][part]
    with pytest.raises(Refused):
        checked(document, first)


def test_the_newest_key_alone_needs_no_change(told: Changes) -> None:
    first = signer().key
    assert told()["changes"] == []
    assert f"The key is {first} now" in checked(told(), first)


def test_the_ledger_records_the_change(unknown: TestClient) -> None:
    old = signer().key
    new = key_changes.replace().key
    (recorded,) = [
        entry["statement"]
        for entry in unknown.get("/v1/ledger/entries").json()["entries"]
        if entry["statement"]["kind"] == "key_change"
    ]
    assert (recorded["previous"], recorded["key"]) == (str(old), str(new))


def stopped_before(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """What a machine leaves that stops at this step of a replacement."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as stopping:
        stopping.setattr(f"governance.ledger.{name}", stop)
        with pytest.raises(KeyboardInterrupt):
            key_changes.replace()


def test_a_replacement_stopped_before_its_entry_changes_nothing(
    api: Client, person: Company, told: Changes, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = signer().key
    stopped_before(monkeypatch, "log.append")
    assert signer().key == old
    assert told()["changes"] == []
    verify(json.dumps(receipt_of(api(person()), ended_request(api(person())))), Trust([old]))
    assert key_changes.replace().key != old


def test_a_replacement_stopped_after_its_entry_is_completed(told: Changes, monkeypatch: pytest.MonkeyPatch) -> None:
    old = signer().key
    stopped_before(monkeypatch, "signing.take_into_use")
    new = signer().key
    assert new != old
    assert f"The key is {new} now" in checked(told(), old)
    assert not Part.SIGNING_KEY.path.with_name("signing.key.next").exists()


def test_a_key_from_the_settings_is_not_replaced(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBOOK_SIGNING_KEY", "A" * 43 + "=")
    with pytest.raises(Conflict, match="OPENBOOK_SIGNING_KEY"):
        key_changes.replace()


def test_a_backup_and_a_replacement_exclude_each_other(home: Path) -> None:
    with lock("backup"), pytest.raises(Conflict, match="A backup is being made"):
        key_changes.replace()
