"""Passwords typed key by key, where no field says so: recognised by what was typed before.

after Tab            a word of at least three of capitals, small letters, digits and signs, between Tab and the next
                     Tab, Enter or click; of letters and digits behind one name or an address, but in a table
after an address     and Enter, such a word alone in the next line
twice                such a word in two fields in a row, and one in the field before them, which is the old password
after a command      the next `LINES` lines in a terminal, but for other commands, after one that asks for a password
                     (`sudo …`, `su`, `ssh …`, `passwd`): it may ask for a name first, twice, or again
on a lock screen     every key, by the application's name; so in a password manager
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby, pairwise

from lake.safeguards.keyboard.terminals import NAMED_AS_TERMINAL, asks, is_command, recalls
from lake.safeguards.keyboard.typed import BACKSPACE, SHORTCUT, KeyOrClick, text_of

PAUSE = timedelta(seconds=60)
LINES = 6
"""As many as a command asks for that sets a password, with a mistake: the old one, the new one twice, and again."""
FORGOTTEN = timedelta(minutes=10)
"""After a pause as long, nothing that was asked before is answered."""
SHORTEST, LONGEST = 6, 64
LOCK_SCREEN = re.compile(
    r"lockapp|logonui|winlogon|loginwindow|lock ?screen|screen[ -]?lock|screen ?saver|sperrbildschirm|kscreenlocker"
    r"|gnome[ -]?shell|(?<![a-z])gdm(?![a-z])|sddm|lightdm|greetd|(?:tui|re|gtk)greet|lxdm|plasmalogin|cosmic-greeter"
    r"|(?:i3|sway|gtk|way|phys|hypr|xtr|xsecure|slim|light-?|better|mate-?)lock|(?<![a-z])[svx]lock(?![a-z])"
    r"|credential(?:ui|broker|dialog)|windows[ -](?:security|sicherheit)|s.curit. windows|seguridad de windows"
    r"|consent\.exe|user ?account ?control|pinentry|polkit|policykit|ssh-?ask-?pass|gcr-prompter|security ?agent"
    r"|core ?auth|authorizationhost|local ?authentication|keychain|seahorse|kwallet|keyring|keepass"
    r"|1password|bitwarden|vaultwarden|last ?pass|dashlane|proton ?pass|nord ?pass|robo ?form|enpass"
    r"|(?<![a-z])keeper(?![a-z])|sticky ?password|password ?safe|pass ?bolt|psono|buttercup|padloc|zoho ?vault"
    r"|password ?manager|^(?:apple )?passwords?(?:\.app)?$|authenticator|authy|2fas|veracrypt|cryptomator|gopass"
    r"|qtpass|strongbox|okta ?verify|duo ?mobile|yubico|ping ?id(?![a-z])|cisco ?(?:any ?connect|secure ?client)|vpnui",
    re.IGNORECASE,
)
TABLE = re.compile(
    r"excel|calc|sheet|numbers|gnumeric|airtable|table|grid|(?<![a-z])code(?![a-z])|idea|pycharm|vim|emacs|editor|notepad",
    re.IGNORECASE,
)
"""Where a word of letters and digits after Tab is an article number, or code."""
CLASSES = (re.compile(r"[a-zà-ž]"), re.compile(r"[A-ZÀ-Þ]"), re.compile(r"\d"), re.compile(r"[^\w\s]"))
FEWEST_CLASSES = 3
ADDRESS = re.compile(r"\S+@\S+\.\w+")
NAME = re.compile(r"[\w.@+\\-]{2,}")
MIXED = re.compile(r"(?=.*\d)(?=.*[^\W\d_])\S+")
RECALLING = frozenset(f"{prefix}{name}" for prefix in ("", "Key.", "Arrow") for name in ("up", "Up", "down", "Down"))
OF_SIGNS = frozenset(key for key in SHORTCUT if "alt" in key.casefold())
"""With these, keys also type signs."""
SEARCHING = frozenset("rp")
"""With Ctrl, they bring an earlier line back."""


@dataclass
class Hidden:
    """Indexes of the records of keys that type a password, and these passwords; `sure`: those of them that went into a
    field for one, or were typed on a lock screen."""

    indexes: set[int] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)
    sure: set[str] = field(default_factory=set)


@dataclass
class _Part:
    """Keys between two of Tab, Enter, a click or a pause."""

    indexes: list[int] = field(default_factory=list)
    characters: list[str] = field(default_factory=list)
    known: bool = False
    typed: bool = False

    @property
    def text(self) -> str:
        return "".join(self.characters)


def password_keys(events: Iterable[KeyOrClick], presses: Mapping[tuple[str, str], set[str | None]]) -> Hidden:
    """The events are sorted. `presses`: what `action` says when a key is pressed, by session and application."""
    hidden = Hidden()
    for place, some in groupby(events, key=lambda event: (event.session, event.application)):
        typing = _Typing(hidden, place[1], presses.get(place, set()))
        for event in some:
            typing.read(event)
        typing.finish(entered=False)
    return hidden


class _Typing:
    """What is typed in one application, line by line. `left`: how many of the next lines may be a password."""

    def __init__(self, hidden: Hidden, application: str, presses: set[str | None]) -> None:
        self.hidden, self.presses = hidden, presses
        self.locked = LOCK_SCREEN.search(application) is not None
        self.in_table = TABLE.search(application) is not None
        self.in_terminal = NAMED_AS_TERMINAL.search(application) is not None
        self.parts, self.left, self.recalled, self.with_control = [_Part()], 0, False, False
        self.address = self.field = ""
        self.last: datetime | None = None
        self.down: dict[str, int] = {}
        self.releases: list[tuple[int, int]] = []

    def read(self, event: KeyOrClick) -> None:
        """The next key or click."""
        pause = event.at - (self.last or event.at)
        self.last = event.at
        if event.clicked or pause > PAUSE:
            self.finish(entered=False)
        if pause > PAUSE:
            self.address = self.field = ""
        if pause > FORGOTTEN:
            self.left = 0
        if event.name:
            if event.into_password:
                self.hidden.indexes.add(event.number)
            if event.action in self.presses:
                self._press(event.number, event.name, event.into_password)
            else:
                self.parts[-1].indexes.append(event.number)
                if (pressed := self.down.pop(event.name.casefold(), None)) is not None:
                    self.releases.append((pressed, event.number))

    def _press(self, index: int, key: str, known: bool) -> None:
        part, character = self.parts[-1], text_of(key)
        with_control, self.with_control = self.with_control, key in SHORTCUT - OF_SIGNS
        self.down[key.casefold()] = index
        part.known |= known
        if character == "\n":
            self.finish(entered=True)
        elif character == "\t":
            self.parts.append(_Part())
        else:
            part.indexes.append(index)
            self.recalled |= key in RECALLING or (with_control and character in SEARCHING)
            if key in BACKSPACE:
                del part.characters[-1:]
            elif character and not (with_control and character.isalnum()):
                part.characters.append(character)
                part.typed = True

    def finish(self, *, entered: bool) -> None:
        """The line has ended: with Enter, or with a click, a pause or the recording."""
        line = "\t".join(part.text for part in self.parts)
        asked = self.left > 0 and any(part.typed for part in self.parts) and not is_command(line)
        for part, seems in zip(self.parts, self._seeming(), strict=True):
            if self.locked or part.known or asked or seems:
                self._hide(part)
        if asked and (text := line.replace("\t", "").strip()):
            self.hidden.texts.add(text)
        if entered:
            self._expect(line, asked)
        if line:
            self.address = line if entered and ADDRESS.fullmatch(line) else ""
            self.field = self.parts[-1].text
        self.parts, self.recalled = [_Part()], False
        self._hide_releases()

    def _seeming(self) -> list[bool]:
        """Of each part, whether it seems to be a password."""
        texts = [part.text for part in self.parts]
        alone = len(texts) == 2
        seem = [
            self._is_password(text, before, alone) for text, before in zip(texts, [self.address, *texts], strict=False)
        ]
        seem[0] &= len(texts) == 1 and bool(self.address)
        for at, (before, text) in enumerate(pairwise([self.field, *texts])):
            if before == text and self._is_password(text, text, alone=True) and not ADDRESS.fullmatch(text):
                seem[at] = True
                # Right before the two fields of a new password is that of the old one.
                if at == len(texts) - 1 == 2:
                    seem[0] |= self._is_password(texts[0], texts[0], alone=True) and not ADDRESS.fullmatch(texts[0])
        return seem

    def _hide_releases(self) -> None:
        """Hides also the releases of hidden keys, which may follow the Enter. Whether a key of an earlier line is
        hidden doesn't change any more."""
        hidden = self.hidden.indexes
        hidden.update(release for press, release in self.releases if press in hidden)
        self.releases = []

    def _expect(self, line: str, asked: bool) -> None:
        may_recall = self.in_terminal and (self.recalled or recalls(line))
        if asks(line, self.in_terminal) or may_recall:
            self.left = LINES
            self.in_terminal = True
        elif asked:
            self.left -= 1
        elif line.strip():
            self.left = 0

    def _is_password(self, text: str, before: str, alone: bool) -> bool:
        """Whether what was typed after Tab is one. `before`: what was typed before that; `alone`: nothing more was."""
        if not SHORTEST <= len(text) <= LONGEST or " " in text:
            return False
        if sum(kind.search(text) is not None for kind in CLASSES) >= FEWEST_CLASSES:
            return True
        if self.in_table or self.in_terminal or not MIXED.fullmatch(text):
            return False
        return ADDRESS.fullmatch(before) is not None or (alone and NAME.fullmatch(before) is not None)

    def _hide(self, part: _Part) -> None:
        self.hidden.indexes.update(part.indexes)
        if text := part.text.strip():
            self.hidden.texts.add(text)
            if self.locked or part.known:
                self.hidden.sure.add(text)
