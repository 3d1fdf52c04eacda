"""Secrets that are found in one text, and text that is not a secret."""

from __future__ import annotations

import logging.config
import socket
import subprocess
import sys
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lake.safeguards.patterns import find
from tests.lake.secrets import SECRETS, card_numbers, ibans

HARMLESS = [
    "100% (Recommended)",
    "https://form.jotform.com/200477494954062",
    "01-2213-00-5687-00010-B04-20-01",
    "192.168.10.100",
    "2020-02-25 00:36:16",
    "01-08-1987",
    "1,234,567.00",
    "4111111111111112",
    "DE89370400440532013001",
    "550e8400-e29b-41d4-a716-446655440000",
    "9223372036854775807",
    "npm install left-pad@1.2.3",
    "123-45-6789",
    "meeting at 9 @ room 4",
]


@pytest.mark.parametrize(("secret", "kind"), SECRETS)
@pytest.mark.parametrize("around", ["{}", "please use {} for it", "<{}>", "see\n{}\nbelow", "«{}»"])
def test_a_secret_is_found_completely(secret: str, kind: str, around: str) -> None:
    text = around.format(secret)
    assert [(text[found.start : found.end], found.kind) for found in find(text)] == [(secret, kind)]


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_text_is_left_alone(text: str) -> None:
    assert find(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "4111\u00a01111\u00a01111\u00a01111",
        "\uff14" + 15 * "\uff11",
        "4111\u20111111\u20111111\u20111111",
        "4111\u200b1111\u200b1111\u200b1111",
    ],
    ids=["no-break spaces", "full-width digits", "no-break hyphens", "zero-width spaces"],
)
def test_look_alikes_are_found(text: str) -> None:
    assert [found.kind for found in find(text)] == ["card_number"]


@given(card_numbers(), st.text(max_size=20), st.text(max_size=20))
def test_any_card_number_is_found_in_any_text(card: str, before: str, after: str) -> None:
    text = f"{before} {card} {after}"
    assert any(found.start <= len(before) + 1 and found.end >= len(before) + 1 + len(card) for found in find(text))


@given(ibans(), st.sampled_from(["", " "]), st.text(alphabet="abcdefgh ", max_size=20))
def test_any_iban_is_found_whatever_follows(iban: str, gap: str, after: str) -> None:
    grouped = gap.join(iban[place : place + 4] for place in range(0, len(iban), 4))
    text = f"to {grouped}{after}"
    assert any(found.start <= 3 and found.end >= 3 + len(grouped) for found in find(text))


@given(st.text())
def test_findings_are_ordered_without_overlaps(text: str) -> None:
    findings = find(text + " 4111111111111111 a@b.de")
    assert all(found.start < found.end for found in findings)
    assert all(first.end <= second.start for first, second in pairwise(findings))


def test_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert [found.kind for found in find("ada@example.com, 4111111111111111")] == ["email_address", "card_number"]


def test_no_language_model_is_loaded() -> None:
    program = (
        "import spacy\n"
        "def refuse(*_, **__): raise AssertionError('a model was loaded')\n"
        "spacy.load = refuse\n"
        "from lake.safeguards.patterns import find\n"
        "print(len(find('ada@example.com, 4111111111111111, +49 30 901820')))\n"
    )
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "3\n"


def test_the_recognisers_log_nothing(caplog: pytest.LogCaptureFixture) -> None:
    logging.config.dictConfig({"version": 1, "disable_existing_loggers": False})  # as web servers do
    with caplog.at_level(0):
        find("4111111111111111 DE8937040044053201300² ada@example.com +49 30 901820 536-22-1234")
    assert caplog.text == ""
