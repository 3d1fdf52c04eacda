"""Sentences about models, from the API's answers: what isn't certain is not said."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from api_client.models import KindCount, MadeFrom, OwnModel, TrainedOn
from dashboard.ai_models import story

AT = datetime(2026, 11, 2, 9, tzinfo=UTC)


def read(evidence: str, root: str | None, captures: int = 0) -> TrainedOn:
    return TrainedOn(
        run=uuid4(), job="train", run_purpose=None, ended_at=AT, dataset_version=uuid4(), namespace="open-book",
        dataset="words", version="1", datasets=1, names=(), purpose=None, part=None, manifest_root=root,
        evidence=evidence, captures=captures, first_day=None, last_day=None,
    )  # fmt: skip


def model(
    *, at_least: bool = False, by: date | None = None, evidence: str = "proven", captures: int = 1498
) -> OwnModel:
    return OwnModel(
        model_version=uuid4(), model="Quill", version="1.0", purpose=None, owner=None, released_at=AT, retired_at=None,
        evidence=evidence, evidence_words="Used.", captures=captures, withdrawn=captures, at_least=at_least,
        kinds=(KindCount("erased", 1498),), first_day=None, last_day=None, trained_on=(), trained_on_total=0,
        made_from=(), made_from_total=0, in_use=(), in_use_total=0, state="retained_in_weights", by=by, overdue=False,
        words="Kept.", newer=None, plan=None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("evidence", "root", "captures", "end"),
    [
        ("none", "ab", 0, "words 1: none of your data is in it."),
        ("none", None, 0, "words 1: nobody recorded what is in it."),
        ("unknown", "ab", 0, "none of your data, but it is not proven that this model got what is listed."),
        ("possible", "ab", 5, "5 records of yours. The list of which ones was erased at your request. It is not "
         "certain that this model got them."),
    ],
)  # fmt: skip
def test_a_reading_says_no_more_than_is_known(evidence: str, root: str | None, captures: int, end: str) -> None:
    assert story.reading(read(evidence, root, captures)).endswith(end)


def test_numbers_that_may_be_too_low_say_at_least() -> None:
    assert str(story.what(model(at_least=True))).startswith("Your records in it: at least 1,498.")
    assert str(story.what(model())).startswith("Your records in it: 1,498.")
    assert list(story.table([model(at_least=True)])["Your records"]) == ["at least 1,498"]
    assert list(story.table([model()])["Your records"]) == [1498]


@pytest.mark.parametrize(
    ("evidence", "captures", "number"),
    [
        ("possible", 0, "not known"),
        ("unknown", 0, "not known"),
        ("possible", 5, "5"),
        ("proven", 0, "none itself"),  # only what it was made from learned from them
        ("none", 0, "0"),
        ("made_before", 0, "0"),
    ],
)
def test_no_number_is_given_where_nobody_recorded_it(evidence: str, captures: int, number: str) -> None:
    shown = story.table([model(evidence=evidence, captures=captures), model(captures=0)])["Your records"]
    assert list(shown) == [number, "none itself"]


def test_what_is_still_in_a_model_is_no_surer_than_that_it_learned_it() -> None:
    assert story.state_words(model()) == "Still in the model"
    for evidence in ("possible", "unknown"):
        assert story.state_words(model(evidence=evidence)) == "May still be in the model"


def test_a_sentence_is_not_said_twice_where_all_records_were_withdrawn() -> None:
    all_of_them = replace(model(), evidence_words="Learned from 5", words="Learned from 5 that you withdrew")
    assert story.words(all_of_them) == "Learned from 5 that you withdrew"
    assert story.words(replace(all_of_them, evidence_words="Es lernte aus 5")) == "Learned from 5 that you withdrew"
    some = replace(all_of_them, withdrawn=3, evidence_words="Learned from 9")
    assert story.words(some) == "Learned from 9 Learned from 5 that you withdrew"


def test_a_model_made_from_one_that_learned_is_counted() -> None:
    made = replace(model(captures=0), made_from=(MadeFrom(uuid4(), "Quill", "0.9", "fine_tuned"),))
    [learned, only] = [story.withdrawn_sentence(each) for each in ([model(), made], [made])]
    assert str(learned).startswith("2 model versions still have")
    assert str(only).startswith("1 model version still has")


def test_a_promise_for_the_only_model_is_for_it() -> None:
    promised, other = model(by=AT.date()), model()
    assert str(story.withdrawn_sentence([promised])).endswith("A change is promised for it.")
    assert str(story.withdrawn_sentence([promised, other])).endswith("A change is promised for 1 of them.")
