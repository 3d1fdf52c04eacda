"""Models: which ones, how many, how certain, their status, and what is promised."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from streamlit.testing.v1 import AppTest

import clock
from api_client import GovernanceClient, Listing
from api_client.models import Violation
from dashboard.ai_models.violations_panel import in_own_zone, violations_title
from dashboard.moments import Zone, moment_words
from dashboard.text import WORD_JOINER
from directory import Employee
from lake.lineage import violations
from lake.storage.connection import transaction, writer
from languages.language import speaking
from languages.saying import say, shown
from tests.dashboard.conftest import AT, Capture, OpenApp, words
from tests.dashboard.recorded import record_model
from tests.dashboard.requests.test_answered_requests import work_on
from tests.support.words import mentions


def read(app: AppTest) -> str:
    """The text a person reads, without the characters that escape Markdown."""
    return words(app).replace("\\", "").replace(WORD_JOINER, "")


def test_older_models_are_shown_apart(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture, api: str
) -> None:
    ada = person("ada@example.com")
    capture(ada, 12)
    record_model(None, 0, "Older", dataset=False, released=AT - timedelta(days=3))
    said = read(open_app(ada, page="models"))
    assert "1 model version was finished before your first record here: Older 1.0." in said
    assert "This rests on two clocks" in said
    assert "may have been" not in said
    assert "nobody recorded this" not in said
    assert "None of your data in them" not in said


def test_each_evidence_has_its_words(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture, api: str
) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    capture(ada, 12)
    model_version = record_model(ada, 12, "Quill")
    record_model(None, 0, "Lumen", manifest=False)
    record_model(None, 0, "Sable", dataset=False)
    record_model(bob, 777, "Amber")
    app = open_app(ada, page="models")
    said = read(app)
    assert "Going by what the runs reported, 1 model version was trained on your records. 1 more may have been." in said
    assert "For 1 model version, nobody recorded this." in said
    assert "Quill 1.0 was trained on 12 records of yours. What it learned is still in it" in said
    assert "You have not had any of it deleted" in said
    assert "there is no record of what was in replies 3 for Lumen" in said
    assert "there is no record of what it was trained on" in said
    assert "Your records in it: typed text (12), on 2 March 2026." in said
    assert "1 model version has none of your data: Amber 1.0." in said
    assert "1 more is not drawn: reported to have none of your data." in said
    assert not mentions(said, "777")
    titles = {"How your records were used", "Quill 1.0", "Sable 1.0", "Lumen 1.0", "None of your data in them"}
    assert titles <= set(said.splitlines())
    overview = read(open_app(ada))
    assert (
        "Going by what the runs reported, 1 model version was trained on your records. 1 more may have been."
        in overview
    )
    app = app.toggle(key=f"model_opened-{model_version}").set_value(True).run()
    assert "Your records came from Excel (12)." in read(app)


def test_from_a_kind_to_the_models_and_to_stopping_it(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture, api: str
) -> None:
    ada = person("ada@example.com")
    capture(ada, 12)
    model_version = record_model(ada, 12, "Quill")
    capture(ada, 5, signal="message", application="Slack")
    record_model(ada, 5, "Amber", signal="message")
    record_model(None, 0, "Sable", dataset=False)
    app = open_app(ada, page="models")
    app = app.pills(key="models_kind").set_value("message").run()
    said = read(app)
    assert "1 model version learned from your messages" in said
    assert "Of 1 more, nobody recorded the kinds" in said
    shown = said.splitlines()
    assert shown.index("Amber 1.0") < shown.index("Sable 1.0"), "first those that are known to have"
    assert "Quill 1.0" not in shown
    app = open_app(ada, page="models")
    app = app.button(key=f"stop-{model_version}").click().run()
    assert "This is typed text." in read(app)
    assert [field.value for field in app.radio[:2]] == ["objection", "selection"]


def test_stopping_everything_says_everything(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture, api: str
) -> None:
    ada = person("ada@example.com")
    capture(ada, 12)
    record_model(ada, 12, "Quill")
    app = open_app(ada, page="models")
    app = app.button(key="object_to_training").click().run()
    assert [field.value for field in app.radio[:2]] == ["objection", "everything"]
    assert "What I selected" not in app.radio[1].options


def test_withdrawn_data_leads_to_a_promise_and_a_violation(
    open_app: OpenApp,
    person: Callable[..., Employee],
    capture: Capture,
    api: str,
    token_for: Callable[..., str],
) -> None:
    ada, olga = person("ada@example.com"), person("olga@example.com", role="privacy_officer")
    capture(ada, 12)
    record_model(ada, 12, "Quill")
    record_model(ada, 12, "Umber")
    with GovernanceClient(api, token_for(ada)) as client:
        filed = client.file_request("objection")
    work_on(ada, filed.id)
    regardless = record_model(ada, 12, "Amber", released=clock.now_utc())
    with writer() as connection, transaction(connection):
        (run,) = (
            connection.execute(
                "select run from run_outputs where model_version = $model", {"model": regardless}
            ).fetchone()
            or ()
        )
        violations.find(connection, [run], clock.now_utc())

    office = open_app(olga, page="officer")
    assert "2 model versions in use are proven to have learned from records that someone had deleted" in read(office)
    assert "Nothing is planned for 2 of them." in read(office)
    quill = next(str(button.key) for button in office.button if str(button.key).startswith("plan-save-"))
    key = quill.removeprefix("plan-save-")
    office = office.radio(key=f"plan-{key}").set_value("retrain").run()
    office = office.button(key=quill).click().run()
    assert "To be retrained by" in read(office)
    assert "Nothing is planned for 1 of them." in read(office)

    app = open_app(ada, page="models")
    said = read(app)
    assert "Use of your data without permission was reported (1 violation)" in said
    assert "although you had withdrawn them before it started" in said
    assert "2 model versions still have what they learned from records that you had deleted or kept out" in said
    assert "A change is promised for 1 of them." in said
    assert "Your employer promised to retrain it without them" in said
    assert "Promised for **" in said
    app = app.button(key="object_to_training").click().run()
    assert "covers" in read(app)
    assert app.radio[0].value == "objection"


def test_that_no_violation_is_known_is_said_with_what_it_rests_on(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture, api: str
) -> None:
    ada = person()
    capture(ada, 12)
    record_model(ada, 12, "Quill")
    said = read(open_app(ada, page="models"))
    assert "No use of your data without permission is known." in said
    assert "Use that no tool reported is not found." in said


def test_the_violations_title_is_calm() -> None:
    found = Violation(
        uuid4(), "withdrawn", "train", None, "replies", "3", 12, None, clock.now(), "A run read ![x](http://evil)."
    )
    one = violations_title(Listing.of((found,), 1))
    assert one == "Use of your data without permission was reported (1 violation)"
    assert violations_title(Listing.of((found, found), 2)).endswith("(2 violations)")


@pytest.mark.parametrize("code", ["en", "de", "fr", "es"])
def test_a_violation_has_times_of_the_readers_zone_only(code: str) -> None:
    began = datetime(2026, 5, 3, 23, 30, tzinfo=UTC)
    run = say("A run of the job “{job}”, started on {day}, {time} UTC,", job="nightly", day=began.date(), time="23:30")
    with speaking(code):
        found = Violation(
            uuid4(), "withdrawn", "nightly", began, None, None, 12, None, clock.now(), f"{shown(run)} read 12 records."
        )
        words = in_own_zone(found, Zone(ZoneInfo("Europe/Berlin")))
        assert moment_words(began, Zone(ZoneInfo("Europe/Berlin"))) in words
    assert "UTC" not in words
    assert "01:30" in words


def test_without_any_model_it_says_so(open_app: OpenApp, person: Callable[..., Employee], capture: Capture) -> None:
    ada = person()
    capture(ada)
    assert "No model is known yet" in words(open_app(ada, page="models"))


def test_names_of_models_are_inert(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture, api: str
) -> None:
    ada = person()
    capture(ada)
    record_model(ada, 1, "![x](http://evil/x.png)")
    assert "![x]" not in words(open_app(ada, page="models"))


def test_the_lineage_chart_works_without_the_api(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBOOK_API_URL", "http://localhost:9")
    ada = person()
    capture(ada)
    record_model(ada, 1, "Quill")
    said = words(open_app(ada, page="models"))
    assert "Going by what the runs reported, 1 model version was trained on your records." in said
    assert "can't be reached right now" in said
    assert "From your records, lines lead through 1 dataset" in said
