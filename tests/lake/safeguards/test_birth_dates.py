"""Dates of birth beside a word for it, and in a field that asks for one; other dates stay."""

from __future__ import annotations

import time

import pytest

from lake.safeguards.needs import plain
from lake.safeguards.personal.birth_dates import birth_dates
from tests.lake.examining import safeguarded
from tests.lake.safeguards.test_redaction import record
from tests.support.people import Company

MASKED = [
    "bday {12.03.1985}", "n\u00e9e {12.03.1985}", "DoB - {12.03.1985}", "geb.datum {12.03.1985}",
    "Geburtsdatum und -ort: {12.03.1985}, K\u00f6ln", "data nasc.: {12/03/1985}", "born {12 March 1985}",
    "He was born on {March 12th, 1985} in Berlin", "DOB: {03/12/1985}", "D.O.B. {03-12-85}",
    "date of birth {1985-03-12}", "Ada, born in London on {12 March 1985}", "{1985-03-12} (date of birth)",
    "geboren am {12.3.85}", "geb. {12. März 1985}", "Geburtsdatum: {12. 03. 1985}", "{12.03.1985} geboren",
    "Ada King, * {12.03.1985}", "née le {1er mars 1985}", "né le {12/03/1985}", "date de naissance : {12/03/1985}",
    "nacida el {12 de marzo de 1985}", "fecha de nacimiento: {12-03-1985}", "nata il {12 marzo 1985}",
    "nato/a il {12/03/1985}", "data di nascita {12.03.1985}", "geboren op {12 maart 1985}", "urodzona {12 marca 1985}",
    "data de nascimento: {12/03/1985}", "född {1985-03-12}", "født den {12. marts 1985}", "syntynyt {12.3.1985}",
    "出生日期\uff1a{1985年3月12日}", "생년월일: {1985년 3월 12일}", "Geburtsdatum\t{12.03.1985}",
    'birthDate":"{1985-03-12}"',
]  # fmt: skip
LEFT = [
    "The order of 2024-03-12", "born in Berlin; order of 12.03.2024", "airborne 12.03.2024", "stubborn 12.03.2024",
    "* 12.03.2024 Meeting", "2*12.03.1985", "Born: Tuesday", "Tourist 12.03.2024", "version 1985.3.12", "born 1985",
]  # fmt: skip


@pytest.mark.parametrize("marked", MASKED)
def test_the_date_is_found_and_nothing_else(marked: str) -> None:
    text = marked.replace("{", "").replace("}", "")
    assert [text[found.start : found.end] for found in birth_dates(plain(text))] == [
        marked[marked.index("{") + 1 : marked.index("}")]
    ]


@pytest.mark.parametrize("text", LEFT)
def test_other_dates_stay(text: str) -> None:
    assert birth_dates(text) == []


@pytest.mark.parametrize(
    ("field", "text", "kept"),
    [
        ("date birthdate", "1985-03-12", "[birth date removed]"),
        ("text Geburtsdatum", "12.03.1985", "[birth date removed]"),
        ("text dob", "19850312", "[birth date removed]"),
        ("text dob", "unknown", "unknown"),
        ("date delivery", "1985-03-12", "1985-03-12"),
    ],
)
def test_a_field_that_asks_for_it(person: Company, field: str, text: str, kept: str) -> None:
    person()
    [result] = safeguarded([record({"text": text}, field=field)], [["mask_people"]])
    assert result is not None
    assert result.content == {"text": kept}


@pytest.mark.parametrize("text", ["born " * 10_000, "born in Aa " * 5_000, "1985-03-12 " * 5_000, "* " * 20_000])
def test_long_texts_take_no_longer_than_others(text: str) -> None:
    started = time.process_time()
    birth_dates(text + "born 12.03.1985")
    assert time.process_time() - started < 2
