from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from governance.domain.moments import format_moment, parse_moment
from governance.domain.scopes import RequestScope
from lake.rules.scope import Scope


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-01T09:30:00Z", datetime(2026, 3, 1, 9, 30, tzinfo=UTC)),
        ("2026-03-01t09:30:00.25z", datetime(2026, 3, 1, 9, 30, 0, 250_000, tzinfo=UTC)),
        ("2026-03-01T01:00:00+02:00", datetime(2026, 2, 28, 23, 0, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", datetime(2017, 1, 1, tzinfo=UTC)),
        ("2026-03-01T09:30:00.1234567Z", datetime(2026, 3, 1, 9, 30, 0, 123_456, tzinfo=UTC)),
    ],
)
def test_rfc_3339_times_are_read(text: str, moment: datetime) -> None:
    assert parse_moment(text) == moment
    assert parse_moment(text).utcoffset() == timedelta(0)
    assert parse_moment(format_moment(moment)) == moment


@pytest.mark.parametrize(
    "text", ["2026-03-01T09:30:00", "2026-03-01", "1767225600", 1767225600, True, "", "2026-02-30T00:00:00Z",
             "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:60Z"],
)  # fmt: skip
def test_invalid_times_are_refused(text: Any) -> None:
    with pytest.raises(ValueError, match="time"):
        parse_moment(text)


def test_scope_converts_to_the_lakes_scope() -> None:
    scope = RequestScope.model_validate(
        {"signals": ["scroll"], "applications": ["Excel"], "from": "2026-03-01T01:00:00+02:00"}
    )
    start = datetime(2026, 2, 28, 23, 0)  # noqa: DTZ001 (the lake's times are naive UTC)
    assert scope.of_the_lake() == Scope(("scroll",), ("Excel",), start, None)
    assert scope.model_dump(mode="json", by_alias=True) == {
        "signals": ["scroll"],
        "applications": ["Excel"],
        "from": "2026-02-28T23:00:00Z",
    }


def test_an_empty_scope_is_everything() -> None:
    assert RequestScope().of_the_lake().everything
    assert RequestScope().model_dump(mode="json", by_alias=True) == {}


@pytest.mark.parametrize(
    ("scope", "words"),
    [
        ({"signals": ["telepathy"]}, "telepathy|not a signal"),
        ({"signals": []}, "at least 1 item"),
        ({"applications": ["tab\tbed"]}, "pattern"),
        ({"from": "2026-03-01T00:00:00"}, "offset from UTC"),
        ({"from": "2026-03-01T00:00:00Z", "until": "2026-03-01T00:00:00Z"}, "`from` must be before `until`"),
        ({"everything": True}, "not permitted"),
    ],
)
def test_invalid_scope_is_explained(scope: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        RequestScope.model_validate(scope)
