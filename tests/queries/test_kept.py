"""What is kept for a caller of the API: theirs alone, for a minute, and for few at a time."""

from __future__ import annotations

import pyarrow as pa
import pytest

from queries import KeptByToken
from queries.kept import Kept


class Watch:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def never(_: object) -> bool:
    """Whether anything is unchanged."""
    return False


def seen(kept: KeptByToken, token: str, answer: int) -> int:
    """What this caller is told, if the lake's answer is this one now."""
    with kept.of(token) as own:
        own.begin("ada", "the same snapshot", never)
        return own.answer("a question", lambda: answer)


def test_each_token_has_its_own() -> None:
    kept = KeptByToken()
    assert [seen(kept, "ada's", 1), seen(kept, "bob's", 2)] == [1, 2]
    assert [seen(kept, "ada's", 3), seen(kept, "bob's", 3)] == [1, 2]


def test_an_unused_token_is_forgotten_after_a_minute() -> None:
    watch = Watch()
    kept = KeptByToken(watch)
    seen(kept, "ada's", 1)
    watch.seconds += KeptByToken.SECONDS - 1
    assert seen(kept, "ada's", 2) == 1
    watch.seconds += KeptByToken.SECONDS + 1
    seen(kept, "bob's", 2)
    assert len(kept._of) == 1
    assert seen(kept, "ada's", 2) == 2


def test_only_so_many_tokens_are_remembered() -> None:
    kept = KeptByToken()
    for number in range(KeptByToken.TOKENS + 5):
        seen(kept, f"token {number}", number)
    assert len(kept._of) == KeptByToken.TOKENS
    assert seen(kept, "token 4", 1000) == 1000
    assert seen(kept, f"token {KeptByToken.TOKENS}", 1000) == KeptByToken.TOKENS


def test_two_calls_at_once_share_nothing() -> None:
    kept = KeptByToken()
    seen(kept, "ada's", 1)
    with kept.of("ada's") as first, kept.of("ada's") as second:
        assert first is not second
        second.begin("ada", "the same snapshot", never)
        assert second.answer("a question", lambda: 2) == 2


def test_what_failed_is_asked_again() -> None:
    kept = KeptByToken()
    seen(kept, "ada's", 1)
    with pytest.raises(OSError, match="the disk"), kept.of("ada's"):
        raise OSError("the disk")
    assert seen(kept, "ada's", 2) == 2


def test_a_change_or_another_owner_forgets() -> None:
    kept = Kept()
    checked: list[str] = []

    def begun(owner: str, now: str, *, unchanged: bool) -> str:
        def are_unchanged(since: str) -> bool:
            checked.append(since)
            return unchanged

        return kept.begin(owner, now, are_unchanged)

    assert begun("ada", "Monday", unchanged=True) == "Monday"
    assert kept.answer("a question", lambda: 1) == 1
    assert begun("ada", "Monday", unchanged=False) == "Monday", "not even asked"
    assert begun("ada", "Tuesday", unchanged=True) == "Monday"
    assert begun("ada", "Wednesday", unchanged=True) == "Monday"
    assert kept.answer("a question", lambda: 2) == 1
    assert kept.stamp == ("ada", "Monday")
    assert begun("ada", "Thursday", unchanged=False) == "Thursday"
    assert kept.answer("a question", lambda: 3) == 3
    assert begun("bob", "Thursday", unchanged=True) == "Thursday"
    assert kept.answer("a question", lambda: 4) == 4
    assert kept.stamp == ("bob", "Thursday")
    assert checked == ["Monday", "Tuesday", "Wednesday"]


def test_tables_make_room_for_newer_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("queries.kept.MOST_BYTES", 1_000)
    kept = Kept()
    kept.begin("ada", "Monday", never)
    asked: list[tuple[str, int]] = []

    def table(name: str, rows: int) -> None:
        def ask() -> pa.Table:
            asked.append((name, rows))
            return pa.table({"number": pa.array(range(rows), pa.int64())})

        assert len(kept.answer(name, ask)) == rows

    for name, rows in [("a", 70), ("b", 70), ("b", 70), ("a", 70), ("large", 200), ("large", 200), ("a", 70)]:
        table(name, rows)
    assert asked == [("a", 70), ("b", 70), ("a", 70), ("large", 200), ("large", 200)]
