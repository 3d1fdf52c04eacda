"""Numbers as sentences: a plain fraction, its certain end, whole people, and nothing where the noise says nothing."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from api_client.models import ReleasedTable, Share
from dashboard.releases import charts
from dashboard.releases.sentences import answers_of, certainty, changed, says_something, trend_of
from lake.releases.counted_facts import DETAIL, VOLUME

LATER, EARLIER = date(2027, 7, 1), date(2026, 7, 1)


def table(name: str, as_of: date, *shares: tuple[float | None, float, float], people: int = 50) -> ReleasedTable:
    bands = {"volume": VOLUME, "retention": ["within"], "detail": DETAIL}[name]
    found = tuple(Share(band, *share) for band, share in zip(bands, shares, strict=False))
    return ReleasedTable(UUID(int=as_of.year), as_of, name, name != "retention", people, found)


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (Share("", 0.66, 0.56, 0.76), "about two thirds of them, at least half (28 to 38 of 50)"),
        (Share("", 0.3, 0.2, 0.4), "about a third of them, at most two fifths (10 to 20 of 50)"),
        (Share("", 0.98, 0.9, 1.0), "nearly everybody, at least nine in ten (45 to 50 of 50)"),
        (Share("", 0.94, 0.86, 1.0), "about nine in ten of them, at least four fifths (43 to 50 of 50)"),
        (Share("", 0.0, 0.0, 0.04), "hardly anybody, at most one in ten (0 to 2 of 50)"),
        (Share("", None, 0.0, 0.2), "at most a fifth (0 to 10 of 50)"),
        (Share("", None, 0.2, 0.45), "at least a fifth and at most half (10 to 22 of 50)"),
        (Share("", None, 0.75, 1.0), "at least three quarters (38 to 50 of 50)"),
        (Share("", 0.82, 0.8, 0.84), "about four fifths of them, at least three quarters (40 to 42 of 50)"),
        (Share("", 1.0, 1.0, 1.0), "nearly everybody, at least nine in ten (50 of 50)"),
    ],
)
def test_a_share_is_a_fraction_with_its_certain_end(share: Share, said: str) -> None:
    assert certainty(share, 50) == said


@pytest.mark.parametrize("count", range(51))
@pytest.mark.parametrize("half", [0, 3, 6])
def test_every_share_has_a_sentence(count: int, half: int) -> None:
    share = Share("", count / 50, max(0, count - half) / 50, min(50, count + half) / 50)
    assert certainty(share, 50).endswith("of 50)")


def test_the_questions_of_a_manager_are_answered() -> None:
    tables = [
        table("volume", LATER, (0.1, 0.02, 0.2)),
        table("retention", LATER, (0.98, 0.9, 1.0)),
        table("detail", LATER, *[(None, 0.0, 0.5)] * 4),
    ]
    assert [one.replace("*", "") for one in answers_of(tables, company=True)] == [
        "Records that may be used are held about nine in ten of them, at least four fifths (40 to 49 of the 50 people"
        " in the company).",
        "On 1 July 2027, after that day's deletion, no records that may be used were kept too long for nearly everybody"
        ", at least nine in ten (45 to 50 of 50).",
        "The noise is too large to say about how many people screenshots that may be used are held.",
    ]


def test_thirty_points_say_nothing_and_have_no_bar() -> None:
    assert not says_something(Share("", None, 0.0, 0.3))
    rows = charts.rows_of([table("volume", LATER, (None, 0.0, 0.3), (0.9, 0.8, 1.0))])
    assert rows["says"].tolist() == [False, True]
    assert rows["words"].tolist() == ["nothing can be said", "90 % (80 to 100 %)"]


def test_only_trends_beyond_the_noise_are_told() -> None:
    now, before = table("volume", LATER, (0.1, 0.02, 0.2)), table("volume", EARLIER, (0.2, 0.1, 0.3))
    assert not changed(now, before)
    assert trend_of([now, before], [now]) == "Since 1 July 2026, nothing changed by more than the noise."
    much = table("volume", EARLIER, (0.9, 0.8, 1.0))
    assert changed(now, much)
    said = trend_of([now, much], [now])
    assert said == "Since 1 July 2026, this changed by more than the noise: How much is held."
    assert trend_of([now], [now]) == ""
