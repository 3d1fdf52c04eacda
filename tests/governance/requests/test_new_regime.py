"""A new legal regime is one row: deadlines, receipts and answers follow it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from governance import receipts
from law.regimes import REGIMES, Period
from tests.governance.conftest import Client
from tests.governance.working import carry_out
from tests.support.people import Company

BRAZIL = replace(
    REGIMES["gdpr"],
    law="LGPD",
    deadline=Period(days=15),
    extended=Period(days=30),
    deadline_words="15 days",
    extension_words="15 more days",
    authority="the ANPD",
    complaint="You may complain to the ANPD.",
    record_duty="your employer has to keep it (LGPD 37)",
    opendsr=None,
)


def test_a_new_regime_is_one_row(api: Client, person: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(REGIMES, "lgpd", BRAZIL)
    ana = person("ana@example.com", regime="lgpd")
    client = api(ana)
    filed = client.post("/v1/requests", json={"type": "export"}).json()
    received, due = (datetime.fromisoformat(filed[name]) for name in ("received_at", "due_at"))
    assert due.date() - received.date() == timedelta(days=15)
    carry_out(filed["id"])
    [document] = receipts.documents(ana.subject)
    assert "LGPD 37" in str(document)
    assert client.get(f"/v1/requests/{filed['id']}").json()["regime"] == "lgpd"
