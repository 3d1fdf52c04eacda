"""Attacks on real answers, from a lake to the API, for companies that differ only in captures."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

import clock
from directory import Employee
from governance.api.app import create_app
from lake.releases import publishing
from lake.releases.database import reader
from lake.releases.hierarchy import area_key
from lake.rules.policies import apply_policies
from lake.storage.connection import writer
from queries import area
from tests.support.company import employ
from tests.support.homes import make
from tests.support.issuer import Issuer, serving_issuer
from tests.support.lake import POLICY, START, store_captures

SIZE, LARGE, SMALL, NOBODY = 300, 0, 1, 299
NOW = datetime(2026, 7, 1, 3, tzinfo=UTC)


def fixed(values: Sequence[int], _deviation: float) -> Sequence[int]:
    """Noise that makes all releases equal, whatever was counted: any remaining difference is not covered by it."""
    return [7 * place % 31 for place in range(len(values))]


@dataclass(frozen=True)
class Served:
    """Homes with the same people: one where little was captured, one where one person has more, one where all have."""

    homes: dict[str, Path]
    people: list[Employee]
    issuer: Issuer
    client: TestClient

    def get(self, home: str, who: int, path: str, **more: Any) -> Any:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("OPENBOOK_HOME", str(self.homes[home]))
            headers = {"Authorization": f"Bearer {self.issuer.token_for(f'p{who}')}", "Accept-Encoding": "identity"}
            return self.client.get(path, headers=headers, **more)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    homes = {name: folder / name for name in ("little", "one more", "much")}
    with pytest.MonkeyPatch.context() as patch, serving_issuer() as issuer:
        patch.setattr(clock, "now", lambda: NOW)
        patch.setenv("OPENBOOK_ISSUER", issuer.url)
        make(homes["little"])
        patch.setenv("OPENBOOK_HOME", str(homes["little"]))
        people = employ(folder / "people.csv", SIZE, {LARGE: 220, SMALL: 6})
        with writer() as connection:
            apply_policies(connection, [POLICY])
        store_captures(people[5], 3)
        for name in ("one more", "much"):
            shutil.copytree(homes["little"], homes[name])
        for name, captured in {"one more": people[7:8], "much": people[8:16]}.items():
            patch.setenv("OPENBOOK_HOME", str(homes[name]))
            for person in captured:
                store_captures(person, 40, application="Chrome", signal="message", start=START + timedelta(days=3))
        for home in homes.values():
            patch.setenv("OPENBOOK_HOME", str(home))
            publishing.release(draw=fixed)
        with TestClient(create_app()) as client:
            yield Served(homes, people, issuer, client)


@pytest.fixture(autouse=True)
def home_of_one(served: Served, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    monkeypatch.setenv("OPENBOOK_ISSUER", served.issuer.url)
    monkeypatch.setenv("OPENBOOK_HOME", str(served.homes["little"]))


def test_only_noise_depends_on_captures(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """The digest covers everything published, in order."""
    digests = {}
    for name, home in served.homes.items():
        monkeypatch.setenv("OPENBOOK_HOME", str(home))
        [told] = publishing.releases()
        digests[name] = (told.digest, told.rho, told.published_at, told.as_of)
    assert len(set(digests.values())) == 1


@pytest.mark.parametrize("who", [LARGE, SMALL, NOBODY], ids=["large area", "team of six", "nobody"])
@pytest.mark.parametrize("path", ["/v1/area", "/v1/programme"])
def test_answers_do_not_depend_on_captures(served: Served, who: int, path: str) -> None:
    """Without compression: the random number of a release would change the size of a compressed answer."""
    answers = {}
    for name, home in served.homes.items():
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("OPENBOOK_HOME", str(home))
            [release] = [str(one.release) for one in publishing.releases()]
        answer = served.get(name, who, path)
        headers = {name: value for name, value in answer.headers.items() if name not in {"date", "x-request-id"}}
        answers[name] = (answer.status_code, headers, answer.text.replace(release, "the release"))
    assert answers["little"] == answers["one more"] == answers["much"]


def test_a_thousand_views_are_the_same_bytes(served: Served) -> None:
    """A new session each, with sorts, filters and formats that are not offered, with and without the API."""
    asked: list[dict[str, Any]] = [
        {}, {"params": {"sort": "share", "order": "desc"}}, {"params": {"limit": "1", "offset": "3"}},
        {"params": {"from": "2026-01-01", "application": "Chrome", "team": "T"}},
        {"params": {"format": "csv", "download": "1"}},
    ]  # fmt: skip
    answers = {served.get("little", LARGE, "/v1/area", **asked[view % len(asked)]).content for view in range(100)}
    assert len(answers) == 1
    leader = served.people[LARGE].subject
    assert len({repr(area.of_area(leader)) for _ in range(100)}) == 1
    with reader() as connection:
        shares = {
            repr(connection.execute(area.sql("shares"), {"node": area_key(leader)}).fetchall()) for _ in range(800)
        }
    assert len(shares) == 1


def test_the_work_per_answer_never_depends_on_captures(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same statements that read the same number of rows, and nothing kept between views: nothing to time."""
    as_it_is = area._rows
    work: list[int] = []

    def counted(answer: Any) -> list[dict[str, Any]]:
        rows = as_it_is(answer)
        work.append(len(rows))
        return rows

    monkeypatch.setattr(area, "_rows", counted)
    done = []
    for home in served.homes.values():
        monkeypatch.setenv("OPENBOOK_HOME", str(home))
        for _ in range(2):
            work.clear()
            area.of_area(served.people[LARGE].subject)
            done.append(tuple(work))
    assert len(set(done)) == 1
    assert sum(done[0]) > 5
