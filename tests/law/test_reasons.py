"""Reasons and appeals: one wording for everyone, and no claim that the law doesn't make."""

from __future__ import annotations

import re
from dataclasses import asdict

import pytest

from languages.language import language
from law.reasons import REASONS, SENTENCES, USUAL_CONTACT, Decision, Reason, appeal
from law.regimes import REGIMES


@pytest.mark.parametrize("key", REGIMES)
@pytest.mark.parametrize("authority", ["", "the authority of Utopia"])
def test_only_complaints_are_called_free(key: str, authority: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBOOK_SUPERVISORY_AUTHORITY", authority)
    for text in (appeal(key), str(asdict(REGIMES[key])), *SENTENCES.values()):
        for sentence in re.split(r"(?<=[.])\s", text):
            if re.search(r"\bfree\b|charge|cost", sentence):
                assert re.match(r".*complaint to the authority is free of charge|Going to court may cost", sentence)
    assert ("free of charge" in appeal(key)) == (key == "gdpr")
    assert ("punished" in appeal(key)) == (key == "ccpa")


def test_the_usual_contact_is_translated_and_an_employers_own_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    for code in ("de", "fr", "es"):
        assert USUAL_CONTACT not in appeal("gdpr", language(code).t)
        assert language(code).t(USUAL_CONTACT) in appeal("gdpr", language(code).t)
    monkeypatch.setenv("OPENBOOK_APPEAL_CONTACT", "Record {1}")
    for words in (appeal("gdpr"), appeal("gdpr", language("de").t)):
        assert "Record {1}" in words


@pytest.mark.parametrize("reason", Reason)
def test_a_reason_reads_the_same_for_everyone(reason: Reason) -> None:
    [decision] = [decision for decision in Decision if reason in REASONS[decision]]
    assert ("denied" in SENTENCES[reason]) == (decision == Decision.DENY)
    assert not re.search(r"\byou(rs)?\b", SENTENCES[reason])


def test_many_and_repeated_requests_are_told_apart() -> None:
    assert "from everyone together" in SENTENCES[Reason.MANY_REQUESTS]
    assert "of the same person" in SENTENCES[Reason.EXCESSIVE]
