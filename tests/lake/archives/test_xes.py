"""XES logs: each person gets the events of which they are the resource; hostile XML is refused."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from lake.archives import ARCHIVES
from lake.connectors import InvalidSource
from lake.ingest.archiving import ingest_archive
from tests.lake.ingesting import allow, stored
from tests.support.people import Company

HEAD = '<?xml version="1.0" encoding="UTF-8" ?>\n'


def event(name: str, resource: str, time: str = "2026-01-05T09:00:00.000+01:00", more: str = "") -> str:
    return (
        f'<event><string key="concept:name" value="{name}"/><string key="org:resource" value="{resource}"/>'
        f'<string key="lifecycle:transition" value="complete"/><date key="time:timestamp" value="{time}"/>'
        f"{more}</event>"
    )


def log(*events: str) -> str:
    return (
        f'{HEAD}<log xes.version="1.0" xmlns="http://www.xes-standard.org/">'
        '<extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>'
        '<global scope="event"><string key="concept:name" value="UNKNOWN"/></global>'
        f'<trace><string key="concept:name" value="Invoice 7"/>{"".join(events)}</trace></log>'
    )


def test_each_person_gets_their_events(person: Company, tmp_path: Path) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    allow(["Process log"])
    nested = '<string key="cost" value="5"><string key="org:resource" value="eve@example.com"/></string>'
    events = [event("Approve", "Ada@Example.com", more=nested), event("deleted", "r7"), event("Pay", "r7", "soon"),
              event("Book", "robot"), event("Book", ""), event("Approve", "Ada@Example.com", more=nested)]  # fmt: skip
    file = tmp_path / "log.xes.gz"
    file.write_bytes(gzip.compress(log(*events).encode()))
    accounts = tmp_path / "accounts.csv"
    accounts.write_text("account,email\nr7,bob@example.com\n")
    done = ingest_archive("xes", str(file), accounts)
    assert (done.quarantined, sum(done.overview.left_out.values())) == (1, 2)
    [hers], [his] = stored(ada.subject), stored(bob.subject)
    assert hers.content == {"action": "Approve", "element": "complete", "title": "Invoice 7"}
    assert str(hers.captured_at) == "2026-01-05 08:00:00"
    assert his.content is not None
    assert his.content["action"] == "deleted (event)"
    again = ingest_archive("xes", str(file), accounts)
    assert sum(each.batch.stored for each in again.people) == 0


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b'<!DOCTYPE log [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><log>&b;</log>', "document type"),
        (b'<!DOCTYPE log SYSTEM "file:///etc/passwd"><log/>', "document type"),
        (b"<log><trace>", "not complete XML"),
        (b"nothing", "not complete XML"),
        (b"<other/>", "no XES log"),
        (b"<log>" + b"<a>" * 100, "in 64 others"),
        (b'<log a="' + b"x" * (6 << 20) + b'"/>', "more than 4 MB"),
        (gzip.compress(b"<log>" + b" " * (64 << 20) + b"</log>", mtime=0), "Nothing was changed"),
        (gzip.compress(b"<log></log>", mtime=0)[:-6], "Nothing was changed"),
    ],
)
def test_hostile_and_broken_logs_are_refused(tmp_path: Path, content: bytes, why: str) -> None:
    (tmp_path / "log.xes").write_bytes(content)
    with pytest.raises(InvalidSource, match=why):
        list(ARCHIVES["xes"].read(str(tmp_path / "log.xes"), {}))


def test_large_events_cost_only_themselves(tmp_path: Path) -> None:
    large = event(
        "Pay", "ada@example.com", more="".join(f'<string key="k{n}" value="{"x" * 90_000}"/>' for n in range(13))
    )
    (tmp_path / "log.xes").write_text(log(large, event("Book", "ada@example.com")))
    items = list(ARCHIVES["xes"].read(str(tmp_path / "log.xes"), {}))
    assert [type(getattr(item, "item", None)).__name__ for item in items] == ["Quarantined", "Record"]
