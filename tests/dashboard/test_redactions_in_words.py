from __future__ import annotations

import pytest

from dashboard.wording import masked_words, redaction_words
from lake.safeguards import KINDS, MASKED
from languages.language import speaking


@pytest.mark.parametrize(
    ("redactions", "words"),
    [
        ({}, ""),
        ({"password": 1}, "1 password"),
        ({"card_number": 1, "email_address": 2, "iban": 2}, "1 card number, 2 e-mail addresses, 2 IBANs"),
        ({"national_id": 1200}, "1,200 national ids"),
        ({"of an earlier version": 1}, "1 of an earlier version"),
    ],
)
def test_redactions_are_counted_in_words(redactions: dict[str, int], words: str) -> None:
    assert redaction_words(redactions) == words


def test_every_kind_has_the_name_that_masked_text_has() -> None:
    with speaking("en"):
        assert {kind: redaction_words({kind: 1}) for kind in MASKED} == {
            kind: f"1 {name}" for kind, name in KINDS.items()
        }


def test_a_name_that_was_masked_later_isnt_called_masked_before_storage() -> None:
    both = "Masked before storage: 2 IBANs. Masked later: 1 name, on somebody's request."
    assert masked_words({"iban": 2, "name": 1}) == both
    assert masked_words({"name": 3}) == "Masked later: 3 names, on somebody's request."
