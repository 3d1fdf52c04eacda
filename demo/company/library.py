"""What is read, typed and clicked at Tessel: a few hundred contents for each signal and application."""

from __future__ import annotations

import string
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from demo.company import phrases
from directory.sealing import Content

VARIANTS = 250

T = TypeVar("T")
Redactions = list[tuple[str, int]]
"""Kind and number of what was masked."""


@dataclass(frozen=True)
class Entry:
    """One content of captures, and what was masked in it."""

    content: Content
    redactions: Redactions | None


class Library:
    """All entries, and which of them fit a signal in an application."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self.entries: list[Entry] = []
        self._suiting: dict[tuple[str, str], NDArray[np.int64]] = {}
        for application in phrases.TITLES:
            for signal, compose in self._composers(application).items():
                first = len(self.entries)
                self.entries += [self._entry(compose()) for _ in range(VARIANTS)]
                self._suiting[signal, application] = np.arange(first, len(self.entries))

    def suiting(self, signal: str, application: str) -> NDArray[np.int64]:
        """Indices into `entries`; empty if the signal is not captured in the application."""
        return self._suiting.get((signal, application), np.empty(0, np.int64))

    def _composers(self, application: str) -> dict[str, Callable[[], Content]]:
        """The unfilled patterns for each signal of an application."""
        title = phrases.TITLES[application]
        composers: dict[str, Callable[[], Content]] = {"window_focus": lambda: {"title": self._one(title)}}
        if application in phrases.ELEMENTS:
            elements = phrases.ELEMENTS[application]
            composers |= {
                "mouse_click": lambda: {"action": "press", "button": "left", "element": self._one(elements)},
                "keystroke": lambda: {"text": self._one(phrases.TYPED), "title": self._one(title)},
                "scroll": lambda: {"dx": "0", "dy": self._one(("-3", "-2", "-1", "-1", "1", "2"))},
                "screenshot": lambda: {"title": self._one(title)},
                "clipboard": lambda: {"action": "copy", "text": self._one(phrases.TYPED)},
            }
        if application in phrases.FIELDS:
            options, fields = phrases.OPTIONS[application], phrases.FIELDS[application]
            composers |= {
                "dropdown": lambda: dict(zip(("element", "text"), self._one(options).split(": "), strict=True)),
                "form_edit": lambda: dict(zip(("element", "text"), self._one(fields), strict=True)),
            }
        if application == "Chrome":
            composers["navigation"] = lambda: {"url": self._one(phrases.PAGES), "title": self._one(title)}
        if application in ("Slack", "Outlook"):
            composers["message"] = lambda: {**self._written(phrases.MESSAGES), "title": self._one(title)}
        if application in ("Zendesk", "Jira"):
            composers["ticket"] = lambda: {**self._written(phrases.TICKETS), "title": self._one(title)}
        if application == "Desktop":
            composers["afk"] = lambda: {"action": self._one(("afk", "not-afk"))}
        return composers

    def _entry(self, patterns: Content) -> Entry:
        """Fills the gaps of every pattern; within one content, the same gap gets the same text."""
        named = [name for text in patterns.values() for _, name, _, _ in string.Formatter().parse(text) if name]
        filled = {name: self._one(phrases.FILLERS[name]) for name in named}
        masked = [phrases.REDACTED[name] for name in filled if name in phrases.REDACTED]
        return Entry(
            {key: text.format(**filled) for key, text in patterns.items()},
            [(kind, masked.count(kind)) for kind in sorted(set(masked))] or None,
        )

    def _written(self, choices: tuple[str, ...]) -> Content:
        """A message or a ticket entry by the person, or by somebody else, who is its `author`."""
        author = {"author": "{author}"} if self._rng.random() < 0.5 else {}
        return {"message": self._one(choices), **author}

    def _one(self, choices: tuple[T, ...]) -> T:
        return choices[int(self._rng.integers(len(choices)))]
