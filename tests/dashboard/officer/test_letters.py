"""A privacy officer makes a letter for somebody who has left, sees it listed, and ends it."""

from __future__ import annotations

from directory import Directory
from tests.dashboard.conftest import OpenApp, words
from tests.dashboard.requests.test_requests import press
from tests.support.people import Company


def test_an_officer_makes_and_ends_a_letter(open_app: OpenApp, person: Company, api: str) -> None:
    officer = person("ines@example.com", role="privacy_officer")
    person("ada@example.com")
    ada = person.leave("ada@example.com")
    app = open_app(officer, page="officer")
    address = next(field for field in app.text_input if field.label.startswith("Whose? Their"))
    address.set_value("ada@example.com")
    app = press(app, "Make the letter")
    code = app.code[0].value
    with Directory.open() as directory:
        assert directory.owner_of_letter(code) == ada.subject
    app = press(app, "I have written it down")
    assert not app.code
    assert "It was used 1 time" in words(app)
    app = press(app, "End this letter")
    with Directory.open() as directory:
        assert directory.owner_of_letter(code) is None


def test_no_letter_for_somebody_who_works_here(open_app: OpenApp, person: Company, api: str) -> None:
    officer, ada = person("ines@example.com", role="privacy_officer"), person("ada@example.com")
    app = open_app(officer, page="officer")
    address = next(field for field in app.text_input if field.label.startswith("Whose? Their"))
    address.set_value(ada.email)
    app = press(app, "Make the letter")
    assert not app.code
    assert any("works here" in error.value for error in app.error)
