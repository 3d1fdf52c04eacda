"""The text of a notice: the English one has a hash in the ledger and never changes; others are made from its terms."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pytest

from lake.rules.notices import PERMITS, Notice, text_of
from lake.rules.scope import SIGNALS
from lake.safeguards import SAFEGUARDS
from languages.language import language

NOTICE = Notice(
    notice=UUID(int=1),
    policy="support",
    version=1234,
    name="Support: {braces} stay",
    purpose="training of “Assistant”",
    legal_basis="GDPR 6(1)(f)",
    signals=["keystroke", "telepathy"],
    applications=["Excel", "SAP"],
    safeguards=["mask", "retired"],
    retention_days=1200,
    announced_at=datetime(2026, 4, 1),  # noqa: DTZ001
    announced_by="",
    told_from=datetime(2026, 5, 3, 9, 5),  # noqa: DTZ001
    text="",
    permits=["training_pictures", "retired"],
)
WRITTEN_BEFORE_THERE_WERE_TRANSLATIONS = """\
Support: {braces} stay (support, version 1234)
Purpose: training of “Assistant”
Legal basis: GDPR 6(1)(f)
What is recorded: typed text, telepathy
In which applications: Excel, SAP
Before anything is stored: card numbers, IBANs, e-mail addresses, phone numbers, national ids, keys and tokens, \
passwords that a text names, and one-time codes are masked, wherever they are captured, typed key by key included; \
retired.
Besides: pictures of the screen are given to programs that train models, after names of people in the directory and \
contact details were painted over, as far as they are recognised.
Besides: retired.
Each record is kept for 1,200 days.
Nothing from before 3 May 2026, 09:05 UTC is stored under these terms.
"""


def test_the_english_text_stays_as_it_was() -> None:
    assert NOTICE.shown == WRITTEN_BEFORE_THERE_WERE_TRANSLATIONS
    one_day = text_of(replace(NOTICE, retention_days=1, safeguards=[], permits=[]), language("en"))
    assert "Before anything is stored: nothing is masked.\nEach record is kept for 1 day.\n" in one_day


@pytest.mark.parametrize("code", ["de", "fr", "es"])
def test_nothing_but_the_employers_words_stays_english(code: str) -> None:
    every = replace(NOTICE, signals=list(SIGNALS), safeguards=list(SAFEGUARDS), permits=list(PERMITS))
    lines = every.translated(language(code)).splitlines()
    english = every.shown.splitlines()
    assert len(lines) == len(english)
    assert [line for line, before in zip(lines, english, strict=True) if line == before] == (
        [english[0]] if code == "fr" else []
    ), "French writes the first line as English does"
    for words in (*SAFEGUARDS.values(), *PERMITS.values()):
        assert words not in "\n".join(lines)
    for kept in (NOTICE.name, NOTICE.purpose, NOTICE.legal_basis, *NOTICE.applications):
        assert kept in "\n".join(lines)


def test_what_terms_said_otherwise_then_is_not_translated() -> None:
    german = language("de")
    assert replace(NOTICE, text=NOTICE.shown).translated(german)
    assert replace(NOTICE, text=NOTICE.shown.replace("kept for", "stored for")).translated(german) == ""
    assert NOTICE.translated(language("en")) == ""
