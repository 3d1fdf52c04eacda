"""A request's card in each state: the answer, the deadline, what was kept and why; hostile text is escaped."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import clock
from api_client.decoding import decode
from api_client.models import ExportInfo, Request
from dashboard.moments import UTC_ZONE, Zone
from dashboard.requests import story
from dashboard.requests.form import NEXT
from dashboard.requests.steps import steps
from dashboard.requests.wording import KINDS, deadline_of

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
RECEIVED = datetime(2026, 5, 2, 9, 30, tzinfo=UTC)
HOSTILE = "![x](http://evil.example/x.png) <img src=x onerror=alert(1)> :red[x]"


@pytest.fixture(autouse=True)
def _the_fourth_of_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def filed(kind: str = "erasure", state: str = "received", **more: Any) -> Request:
    """A request as the API returns it."""
    body: dict[str, Any] = {
        "id": "0b3f9a52-6a1c-4d0e-9a3e-1f3a0a6f7a11",
        "type": kind,
        "state": state,
        "scope": {},
        "note": None,
        "note_shared": False,
        "regime": "gdpr",
        "received_at": RECEIVED.isoformat(),
        "due_at": "2026-06-02T23:59:59.999999Z",
        "first_due_at": "2026-06-02T23:59:59.999999Z",
        "due_on": "2026-06-02",
        "first_due_on": "2026-06-02",
        "zone": "UTC",
        "extended": False,
        "completed_at": None,
        "standing": None,
        "decision": None,
        "previewed": None,
        "outcome": None,
        "failure": None,
        "history": [{"at": RECEIVED.isoformat(), "state": "received", "note": "We have your request."}],
        "export": None,
        "receipts": [],
    }
    return decode(Request, body | more)


def withheld(**more: Any) -> dict[str, Any]:
    return {
        "hold": "5c0a1c8e-0f5b-4c8c-b7a4-9d2f4e5b6c7d",
        "case": "HR-2026/17",
        "reason": "this is needed to establish, exercise or defend legal claims",
        "exception": "GDPR 17(3)(e)",
        "review_on": "2026-06-03",
        "events": 312,
    } | more


def plain(words: str) -> str:
    return words.replace("\\", "").replace("\u2060", "")


def test_deadlines_in_words_name_the_law() -> None:
    assert deadline_of("gdpr", extended=False) == "GDPR: one calendar month"
    assert deadline_of("ccpa", extended=True) == "CCPA: 45 more days"


@pytest.mark.parametrize("kind", KINDS)
def test_an_open_request_shows_its_deadline_and_days_left(kind: str) -> None:
    said = story.answer(filed(kind), UTC_ZONE)
    assert said == "We must answer by **2 June 2026** (in 29 days; GDPR: one calendar month)."


def test_an_objection_says_that_capture_goes_on() -> None:
    kind = KINDS["objection"]
    for words in (kind.means, kind.standing):
        assert "Capture goes on" in words
    assert "Your work is still captured" in " ".join(NEXT["objection"])


@pytest.mark.parametrize("reader", ["Europe/Berlin", "Asia/Tokyo", "UTC"])
def test_the_deadline_is_the_day_of_the_workplace(reader: str) -> None:
    request = filed(due_at="2026-06-03T00:59:59.999999Z", zone="Atlantic/Cape_Verde")
    said = story.deadline(request, Zone(ZoneInfo(reader)))
    assert "**2 June 2026, Atlantic/Cape_Verde time** (in 29 days" in said
    assert "**2 June 2026** (in 29 days" in story.deadline(request, Zone(ZoneInfo("Atlantic/Cape_Verde")))


def test_a_request_is_late_once_its_day_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    request = filed(due_at="2026-06-03T00:59:59.999999Z", zone="Atlantic/Cape_Verde")
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 6, 3, 0, 59, tzinfo=UTC))
    assert "We must answer by **2 June 2026, Atlantic/Cape_Verde time** (today" in story.deadline(request, UTC_ZONE)
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 6, 3, 1, tzinfo=UTC))
    assert "We are late" in story.deadline(request, UTC_ZONE)
    assert "(yesterday" in story.deadline(request, UTC_ZONE)


@pytest.mark.parametrize(
    ("regime", "regulator"),
    [("gdpr", "the data protection authority"), ("ccpa", "the California Privacy Protection Agency")],
)
def test_a_missed_deadline_says_where_to_complain(regime: str, regulator: str) -> None:
    late = filed(due_at=(NOW - timedelta(days=3)).isoformat(), due_on="2026-05-01", regime=regime)
    said = story.deadline(late, UTC_ZONE)
    assert said.startswith("**We are late.** We had to answer by **1 May 2026** (3 days ago")
    assert said.endswith(f"You can complain to {regulator}.")
    assert story.denial(filed(state="denied", regime=regime)) == (
        "No reason was recorded.",
        f"You can complain to {regulator}.",
    )


def test_an_extension_says_why_and_what_the_deadline_was() -> None:
    told = "This takes longer than the first deadline, because what you ask for is complex."
    request = filed(
        state="verifying",
        extended=True,
        due_at="2026-08-02T23:59:59.999999Z",
        due_on="2026-08-02",
        history=[{"at": RECEIVED.isoformat(), "state": "extended", "note": told}],
    )
    said = plain(str(story.extension(request)))
    assert said == told
    assert "GDPR: two more months" in story.deadline(request, UTC_ZONE)
    assert story.extension(filed()) is None


def test_a_denial_says_why_and_where_to_appeal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBOOK_APPEAL_CONTACT", "the works council")
    request = filed(
        "rectification",
        "denied",
        decision={
            "decision": "deny",
            "reason": "legal_claims",
            "words": "This request was denied, because it concerns legal claims.",
            "at": NOW.isoformat(),
            "role": "privacy_officer",
            "appeal": "Ask the works council. You can also complain to the authority.",
        },
    )
    why, appeal = story.denial(request) or ("", "")
    assert plain(why) == "This request was denied, because it concerns legal claims."
    assert "works council" in appeal
    assert story.denial(filed()) is None


def test_a_partial_deletion_lists_what_was_kept() -> None:
    outcome = {"matched": 352, "erased": 40, "withheld": 312, "withheld_by": [withheld()]}
    request = filed(state="partially_completed", outcome=outcome)
    said = story.answer(request, UTC_ZONE)
    assert said.startswith("**40 records deleted from this register.** 312 records had to stay for now.")
    (stayed,) = map(plain, story.withheld(outcome))
    assert stayed == (
        "**312 records stayed**, because this is needed to establish, exercise or defend legal claims "
        "(GDPR 17(3)(e)). Case HR-2026/17. This will be reviewed on 3 June 2026 (in 30 days)."
    )


def test_a_deletion_of_nothing_says_so() -> None:
    request = filed(state="completed", outcome={"matched": 0, "erased": 0, "withheld": 0})
    assert "There was nothing to delete" in story.answer(request, UTC_ZONE)


def test_an_objection_shows_whether_it_is_in_force() -> None:
    request = filed("objection", "completed", standing=True, outcome={"covered": 12})
    assert story.answer(request, UTC_ZONE) == "**No model may be trained on it any more. Capture goes on.**"
    completed = {"at": RECEIVED.isoformat(), "state": "completed", "note": ""}
    ended = filed("objection", "withdrawn", standing=False, history=[completed])
    assert "You ended this" in story.answer(ended, UTC_ZONE)
    assert story.answer(filed(state="withdrawn"), UTC_ZONE) == "You withdrew this."


def test_a_copy_says_what_it_holds() -> None:
    export = {
        "size": 10,
        "sha256": "0" * 64,
        "expires_at": NOW.isoformat(),
        "available": True,
        "written_at": NOW.isoformat(),
    }
    counts = {"catalogued": 9, "exported": 7, "withheld": 2, "redacted": 3}
    said = story.answer(filed("export", "completed", export=export, outcome={"exported": counts}), UTC_ZONE)
    assert said.startswith(
        "**Your copy holds 7 records**, 3 of them in part: without other people's words, or without text"
    )
    assert "2 records had to be left out" in said


def test_a_removed_file_says_whether_a_deletion_removed_it() -> None:
    export = ExportInfo(
        10, "0" * 64, NOW + timedelta(days=3), False, written_at=NOW, removed_at=NOW, removed_because="erasure"
    )
    assert "because you deleted data" in story.removed_file(export, UTC_ZONE)
    assert "its 7 days were over" in story.removed_file(replace(export, removed_because="time"), UTC_ZONE)
    assert "restored from a backup" in story.removed_file(replace(export, removed_because="restore"), UTC_ZONE)


def test_outcomes_in_models_processors_and_backups() -> None:
    outcome = {
        "models": [
            {
                "model": "Quill",
                "version": "1.0",
                "dataset": "replies",
                "dataset_version": "3",
                "state": "excluded_from_next_run",
                "by": "2026-06-03",
                "words": "It was trained on 3 of these. The next training goes without them.",
            },
            {"model": None, "version": None, "dataset": "frames", "dataset_version": "2", "state": "never_included",
             "by": None, "words": ""},
        ],
        "processors": [{"domain": "inkwell.example", "state": "acknowledged", "at": "2026-05-03T10:00:00+00:00"}],
        "backups": {"unreadable_after": "2026-05-18", "words": "The keys from before are deleted then."},
    }  # fmt: skip
    (quill, frames), common = story.models(outcome)
    assert (plain(quill.name), quill.state, quill.colour) == ("Quill 1.0", "Left out of its next training", "blue")
    assert list(map(plain, quill.sentences)) == ["It was trained on 3 of these. By 3 June 2026 (in 30 days)."]
    assert (plain(frames.name), frames.sentences) == ("Dataset frames 2", ())
    assert list(map(plain, common)) == ["The next training goes without them."]
    (told,) = story.processors(outcome, UTC_ZONE)
    assert plain(told) == "**inkwell.example** has confirmed that it received this (3 May 2026, 10:00)."
    assert "after 18 May 2026** (in 14 days)" in str(story.backups(outcome))
    assert story.backups({}) is None


def test_a_german_date_does_not_end_a_sentence() -> None:
    first, second = "Quill ist seit dem 5. Mai 2026 nicht mehr im Einsatz.", "Was es gelernt hat, ist noch darin."
    retired = {"model": "Quill", "version": "1.0", "state": "model_retired", "by": None, "words": f"{first} {second}"}
    (quill,), common = story.models({"models": [retired]})
    assert list(map(plain, quill.sentences)) == [first]
    assert list(map(plain, common)) == [second]


def test_card_says_what_stays_and_until_when() -> None:
    stays = [
        {"what": "deletion rules", "count": 1200, "why": "They keep it from coming back.", "until": "No end is set."},
        {"what": "your entry", "count": None, "why": "You sign in with it.", "until": "3 May 2027 for this one"},
    ]
    assert list(map(plain, story.stays({"stays": stays}))) == [
        "**1,200 deletion rules.** They keep it from coming back. No end is set.",
        "**your entry.** You sign in with it. Until: 3 May 2027 for this one.",
    ]
    assert story.stays({}) == []


def test_hostile_text_is_escaped() -> None:
    outcome = {
        "withheld_by": [withheld(reason=HOSTILE, case=HOSTILE)],
        "differences": [HOSTILE],
        "models": [{"model": HOSTILE, "version": "1", "state": HOSTILE, "by": None, "words": HOSTILE}],
        "processors": [{"domain": HOSTILE, "state": HOSTILE, "at": None}],
        "backups": {"unreadable_after": None, "words": HOSTILE},
        "stays": [{"what": HOSTILE, "count": 1, "why": HOSTILE, "until": HOSTILE}],
    }
    said = [
        *story.withheld(outcome),
        *story.differences(outcome),
        *(words for model in story.models(outcome)[0] for words in (model.name, model.state, *model.sentences)),
        *story.processors(outcome, UTC_ZONE),
        str(story.backups(outcome)),
        *story.stays(outcome),
    ]
    for words in said:
        assert "![x](" not in words
        assert "<img" not in words.replace("\\<", "")
        assert "://" not in plain(words) or ":\u2060" in words
    listed = steps(filed(history=[{"at": RECEIVED.isoformat(), "state": HOSTILE, "note": HOSTILE}]), UTC_ZONE)
    assert "<img" not in listed
    assert "&lt;img" in listed


def test_the_steps_are_ordered_and_end_with_the_deadline() -> None:
    request = filed(
        state="in_progress",
        history=[
            {"at": RECEIVED.isoformat(), "state": "received", "note": "We have your request."},
            {"at": NOW.isoformat(), "state": "in_progress", "note": "Work has begun."},
            {"at": NOW.isoformat(), "state": "in_progress", "note": "Hidden from every screen."},
        ],
    )
    html = steps(request, UTC_ZONE)
    assert html.count("<li") == 4
    assert html.index("Received") < html.index("In progress") < html.index("Hidden from every screen")
    assert html.count("In progress") == 1, "a state is named once"
    assert 'class="ahead"><time datetime="2026-06-02">By 2 June 2026</time>' in html
    assert "ahead" not in steps(filed(state="completed"), UTC_ZONE)
