"""Bodies that services send by mistake: a key twice in a record, more than gzip in gzip, times in small letters."""

from __future__ import annotations

import gzip
import json
from typing import Any
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from governance.intake import landing, storing
from governance.intake.keys import REPEATED
from governance.intake.records import LINE_LIMIT, parsed
from lake.connectors.records import InvalidRecord
from tests.governance.conftest import Client
from tests.governance.intake.conftest import Send, body_of, captures, record
from tests.support.people import Company


def line(**fields: Any) -> str:
    return json.dumps({"email": "ada@example.com", **record(1), **fields})


TWICE = [
    line().replace("{", '{"email": "bob@example.com", ', 1),
    line().replace("{", '{"email"\t:"bob@example.com", ', 1),
    line().replace("{", '{"\\u0065mail": "bob@example.com", ', 1),
    line().replace('"title"', '"text": "other", "title"'),
    line(signal="smell").replace("{", '{"email": "bob@example.com", ', 1),
    line(application='Te:":x').replace("{", '{"signal": "ticket", ', 1),
]


@pytest.mark.parametrize("twice", TWICE)
def test_a_key_twice_is_nobodys(send: Send, recorder: TestClient, api: Client, person: Company, twice: str) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    answer = send([twice, record(2)])
    storing.store_due()
    batch = recorder.get(answer.headers["Location"]).json()
    assert {name: count for name, count in batch["counts"].items() if count} == {"stored": 1, "quarantined": 1}
    assert "bob@example.com" not in json.dumps(batch["reasons"])
    for who in (ada, bob):
        assert api(who).get("/v1/me/refused").json()["refused"] == []


@pytest.mark.parametrize("text", ['{"a": 1, "a": 2}', '":', ":", '" :"', "\\", '\\":', "a" * 100_000 + '":'])
def test_words_that_look_like_keys_are_words(text: str) -> None:
    given = parsed(line(content={"text": text, "title": text}, session=text[:255]).encode())
    assert given.content is not None
    assert given.content.text == text
    with pytest.raises(InvalidRecord, match=REPEATED):
        parsed(line(content={"text": text}).replace('"x"', '"y": 3, "x"').encode())


def test_deep_nesting_is_refused(send: Send, person: Company) -> None:
    person("ada@example.com")
    deep = line()[:-1] + ', "z": ' + '{"a":' * 900 + "1" + "}" * 901
    assert len(deep) < LINE_LIMIT
    assert send([deep]).status_code == 202


def test_parts_of_gzip_are_one_body(recorder: TestClient, person: Company) -> None:
    person("ada@example.com")
    parts = [gzip.compress(body_of([record(number)])) for number in range(1_001)]

    def sent(body: bytes) -> tuple[int, str]:
        headers = {"Content-Type": "application/jsonl", "Content-Encoding": "gzip", "Idempotency-Key": str(uuid4())}
        answer = recorder.post("/v1/captures", content=body, headers=headers)
        return answer.status_code, answer.json().get("detail", "")

    assert sent(b"".join(parts[:3]))[0] == 202
    storing.store_due()
    assert len(captures()) == 3
    for junk in (b"junk", b"\x1f\x8bjunk", b"\0" * 10, parts[1][:9]):
        status, why = sent(parts[0] + junk)
        assert status == 400
        assert "gzip" in why
        assert why.endswith("Nothing of this body was kept.")
    assert "more than 1,000 parts" in sent(b"".join(parts))[1]
    assert landing.names() == []


@pytest.mark.parametrize("time", ["2026-03-02t09:00:01z", "2026-03-02t09:00:01.000z", "2026-03-02t10:00:01+01:00"])
def test_times_in_small_letters(send: Send, api: Client, person: Company, time: str) -> None:
    ada = person("ada@example.com")
    send([record(1, time=time)])
    storing.store_due()
    (mine,) = api(ada).get("/v1/me/captures").json()["captures"]
    assert mine["captured_at"].startswith("2026-03-02T09:00:01")
