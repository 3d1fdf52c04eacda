"""Applies the safeguards to all records of one recording together, because a secret may only be recognisable by what
comes before or after it.

    mask            what `patterns.find` finds in any field, in percent-decoded text, and in text typed key by key
    drop_passwords  text that goes into a password field, keys that type one (`password_keys`), passwords in URLs, and
                    the same text anywhere else
    mask_people     what `personal.find` finds in the same places as `mask` looks in, and dates in fields that ask for
                    a date of birth

Redacted text is replaced by `[kind removed]` and counted by kind. Nothing read here is kept after the call.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from urllib.parse import unquote

from directory.sealing import Content
from lake.connectors.elements import key_name
from lake.connectors.records import Record
from lake.safeguards import placeholder
from lake.safeguards.keyboard.password_keys import password_keys
from lake.safeguards.keyboard.typed import Find, KeyOrClick, is_one_text, secret_keys, shared_fates
from lake.safeguards.passwords import in_url, is_password_field
from lake.safeguards.patterns import Finding, find, find_numbers, joined, worth_searching
from lake.safeguards.personal import PEOPLE
from lake.safeguards.personal.birth_dates import is_birth_date
from lake.spools.items import Sorted

PASSWORDS = "drop_passwords"
NUMBERS = frozenset(("dx", "dy"))
TYPED = frozenset(("text", "key"))
SHORTEST_TEXT = 10
"""Of what is given as a key: the names of most keys are shorter, and no secret of a text is."""
SHORTEST_PASSWORD = 4
"""A shorter text is not searched for in the rest of the recording: it would match everywhere."""
LONG_PASSWORD, LONG_MIXED = 8, 6
"""From these lengths on, the second if letters mix with digits or signs, one is searched for also within words."""

DECODINGS = 5
MANY = 2_000
"""Texts: from so many on, a look at all of them together saves time."""
SMALL = 500
"""About the bytes of a record without its text."""
BLOCK = REMEMBERED = 8 << 20
"""About the bytes of the records that are examined at once, and of the texts whose findings are remembered."""

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Safeguarded:
    """What may be stored of a record, and the number of redactions by kind."""

    content: Content
    redactions: dict[str, int]


class _Remembering:
    """What is found in texts; as much of it is remembered as needs little memory, because texts come again."""

    def __init__(self, find: Find) -> None:
        self._find = find
        self._known: dict[str, list[Finding]] = {}
        self._size = 0

    def of(self, text: str) -> list[Finding]:
        """The findings in a text."""
        if text not in self._known:
            if self._size > REMEMBERED:
                self._known, self._size = {}, 0
            self._known[text] = self._find(text)
            self._size += SMALL + len(text)
        return self._known[text]


class _Search(_Remembering):
    """What is found in the records of one recording."""

    def __init__(self, find: Find) -> None:
        super().__init__(find)
        self.keys: dict[int, str] = {}
        """The kind that each key belongs to, by index of the record."""
        self.edits: dict[int, list[Finding]] = {}
        """The findings that changes of a field may share with those before and after them, by index."""

    def share(self, states: Sequence[tuple[int, str]]) -> None:
        """States of one text, by index of the record."""
        fates = shared_fates([(text, self.of(text)) for _, text in states])
        self.edits.update((index, found) for (index, _), found in zip(states, fates, strict=True) if found)


class _Secrets:
    """Finds them in each text; in those that were looked at together, in no more than they may be in."""

    def __init__(self) -> None:
        self._without_words: set[str] = set()
        self._without_any: set[str] = set()

    def look_at(self, texts: set[str]) -> None:
        """All that are searched next."""
        self._without_words, self._without_any = set(), set()
        if len(texts) < MANY:
            return
        for text, named, numbers in zip(texts, *worth_searching(texts), strict=True):
            if not named:
                (self._without_words if numbers else self._without_any).add(text)

    def find(self, text: str) -> list[Finding]:
        if text in self._without_any:
            return []
        return find_numbers(text) if text in self._without_words else find(text)


class _Typed:
    """What people typed and clicked, and the states of fields, as far as it tells about other records."""

    def __init__(self) -> None:
        self.keys: Sorted[KeyOrClick] = Sorted()
        self.presses: dict[tuple[str, str], set[str | None]] = {}
        self._edits: Sorted[tuple[str, str, str, str, datetime, int, str]] = Sorted()

    def read(self, index: int, record: Record, into_password: bool) -> None:
        content, place = record.content, (record.session, record.application)
        if record.signal in ("keystroke", "mouse_click"):
            clicked, action, printed = record.signal == "mouse_click", content.get("action"), content.get("key")
            key = None if printed is None else key_name(printed)
            into_password = into_password and bool(key)
            self.keys.add(KeyOrClick(*place, record.captured_at, index, clicked, key, action, into_password), SMALL)
            if key is not None:
                self.presses.setdefault(place, set()).add(action)
        elif record.signal == "form_edit" and (text := content.get("text")) is not None:
            field = record.field, content.get("element", "")
            self._edits.add((*place, *field, record.captured_at, index, text), SMALL + len(text))

    def kinds_of_press(self) -> dict[tuple[str, str], set[str | None]]:
        """What `action` says when a key is pressed; a recording that has releases only is read by those."""
        return {place: actions - {"release"} or actions for place, actions in self.presses.items()}

    def states(self) -> Iterator[list[tuple[int, str]]]:
        """(index, text) of changes of one field that may be states of one text."""
        before: tuple[str, ...] = ()
        states: list[tuple[int, str]] = []
        for *field, _, index, text in self._edits:
            if states and not (before == (*field,) and is_one_text(text, states[-1][1])):
                yield states
                states = []
            before = (*field,)
            states.append((index, text))
        if states:
            yield states


class Examination:
    """One scan of one recording. `records` are read once; `named`: the safeguards of its policies, others can't be
    applied. Raises OSError if there is no room for what doesn't fit into memory."""

    def __init__(self, records: Iterable[Record], named: Collection[str], personal: Callable[[], Find]) -> None:
        self._secrets = _Secrets()
        self._searches = {"mask": _Search(self._secrets.find)}
        of_typed: dict[str, Find] = {"mask": lambda text: find(text, typed=True)}
        if PEOPLE in named:
            self._searches[PEOPLE] = _Search(personal())
            of_typed[PEOPLE] = personal()
        self._dropped = _Remembering(lambda text: [*in_url(text), *self._typed_again(text)])
        self._fields: dict[str, bool] = {}
        typed, into_fields = _Typed(), set[str]()
        for index, record in enumerate(records):
            text = record.content.get("text", "").strip()
            into_password = bool(text or record.content.get("key")) and self._into_password(record)
            if text and into_password:
                into_fields.add(text)
            typed.read(index, record, into_password)
        for name, keys in secret_keys(typed.keys, of_typed).items():
            self._searches[name].keys = keys
        self._hidden = password_keys(typed.keys, typed.kinds_of_press())
        self._passwords = {text for text in into_fields | self._hidden.texts if len(text) >= SHORTEST_PASSWORD}
        sure = into_fields | self._hidden.sure
        self._retyped = _pattern_of(text for text in self._passwords if text in sure or _is_distinctive(text))
        if self._retyped is not None:
            again = secret_keys(typed.keys, {PASSWORDS: self._typed_again})
            self._hidden.indexes.update(again[PASSWORDS])
        for some in in_blocks((states for states in typed.states() if len(states) > 1), _size_of_states):
            self._secrets.look_at({text for states in some for _, text in states})
            for search in self._searches.values():
                for states in some:
                    search.share(states)

    def applied(self, records: Iterable[tuple[Record, Collection[str] | None]]) -> Iterator[Safeguarded | None]:
        """Each of the same records, in the same order, after its policy's safeguards; None for one without a policy."""
        index = 0
        for some in in_blocks(records, _size_of_record):
            self._secrets.look_at(
                {text for record, _ in some for name, text in record.content.items() if name != "key"}
            )
            for record, named in some:
                yield None if named is None else self._apply(index, record, named)
                index += 1

    def _apply(self, index: int, record: Record, safeguards: Collection[str]) -> Safeguarded:
        counts: dict[str, int] = {}
        drop = PASSWORDS in safeguards
        searches = [search for name, search in self._searches.items() if name in safeguards]
        content: Content = {}
        for name, text in record.content.items():
            typed = name in TYPED
            if drop and (
                (typed and self._into_password(record))
                or (name == "key" and index in self._hidden.indexes)
                or text.strip() in self._passwords
            ):
                kind = "password"
            elif name == "key":
                kind = next((search.keys[index] for search in searches if index in search.keys), "")
            elif name == "text" and PEOPLE in safeguards and is_birth_date(text, _described(record)):
                kind = "birth_date"
            else:
                kind = ""
            if kind:
                counts[kind] = counts.get(kind, 0) + 1
                content[name] = placeholder(kind)
            elif (name == "key" and len(text) < SHORTEST_TEXT) or name in NUMBERS:
                content[name] = text
            else:
                shared = [found for search in searches for found in search.edits.get(index, []) if name == "text"]
                content[name] = self._cleared(text, shared, searches, drop, counts)
        return Safeguarded(content, counts)

    def _cleared(
        self, text: str, shared: list[Finding], searches: list[_Search], drop: bool, counts: dict[str, int]
    ) -> str:
        """The text without its secrets; decoded if only the decoded form shows them."""
        result = self._replaced(text, shared, searches, drop, counts)
        probe = result
        for _ in range(DECODINGS):
            if "%" not in probe or (decoded := unquote(probe)) == probe:
                break
            probe = self._replaced(decoded, [], searches, drop, counts)
            if probe != decoded:
                result = probe
        return result

    def _replaced(
        self, text: str, shared: list[Finding], searches: list[_Search], drop: bool, counts: dict[str, int]
    ) -> str:
        findings = [*shared]
        for search in searches:
            findings += search.of(text)
        if drop:
            findings += self._dropped.of(text)
        if not findings:
            return text
        for found in reversed(joined(findings)):
            counts[found.kind] = counts.get(found.kind, 0) + 1
            text = text[: found.start] + placeholder(found.kind) + text[found.end :]
        return text

    def _typed_again(self, text: str) -> list[Finding]:
        """The passwords of this recording in another text."""
        if self._retyped is None:
            return []
        return [Finding(*found.span(), "password") for found in self._retyped.finditer(text)]

    def _into_password(self, record: Record) -> bool:
        described = _described(record)
        if described not in self._fields:
            if len(self._fields) > MANY:
                self._fields.clear()
            self._fields[described] = is_password_field(described)
        return self._fields[described]


