"""Secrets for tests: valid in form and checksum, belonging to no one."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

SECRETS = [
    ("4111111111111111", "card_number"),
    ("4111 1111 1111 1111", "card_number"),
    ("5555-5555-5555-4444", "card_number"),
    ("2223003122003222", "card_number"),
    ("378282246310005", "card_number"),
    ("3782 822463 10005", "card_number"),
    ("30569309025904", "card_number"),
    ("6011111111111117", "card_number"),
    ("3530111333300000", "card_number"),
    ("DE89370400440532013000", "iban"),
    ("DE89 3704 0044 0532 0130 00", "iban"),
    ("gb82 west 1234 5698 7654 32", "iban"),
    ("FR1420041010050500013M02606", "iban"),
    ("ada.lovelace+work@example.com", "email_address"),
    ("ada@corp.internal", "email_address"),
    ("o'brien_7@mail.example.co.uk", "email_address"),
    ("+49 30 901820", "phone_number"),
    ("+61 412 345 678", "phone_number"),
    ("(202) 555-0143", "phone_number"),
    ("0412 345 678", "phone_number"),
    ("536-22-1234", "national_id"),
    ("AB 12 34 56 C", "national_id"),
    ("12345678Z", "national_id"),
    ("RSSMRA85T10A562S", "national_id"),
    ("44051401359", "national_id"),
    ("131052-308T", "national_id"),
    ("1 85 05 78 006 084 91", "national_id"),
]

ISSUERS = [("4", 16), ("4", 13), ("51", 16), ("55", 16), ("2221", 16), ("34", 15), ("37", 15), ("36", 14), ("6011", 16),
           ("3528", 16), ("62", 16)]  # fmt: skip
IBANS = [("DE", 18), ("BE", 12), ("ES", 20), ("NL", 14), ("AT", 16), ("PL", 24)]


def luhn_digit(digits: str) -> str:
    """The check digit that follows `digits` (ISO/IEC 7812-1)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


@st.composite
def card_numbers(draw: DrawFn) -> str:
    """A card number of a known issuer with a right check digit."""
    prefix, length = draw(st.sampled_from(ISSUERS))
    rest = length - len(prefix) - 1
    body = prefix + draw(st.text(alphabet="0123456789", min_size=rest, max_size=rest))
    return body + luhn_digit(body)


@st.composite
def ibans(draw: DrawFn) -> str:
    """An IBAN with right check digits (ISO 13616)."""
    country, length = draw(st.sampled_from(IBANS))
    account = draw(st.text(alphabet="0123456789", min_size=length, max_size=length))
    if country == "NL":
        account = "ABNA" + account[4:]
    moved = "".join(str(int(character, 36)) for character in f"{account}{country}00")
    return f"{country}{98 - int(moved) % 97:02}{account}"
