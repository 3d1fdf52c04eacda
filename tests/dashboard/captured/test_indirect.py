"""Where others mention a person, on Captured."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from directory import Employee
from lake.ingest.archiving import ingest_archive
from tests.dashboard.conftest import OpenApp, words
from tests.lake.ingesting import allow
from tests.support.slack import Workspace


def test_a_person_reads_how_others_mention_them(
    open_app: OpenApp, person: Callable[..., Employee], tmp_path: Path
) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    allow(["Slack"])
    space = Workspace()
    space.user(1, "ada@example.com")
    author = space.user(2, "bob@example.com")
    space.conversation("channels.json", "C00000001", "general")
    for number in range(2):
        space.say("general", author, f"secret words {number} to <@U00000001>")
    ingest_archive("slack", str(space.write(tmp_path / "export.zip")))
    shown = words(open_app(ada).switch_page("views/captured.py").run())
    assert "2 records of others: you were mentioned." in shown
    assert "An objection under Requests also keeps these records out of new datasets." in shown
    assert not any(word in shown for word in ("secret words", "bob@", "Bob"))
    assert "Where others mention you" not in words(open_app(bob).switch_page("views/captured.py").run())