def _described(record: Record) -> str:
    """The field that the record is about."""
    return f"{record.field} {record.content.get('element', '')}"


def _pattern_of(passwords: Iterable[str]) -> re.Pattern[str] | None:
    """Finds each of them: a long one anywhere, another as a word of its own."""
    longest_first = sorted(passwords, key=len, reverse=True)
    if not longest_first:
        return None
    return re.compile("|".join(_form_of(password) for password in longest_first))


def _form_of(password: str) -> str:
    mixed = not password.isalpha() and not password.isdigit()
    if len(password) >= (LONG_MIXED if mixed else LONG_PASSWORD):
        return re.escape(password)
    return rf"(?<![^\W_]){re.escape(password)}(?![^\W_])"


def _is_distinctive(password: str) -> bool:
    """Whether it would hardly be in a text by chance. What only seems to be a password is searched for only if so."""
    return len(password) >= LONG_PASSWORD or not password.isalpha()


def in_blocks(items: Iterable[Item], size_of: Callable[[Item], int]) -> Iterator[list[Item]]:
    """Some at a time: few enough for memory, and enough for a look at all together."""
    block: list[Item] = []
    size = 0
    for item in items:
        block.append(item)
        size += size_of(item)
        if size > BLOCK:
            yield block
            block, size = [], 0
    if block:
        yield block


def _size_of_record(one: tuple[Record, object]) -> int:
    return SMALL + sum(map(len, one[0].content.values()))


def _size_of_states(states: list[tuple[int, str]]) -> int:
    return sum(SMALL + len(text) for _, text in states)
