"""Secrets typed key by key leave none of their keys behind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lake.connectors.records import Record, identity
from tests.lake.examining import safeguarded
from tests.lake.ingesting import START
from tests.lake.secrets import SECRETS, card_numbers, ibans

MASK = ["mask", "drop_passwords"]
CARD = "4111111111111111"


def key(name: str, at: float, action: str = "press", **record: str) -> Record:
    """A key event, `at` seconds after `START`."""
    return Record(
        line=1,
        captured_at=START + timedelta(seconds=at),
        signal="keystroke",
        application=record.get("application", "Chrome"),
        session="session",
        identity=identity(name, at, action),
        content={"action": action, "key": name},
        field=record.get("field", ""),
    )


def presses(names: Sequence[str], seconds: float = 0.2) -> list[Record]:
    return [key(name, index * seconds) for index, name in enumerate(names)]


def kept(records: Sequence[Record]) -> str:
    """The keys that stay readable, pressed or released, joined."""
    results = safeguarded(records, [MASK] * len(records))
    return "".join(
        result.content["key"] for result in results if result and not result.content["key"].endswith("removed]")
    )


@settings(deadline=None)
@given(
    st.one_of(card_numbers(), ibans()),
    st.text(alphabet="abcxyz ,.!", max_size=30),
    st.text(alphabet="abcxyz ,.!", max_size=30),
    st.booleans(),
)
def test_all_keys_of_a_typed_number_are_masked(secret: str, before: str, after: str, releases: bool) -> None:
    records = []
    for index, character in enumerate(before + secret + after):
        records.append(key(character, index * 0.3))
        if releases:
            records.append(key(character, index * 0.3 + 0.2, "release"))
    assert not any(character.isdigit() for character in kept(records))


@settings(deadline=None)
@given(card_numbers(), st.text(alphabet="0123456789", max_size=8), st.text(alphabet="0123456789", max_size=8))
def test_digits_around_a_card_number_do_not_hide_it(card: str, before: str, after: str) -> None:
    results = list(safeguarded(presses(before + card + after), [MASK] * len(before + card + after)))
    for result in results[len(before) : len(before) + len(card)]:
        assert result is not None
        assert result.content["key"] == "[card number removed]"
        assert result.redactions == {"card_number": 1}


@settings(deadline=None)
@given(card_numbers(), st.data())
def test_corrections_do_not_hide_it(card: str, data: st.DataObject) -> None:
    """Wrong characters are typed and deleted again in between; at the end all of it may be deleted."""
    names = [card[0]]
    for character in card[1:]:
        wrong = data.draw(st.text(alphabet="0123456789x", max_size=3))
        names += [*wrong, *["backspace"] * len(wrong), character]
    names += ["backspace"] * data.draw(st.sampled_from([0, len(card)]))
    assert not any(character.isdigit() for character in kept(presses(names)).replace("backspace", ""))


@pytest.mark.parametrize(("secret", "kind"), SECRETS)
def test_every_kind_of_secret_is_found(secret: str, kind: str) -> None:
    names = [{" ": "space", "-": "minus"}.get(character, character) for character in secret]
    records = presses(["h", "i", "space", *names, "enter", "o", "k"])
    results = list(safeguarded(records, [MASK] * len(records)))
    redacted = [result.redactions for result in results if result and result.redactions]
    assert redacted == [{kind: 1}] * len(secret)
    assert results[0] is not None
    assert results[0].content == {"action": "press", "key": "h"}


@pytest.mark.parametrize(
    "names",
    [
        [f"<{96 + int(digit)}>" for digit in CARD],
        [f"KP_{digit}" for digit in CARD],
        [f"Digit{digit}" for digit in CARD],
        [f"Numpad{digit}" for digit in CARD],
        [part for digit in CARD for part in ("shift", digit)],
        [*CARD[:4], "tab", *CARD[4:8], "tab", *CARD[8:12], "tab", *CARD[12:]],
    ],
    ids=["key codes", "X11", "browser", "number pad", "with shift", "four fields"],
)
def test_key_names_of_all_recorders_are_understood(names: list[str]) -> None:
    results = list(safeguarded(presses(names), [MASK] * len(names)))
    assert {result.redactions["card_number"] for result in results if result and result.redactions} == {1}
    assert not any(any(character.isdigit() for character in result.content["key"]) for result in results if result)


def test_a_shortcut_in_between_does_not_hide_it() -> None:
    records = presses(list(CARD[:8]))
    records += [key("ctrl_l", 2.0), key("s", 2.1), key("s", 2.2, "release"), key("ctrl_l", 2.3, "release")]
    records += [key(digit, 3 + index * 0.2) for index, digit in enumerate(CARD[8:])]
    assert not any(character.isdigit() for character in kept(records).replace("ctrl_l", ""))


def test_a_recorder_that_only_records_key_releases() -> None:
    assert kept([key(digit, index * 0.2, "release") for index, digit in enumerate(CARD)]) == ""


def test_key_releases_with_another_name_are_masked_too() -> None:
    french = dict(zip("1234567890", "&é\"'(-è_çà", strict=True))
    records = []
    for index, digit in enumerate(CARD):
        records += [key(digit, index * 0.2), key(french[digit], index * 0.2 + 0.1, "release")]
    assert kept(records) == ""


def test_typing_continues_after_switching_applications() -> None:
    records = presses(CARD[:8])
    records += [key("x", 2, application="Excel"), key("y", 3, application="Excel")]
    records += [key(digit, 20 + index) for index, digit in enumerate(CARD[8:])]
    assert kept(records) == "xy"


def test_keys_far_apart_form_no_secret() -> None:
    records = [key(digit, index * 61) for index, digit in enumerate(CARD)]
    assert kept(records) == CARD


def test_a_press_after_the_secret_keeps_its_release() -> None:
    records = [*presses([*CARD, "space"]), key("q", 3.5), key("q", 3.6, "release")]
    assert kept(records) == "spaceqq"


def test_keys_typed_into_a_password_field() -> None:
    records = [key(name, index, field="Password, EditControl") for index, name in enumerate("hunter2")]
    results = list(safeguarded(records, [MASK] * len(records)))
    assert {result.content["key"] for result in results if result} == {"[password removed]"}
    assert [result.redactions for result in results if result] == [{"password": 1}] * 7
