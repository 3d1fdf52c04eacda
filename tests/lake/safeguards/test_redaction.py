"""The results of the safeguards on records, and on whole recordings in the lake."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from directory.sealing import Content
from lake.connectors.records import Record, identity
from lake.ingest.ingesting import ingest
from tests.lake.examining import safeguarded
from tests.lake.ingesting import START, allow, opencua_folder, stored, texts, typing, ui_log, ui_log_row
from tests.lake.secrets import SECRETS
from tests.support.disk import files_with
from tests.support.people import Company

MASK = ["mask", "drop_passwords"]


def record(content: Content, *, at: float = 0, signal: str = "form_edit", field: str = "text name") -> Record:
    return Record(
        1, START + timedelta(seconds=at), signal, "Chrome", "session", identity(at, content), content, field=field
    )


def left(*records: Record, safeguards: Sequence[str] = MASK) -> list[Content]:
    return [result.content for result in safeguarded(records, [safeguards] * len(records)) if result]


@pytest.mark.parametrize("field", ["text", "title", "element", "url", "message", "action"])
@pytest.mark.parametrize(("secret", "kind"), SECRETS)
def test_every_field_is_examined(field: str, secret: str, kind: str) -> None:
    [result] = safeguarded([record({field: f"a {secret} b"})], [MASK])
    assert result is not None
    assert secret not in result.content[field]
    assert result.content[field].startswith("a [")
    assert result.redactions == {kind: 1}


@pytest.mark.parametrize("times", [1, 2, 3])
@pytest.mark.parametrize("secret", ["ada@example.com", "4111 1111 1111 1111", "+49 30 901820"])
def test_encoded_in_a_url(secret: str, times: int) -> None:
    encoded = secret
    for _ in range(times):
        encoded = quote(encoded, safe="")
    [content] = left(record({"url": f"https://example.com/find?q={encoded}&page=2"}))
    assert encoded not in content["url"]
    assert content["url"].endswith(" removed]&page=2")


def test_a_url_without_secrets_is_unchanged() -> None:
    url = "https://example.com/find?q=caf%C3%A9%20au%20lait&page=2"
    assert left(record({"url": url})) == [{"url": url}]


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/login?user=ada&password=hunter22",
        "https://example.com/cb#access_token=hunter22&state=1",
        "https://example.com/reset?reset_token=hunter22",
        "https://ada:hunter22@intranet/",
        "https://example.com/go?to=%2Flogin%3Fpwd%3Dhunter22",
    ],
)
def test_passwords_in_urls(url: str) -> None:
    [result] = safeguarded([record({"url": url})], [MASK])
    assert result is not None
    assert "hunter22" not in result.content["url"]
    assert result.redactions == {"password": 1}


@pytest.mark.parametrize(
    "field", ["password login", "text user_pwd", "text Kennwort", "text mot-de-passe", "tel pin", "text card-cvc"]
)
def test_password_field_text_is_dropped_everywhere(field: str) -> None:
    contents = left(
        record({"text": "hunter22", "action": "copy"}, at=0, signal="clipboard"),
        record({"text": "hunter22", "action": "paste", "element": "INPUT"}, at=1, signal="clipboard", field=field),
        record({"text": "hunter", "action": "editField"}, at=2, field="text note"),
    )
    assert [content["text"] for content in contents] == ["[password removed]", "[password removed]", "hunter"]


@pytest.mark.parametrize(
    ("password", "text", "kept"),
    [
        ("rose", "it is rose, not roses", "it is [password removed], not roses"),
        ("dragon", "dragon!", "[password removed]!"),
        ("dragonfly", "xdragonflyx", "x[password removed]x"),
        ("hunter2", "Xhunter2024", "X[password removed]024"),
        ("4711", "4711 and 14711", "[password removed] and 14711"),
    ],
)
def test_a_password_is_dropped_from_other_text(password: str, text: str, kept: str) -> None:
    contents = left(
        record({"text": password}, at=0, field="password"), record({"text": text}, at=1), safeguards=["drop_passwords"]
    )
    assert contents[1] == {"text": kept}


@pytest.mark.parametrize("field", ["text shopping", "text opinion", "text compass", "text spinner"])
def test_fields_with_similar_names_are_kept(field: str) -> None:
    assert left(record({"text": "hunter22"}, field=field)) == [{"text": "hunter22"}]


def test_a_field_recorded_at_every_change() -> None:
    card = "4111111111111111"
    growing = [card[:length] for length in range(1, 17)]
    shrinking = [card[:length] for length in range(15, 0, -1)]
    records = [record({"text": text}, at=at) for at, text in enumerate([*growing, *shrinking, "ok"])]
    contents = left(*records)
    assert {content["text"] for content in contents[:-1]} == {"[card number removed]"}
    assert contents[-1] == {"text": "ok"}


def test_a_policy_without_safeguards_changes_nothing() -> None:
    content = {"text": "ada@example.com 4111111111111111"}
    assert left(record(content), safeguards=[]) == [content]


def test_each_safeguard_by_itself() -> None:
    secret = record({"text": "4111111111111111", "url": "https://example.com/?sig=9f8e7d6c5b4a"})
    assert left(secret, safeguards=["mask"]) == [
        {"text": "[card number removed]", "url": "https://example.com/?sig=9f8e7d6c5b4a"}
    ]
    assert left(secret, safeguards=["drop_passwords"]) == [
        {"text": "4111111111111111", "url": "https://example.com/?sig=[password removed]"}
    ]


def test_two_secrets_in_one_text_are_both_found() -> None:
    [result] = safeguarded([record({"text": "ada@example.com, bob@example.com", "title": "ada@example.com"})], [MASK])
    assert result is not None
    assert result.redactions == {"email_address": 3}
    assert result.content["text"] == "[e-mail address removed], [e-mail address removed]"


def test_keys_outside_the_policy_still_help_detect_secrets() -> None:
    def key(name: str, at: float) -> Record:
        return record({"action": "press", "key": name}, at=at, signal="keystroke")

    records = [key(digit, index) for index, digit in enumerate("4111111111111111")]
    results = list(safeguarded(records, [None] * 8 + [MASK] * 8))
    assert results[:8] == [None] * 8
    assert {result.content["key"] for result in results if result} == {"[card number removed]"}


def test_no_part_of_a_secret_reaches_the_lake(person: Company, home: Path, tmp_path: Path) -> None:
    ada = person()
    allow()
    secrets = [secret for secret, _ in SECRETS]
    rows = [ui_log_row(n, target_value=f"use {secret} please", target_name="x") for n, secret in enumerate(secrets)]
    rows += [ui_log_row(100, url=f"https://example.com/?q={quote(secret)}") for secret in secrets]
    rows += [ui_log_row(200, target_type="password", target_value="hunter22"), "2026,broken 4111111111111111 row"]
    log = ingest("ui-log", str(ui_log(tmp_path / "log.csv", rows)), ada.email)
    keys = [key for secret in secrets for key in [*secret, "enter"]]
    typed = ingest("opencua", str(opencua_folder(tmp_path / "typed", typing(keys, releases=True))), ada.email)
    captures = stored(ada.subject)
    everything = texts(captures)
    assert (log.batch.stored, log.batch.quarantined) == (2 * len(secrets) + 1, 1)
    assert typed.batch.stored == 2 * len(keys)
    for secret in [*secrets, "hunter22", "4111111111111111"]:
        assert secret not in everything
        assert files_with(home, [secret.encode()]) == []
        assert not any(secret in item.reason for item in log.quarantined)
    readable = "".join(
        capture.content["key"]
        for capture in captures
        if capture.signal == "keystroke" and capture.content and not capture.redactions
    )
    assert set(readable.replace("enter", "")) == set()
    assert log.batch.redacted == 2 * len(secrets) + 1
    assert set(log.redactions) == {
        "card_number", "iban", "email_address", "phone_number", "national_id", "password"
    }  # fmt: skip
