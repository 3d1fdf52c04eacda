"""Every text of a page is in the visitor's language, and numbers and days are written as is usual there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from streamlit.testing.v1 import AppTest

import languages
from api_client import GovernanceClient
from directory import Employee
from languages import NAMES as LANGUAGES
from languages.language import PSEUDO
from tests.dashboard.conftest import Capture, OpenApp
from tests.support.lake import hold

NAMES = {"Ada", "Excel", "Chrome", "Desktop", "assistant", "Open", "Book", "UTC"}
NAMES |= set(re.findall("[A-Za-z]{2,}", " ".join(LANGUAGES.values())))
LABELLED = ("button", "expander", "link_button", "metric", "multiselect", "segmented_control")


def bare(app: AppTest) -> set[str]:
    """Words on the page that are in no translated text, and are no names."""
    return {word for text in _texts(app) for word in re.findall(r"[A-Za-z]{2,}", _outside(text))} - NAMES


def _texts(app: AppTest) -> Iterator[str]:
    kinds = ("title", "header", "subheader", "markdown", "caption", "info", "success", "warning", "error", "html")
    for kind in kinds:
        for element in app.get(kind):
            text = str(getattr(element, "value", ""))
            yield "" if text.startswith("<style") else re.sub(r"<[^>]*>", " ", text)
    for kind in LABELLED:
        for element in app.get(kind):
            yield str(getattr(element, "label", ""))
            yield str(getattr(getattr(element, "proto", None), "help", ""))


def _outside(text: str) -> str:
    text = re.sub("|".join((r":material/\w+:|&\w+;", *languages.NAMES.values())), " ", text)
    while (shorter := re.sub(r"⟦[^⟦⟧]*⟧", " ", text)) != text:
        text = shorter
    return text


def test_who_looked_is_translated(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture, api: str, token_for: Callable[..., str]
) -> None:
    ada, officer = person("ada@example.com"), person("ines@example.com", role="privacy_officer")
    capture(ada)
    with GovernanceClient(api, token_for(ada)) as client:
        client.file_request("export")
    with GovernanceClient(api, token_for(officer)) as client:
        assert client.officer.requests()
    app = open_app(ada, page="access", locale=PSEUDO)
    assert bare(app) == set()
    assert "⟦Who looked⟧" in [title.value for title in app.title]


def test_a_hold_is_translated(open_app: OpenApp, person: Callable[..., Employee], capture: Capture) -> None:
    ada = person()
    capture(ada, 30)
    hold(ada, ["Excel"])
    said = "\n".join(each.value for each in open_app(ada, page="retention", locale=PSEUDO).markdown)
    assert "⟦**30 records can't be deleted for now**, because ⟦a law obliges your employer to keep this⟧" in said
    assert "⟦⟦everything⟧ in Excel⟧" in said


def test_numbers_and_days_are_the_visitors(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture
) -> None:
    ada = person()
    capture(ada, 1204)
    app = open_app(ada, locale="de-AT")
    assert "1.204" in [metric.value for metric in app.metric]
    assert any("2. März 2026" in text.value for text in app.markdown)
