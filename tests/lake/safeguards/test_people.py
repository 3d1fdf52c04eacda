"""Whole names of people in the directory, in any form that people write them in."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.tables.names import all_names
from lake.ingest.ingesting import Ingestion, ingest
from lake.safeguards import personal
from lake.safeguards.personal import finder
from lake.safeguards.personal.people import People
from tests.lake.examining import safeguarded
from tests.lake.ingesting import allow, stored, texts, ui_log, ui_log_row
from tests.lake.safeguards.test_redaction import record
from tests.lake.safeguards.test_typed import presses
from tests.support.people import Company

Form = Literal["NFC", "NFD"]
FORMS: list[Form] = ["NFC", "NFD"]
PEOPLE = People(
    [
        "Ada King Lovelace", "Jan van der Berg", "Jean-Luc Picard", "José García López", "Jürgen Müller (extern)",
        "Dr. Siobhán O'Neill", "Sørensen, Bjørn", "Łukasz Żółć", "王小明", "山田 太郎", "김민수", "محمد علي",
        "प्रिया शर्मा", "An Le", "Prince", "Will Long", "Rose May", "Winter Gray",
    ]
)  # fmt: skip
WRITTEN = [
    "Ada Lovelace", "LOVELACE Ada", "Lovelace, Ada King", "ada.lovelace", "Ada_Lovelace", "Ada Lovelace's",
    "Ada K. Lovelace", "Ada Q. Lovelace", "Ada Lovelaces", "Jan van der Berg", "van der Berg, Jan", "Berg, Jan",
    "Jean Luc Picard", "PICARD Jean-Luc", "Jose Garcia Lopez", "García López, José",
    "Juergen Mueller", "Jurgen Muller", "Müller, Jürgen",
    "Siobhan ONeill", "Siobhán O\u2019Neill", "Bjoern Soerensen", "Bjorn Sørensen", "Lukasz Zolc", "محمد علي",
    "प्रिया शर्मा", "An Le", "Ada%20Lovelace", "Will Long", "May, Rose", "ROSE MAY", "Winter Gray", "winter.gray",
]  # fmt: skip
LEFT = [
    "Ada", "Lovelace", "Ada said that Lovelace", "so an le", "Prince", "Adam Lovelacer", "Ada (Lovelace)",
    "Muller of Berg", "the king and the prince", "小明", "", "how long will it take", "the price rose. May was better",
    "It rose. May we go?", "Snow in winter. Gray sky", "Rose. May", "Will it be Long?", "rose may", "Will long",
]  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("written", WRITTEN)
def test_a_name_is_found_as_people_write_it(written: str, form: Form) -> None:
    name = unicodedata.normalize(form, written)
    text = f"wir fragten: {name}: ja"
    assert [text[found.start : found.end] for found in PEOPLE.find(text)] == [name]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["王小明", "山田太郎", "山田　太郎", "김민수"])
def test_scripts_without_blanks(name: str, form: Form) -> None:
    name = unicodedata.normalize(form, name)
    text = f"昨日{name}が来た"
    assert [text[found.start : found.end] for found in PEOPLE.find(text)] == [name]


@pytest.mark.parametrize("text", LEFT)
def test_other_words_stay(text: str) -> None:
    assert PEOPLE.find(text) == []


PARTS = st.text(st.characters(categories=["Ll"], max_codepoint=0x17F), min_size=2, max_size=9).map(str.capitalize)
NAMES = st.lists(PARTS, min_size=2, max_size=4)


@given(NAMES, st.lists(NAMES, max_size=5), st.data())
def test_any_name_is_found_in_any_form(parts: list[str], others: list[list[str]], data: st.DataObject) -> None:
    people = People(" ".join(each) for each in (*others, parts))
    order = data.draw(st.sampled_from([parts, [parts[-1], *parts[:-1]], [parts[0], parts[-1]], [parts[-1], parts[0]]]))
    capitals = data.draw(st.booleans())
    form = data.draw(st.sampled_from(FORMS))
    name = unicodedata.normalize(
        form,
        data.draw(st.sampled_from([" ", ", ", ".", "-", "_"])).join(
            part.upper() if capitals else part for part in order
        ),
    )
    text = f"12 {name} 34"
    assert [found for found in people.find(text) if found.start <= 3 and found.end >= 3 + len(name)], (text, parts)


@given(st.text(), NAMES)
def test_texts_without_a_part_of_a_name_stay(text: str, parts: list[str]) -> None:
    people = People([" ".join(f"Qx{part}" for part in parts)])
    if "q" not in unicodedata.normalize("NFKD", text).casefold():
        assert people.find(text) == []


def test_names_typed_key_by_key_leave_no_key(person: Company) -> None:
    person("ada@example.com", name="Ada Lovelace")
    typed = "to Ada Lovelace!"
    results = safeguarded(presses(typed), [["mask_people"]] * len(typed))
    assert "".join(each.content["key"] for each in results if each and len(each.content["key"]) == 1) == "to !"


def test_a_field_recorded_at_every_change(person: Company) -> None:
    person("ada@example.com", name="Ada Lovelace")
    records = [record({"text": "Ada Lovelace"[:length]}, at=length) for length in range(4, 13)]
    results = safeguarded(records, [["mask_people"]] * len(records))
    assert {each.content["text"] for each in results if each} == {"[name removed]"}


def test_only_policies_that_say_so(person: Company) -> None:
    person("ada@example.com", name="Ada Lovelace")
    text = "Ada Lovelace, born 12.03.1985, Hauptstraße 12, 10115 Berlin"
    both = [record({"text": text}, field="text note", at=at) for at in (0, 1)]
    plain, masked = safeguarded(both, [["mask"], ["mask_people"]])
    assert plain is not None
    assert masked is not None
    assert plain.content == {"text": text}
    assert masked.content == {"text": "[name removed], born [birth date removed], [address removed]"}
    assert masked.redactions == {"person": 1, "birth_date": 1, "address": 1}


def test_former_people_and_changed_names_are_known(person: Company) -> None:
    person("bob@example.com", name="Bob Moran")
    person("ada@example.com", name="Ada Byron")
    person.leave("ada@example.com")
    assert len(finder()("Ada Byron and Bob Moran")) == 2
    before = all_names()
    person("bob@example.com", name="Bob Morane")
    assert all_names() != before
    assert [found.end for found in finder()("Bob Morane and Bob Moran")] == [10]


def test_an_ingestion_of_many_people_reads_the_names_once(person: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    people = [person("ada@example.com", name="Ada Lovelace"), person("bob@example.com", name="Bob Moran")]
    read: list[str] = []

    def noted() -> str:
        read.append(all_names())
        return read[-1]

    monkeypatch.setattr(personal, "all_names", noted)
    allow(safeguards=["mask_people"])
    with Ingestion() as ingestion:
        for employee in people:
            found = ingestion.prepare(employee, "ui-log", [record({"text": "Bob Moran"})], copies=False)
            assert found.summary.redactions == {"person": 1}
    assert len(read) == 1


def test_ingested_text_has_no_name_of_the_directory(person: Company, tmp_path: Path) -> None:
    ada = person("ada@example.com", name="Ada Lovelace")
    person("bob@example.com", name="Bob Moran")
    person.leave("bob@example.com")
    rows = [
        ui_log_row(0, url="https://a.example/?q=Bob%20Moran"),
        ui_log_row(1, content="Moran, Bob asked Ada Lovelace"),
    ]
    allow(safeguards=["mask_people"])
    summary = ingest("ui-log", str(ui_log(tmp_path / "log.csv", rows)), ada.email)
    assert summary.redactions == {"person": 3}
    found = texts(stored(ada.subject))
    assert "Moran" not in found
    assert "Lovelace" not in found
