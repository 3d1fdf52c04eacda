"""A deletion removes earlier copies: people read it before, why afterwards, and get a new one by one click."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

import clock
from api_client import GovernanceClient, Scope
from api_client.models import Request
from dashboard.moments import day_words
from directory import Employee
from tests.dashboard.conftest import Capture, OpenApp, words
from tests.dashboard.requests.test_answered_requests import work_on
from tests.dashboard.requests.test_requests import choose, press

Ask = Callable[[str, Scope | None], UUID]


@pytest.fixture
def ada(person: Callable[..., Employee], capture: Capture) -> Employee:
    ada = person()
    capture(ada, 9, application="Excel")
    capture(ada, 4, application="Chrome")
    return ada


@pytest.fixture
def client(api: str, token_for: Callable[..., str], ada: Employee) -> Callable[[], GovernanceClient]:
    until = int((clock.now() + timedelta(days=9)).timestamp())
    return lambda: GovernanceClient(api, token_for(ada, exp=until))


@pytest.fixture
def done(client: Callable[[], GovernanceClient], ada: Employee) -> Ask:
    """Files a request and carries it out."""

    def ask(kind: str, scope: Scope | None = None) -> UUID:
        with client() as governance:
            request_id = governance.file_request(kind, scope).id
        work_on(ada, request_id)
        return request_id

    return ask


def requests(client: Callable[[], GovernanceClient], kind: str) -> list[Request]:
    with client() as governance:
        return [governance.request(each.id) for each in governance.requests() if each.type == kind]


def test_the_preview_of_a_deletion_names_the_copies(open_app: OpenApp, ada: Employee, done: Ask) -> None:
    done("export", None)
    said = words(press(choose(open_app(ada, page="requests"), "erasure"), "Show what this covers"))
    assert f"**Your copy of {day_words(clock.today())} can't be downloaded after this**" in said


def test_nothing_is_said_where_no_copy_is_lost(open_app: OpenApp, ada: Employee, done: Ask) -> None:
    app = press(choose(open_app(ada, page="requests"), "erasure"), "Show what this covers")
    assert "can't be downloaded after this" not in words(app)
    done("export", None)
    app = press(choose(open_app(ada, page="requests"), "export"), "Show what this covers")
    assert "can't be downloaded after this" not in words(app)


def test_any_deletion_removes_every_copy_and_the_reason_stays(
    client: Callable[[], GovernanceClient], done: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The copy has only records of Chrome, and only those of Excel are deleted: it goes all the same, as is said."""
    copy = done("export", Scope(applications=("Chrome",)))
    with client() as governance:
        preview = governance.preview("erasure", Scope(applications=("Excel",)))
    assert [each.request for each in preview.copies_removed] == [copy]
    done("erasure", Scope(applications=("Excel",)))
    later = clock.now() + timedelta(days=8)
    for now in (clock.now(), later):
        with monkeypatch.context() as patch, client() as governance:
            patch.setattr(clock, "now", lambda now=now: now)
            assert governance.preview("erasure").copies_removed == ()
            export = governance.request(copy).export
            assert export is not None
            assert (export.available, export.removed_because) == (False, "erasure")


def test_a_new_copy_is_one_click(
    open_app: OpenApp, ada: Employee, client: Callable[[], GovernanceClient], done: Ask
) -> None:
    done("export", Scope(applications=("Chrome",)))
    done("erasure", Scope(applications=("Excel",)))
    app = open_app(ada, page="requests")
    assert "because you deleted data: that removes every earlier copy" in words(app)
    assert "1 earlier copy was removed, too." in words(app)
    press(app, "Get a new copy")
    newest, first = requests(client, "export")
    assert (newest.state, newest.scope) == ("received", first.scope)
    press(open_app(ada, page="requests"), "Get a new copy")
    assert len(requests(client, "export")) == 2
