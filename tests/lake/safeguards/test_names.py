from __future__ import annotations

import pytest

from lake.safeguards import KINDS, counted, placeholder


@pytest.mark.parametrize(
    ("redactions", "words"),
    [
        ({}, ""),
        ({"password": 1}, "1 password"),
        ({"email_address": 2, "iban": 2, "card_number": 1}, "2 e-mail addresses, 2 IBANs, 1 card number"),
        ({"national_id": 1200}, "1,200 national ids"),
        ({"of an earlier version": 1}, "1 of an earlier version"),
    ],
)
def test_redactions_are_counted_in_words(redactions: dict[str, int], words: str) -> None:
    assert counted(redactions) == words


def test_people_read_the_same_name_in_masked_text() -> None:
    for kind, name in KINDS.items():
        assert placeholder(kind) == f"[{name} removed]"
        assert counted({kind: 1}) == f"1 {name}"
