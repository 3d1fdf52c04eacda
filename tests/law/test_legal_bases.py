"""Consent and contract in the words of a policy's legal basis."""

from __future__ import annotations

import pytest

from law.legal_bases import Basis, bases_of, bases_of_all
from law.regimes import REGIMES

CONSENT, CONTRACT = frozenset({Basis.CONSENT}), frozenset({Basis.CONTRACT})


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("GDPR 6(1)(a), consent of the person recorded", CONSENT),
        ("GDPR Art. 6 (1) (a)", CONSENT),
        ("Article 6 para. 1 lit. a GDPR", CONSENT),
        ("Art. 6 Abs. 1 lit. b DSGVO", CONTRACT),
        ("GDPR 6(1) point (b)", CONTRACT),
        ("GDPR 9(2)(a)", CONSENT),
        ("GDPR 6(1)(a) and 6(1)(b)", CONSENT | CONTRACT),
        ("Explicit consent", CONSENT),
        ("the employment contract", CONTRACT),
        ("GDPR 6(1)(f), works agreement; no consent is needed", frozenset()),
        ("GDPR 6(1)(f), which needs neither consent nor contract", frozenset()),
        ("GDPR 6(1)(c)", frozenset()),
        ("GDPR 9(2)(b)", frozenset()),
        ("works agreement, without consent", frozenset()),
        ("works agreement", frozenset()),
        ("subcontractors, contractual partners", frozenset()),
        ("", frozenset()),
    ],
)
def test_a_legal_basis_is_read_from_its_text(text: str, found: frozenset[Basis]) -> None:
    assert bases_of(text) == found
    assert bases_of_all(["works agreement", text]) == found


def test_other_rights_hold_on_any_basis() -> None:
    for rules in REGIMES.values():
        bound = [right for right in rules.rights if right.bases]
        assert rules.rights_under(frozenset()) == [right for right in rules.rights if right not in bound]
        assert rules.rights_under(CONSENT | CONTRACT) == list(rules.rights)
