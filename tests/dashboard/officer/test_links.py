"""Several sign-in changes are decided at once, as after a change of the identity provider."""

from __future__ import annotations

from collections.abc import Callable

from directory import Directory, Employee
from tests.dashboard.conftest import OpenApp, words
from tests.dashboard.requests.test_requests import press


def test_an_officer_decides_several_at_once(open_app: OpenApp, person: Callable[..., Employee], api: str) -> None:
    officer = person("ines@example.com", role="privacy_officer")
    names = ("ada", "bo", "cy")
    known = {name: person(f"{name}@example.com").subject for name in names}
    for name in names:
        person(f"{name}@example.com", sub=f"oidc-{name}")
    app = open_app(officer, page="officer")
    with Directory.open() as directory:
        proposals = {link.known.email[:2].rstrip("@"): link.proposal for link in directory.links()}
    app = app.multiselect(key="links_chosen").set_value([proposals["ad"], proposals["bo"]]).run()
    app = press(app, "They are the same people")
    assert "1 person has another sign-in id" in words(app)
    with Directory.open() as directory:
        subjects = {name: getattr(directory.by_sub(f"oidc-{name}"), "subject", None) for name in names}
    assert subjects == {**known, "cy": None}
