"""Which language fits a browser, and what a text becomes in it."""

from __future__ import annotations

from datetime import date

import pytest

from languages import preferred
from languages.language import PSEUDO, language, speaking, spoken
from languages.saying import from_json, shown


@pytest.mark.parametrize(
    ("accepted", "code"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("it,fr-CA;q=0.7,es;q=0.9", "es"),
        ("nl, pt", "en"),
        ("FR_ca", "fr"),
        ("en;q=0.1, es;q=0", "en"),
        ("de;q=nonsense", "de"),
        (",;q=1,;;", "en"),
        ("fr;q=nan, es;q=0.9", "es"),
    ],
)
def test_the_language_that_a_browser_prefers(accepted: str, code: str) -> None:
    assert preferred(accepted) == code


def test_a_long_header_costs_nothing() -> None:
    assert preferred("xx," * 100_000 + "de") == "en"


@pytest.mark.parametrize(
    ("code", "words"),
    [("en", "1,204.5 on 3 May 2026"), ("de", "1.204,5 on 3. Mai 2026"), ("es", "1.204,5 on 3 de mayo de 2026")],
)
def test_numbers_and_days_are_written_as_is_usual_there(code: str, words: str) -> None:
    assert language(code).t("{n} on {day}", n=1204.5, day=date(2026, 5, 3)) == words


def test_french_writes_the_first_of_a_month_as_people_do() -> None:
    french, first = language("fr"), date(2026, 11, 1)
    written = (french.day(first), french.full_day(first), french.short_day(first))
    assert written == ("1er novembre 2026", "dimanche 1er novembre 2026", "1er nov. 2026")
    assert french.day(date(2026, 11, 11)) == "11 novembre 2026"


@pytest.mark.parametrize(
    ("code", "words"), [("en", "a, b and c"), ("de", "a, b und c"), ("fr", "a, b et c"), ("es", "a, b y c")]
)
def test_lists(code: str, words: str) -> None:
    assert language(code).listed(["a", "b", "c"]) == words


@pytest.mark.parametrize("number", [0, 1, 2, 7, 1_000_000])
@pytest.mark.parametrize(("code", "word"), [("de", "Aufzeichnung"), ("fr", "enregistrement"), ("es", "registro")])
def test_every_number_has_its_form(code: str, word: str, number: int) -> None:
    assert word in language(code).tn("{n} record", "{n} records", number)


def test_what_has_no_translation_stays_english() -> None:
    assert language("de").t("Nobody translated this: {what}", what="x") == "Nobody translated this: x"
    assert language("de").tn("{n} untold thing", "{n} untold things", 1) == "1 untold thing"


def test_a_value_is_never_read_as_a_place() -> None:
    assert language("en").t("In {name}", name="{other} %s {0}") == "In {other} %s {0}"


def test_the_pseudo_language_marks_every_text() -> None:
    assert language(PSEUDO).t("In {name}", name="x") == "⟦In x⟧"
    assert language(PSEUDO).tn("{n} day", "{n} days", 2) == "⟦2 days⟧"


def test_a_block_has_its_language() -> None:
    assert spoken() is None
    with speaking("fr") as inside:
        assert spoken() is inside
    assert spoken() is None


def test_texts_that_were_stored_in_an_earlier_spelling_are_translated() -> None:
    stored = (
        "Removed from the files. From now on none of this goes into a new data set, and none of it is handed out for "
        "training. Of an unknown data set."
    )
    with speaking("de"):
        said = shown(stored)
    assert "neuen Datensatz" in said
    assert said.endswith(" Of an unknown data set.")
    made = from_json({"forms": ["New data sets leave your records out."], "values": {}})
    assert made.in_language(language("de")) == "Neue Datensätze lassen Ihre Aufzeichnungen weg."
