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
from urllib.parse import unquote

from directory.sealing import Content
from lake.connectors.records import Record
from lake.safeguards import placeholder
from lake.safeguards.password_keys import password_keys
from lake.safeguards.passwords import in_url, is_password_field
from lake.safeguards.patterns import Finding, find, find_numbers, joined, worth_searching
from lake.safeguards.personal import PEOPLE, finder
from lake.safeguards.personal.birth_dates import is_birth_date
from lake.safeguards.typed import Find, secret_keys, shared_fates

NUMBERS = frozenset(("dx", "dy"))
TYPED = frozenset(("text", "key"))
SHORTEST_PASSWORD = 4
"""A shorter text is not searched for in the rest of the recording: it would match everywhere."""
LONG_PASSWORD, LONG_MIXED = 8, 6
"""From these lengths on, the second if letters mix with digits or signs, one is searched for also within words."""

DECODINGS = 5
MANY = 2_000
"""Texts: from so many on, a look at all of them together saves time."""


@dataclass(frozen=True, slots=True)
class Safeguarded:
    """What may be stored of a record, and the number of redactions by kind."""

    content: Content
    redactions: dict[str, int]


class _Search:
    """What is found in the records of one recording; the findings in each text are remembered while it lasts."""

    def __init__(self, records: Sequence[Record], find: Find, find_typed: Find) -> None:
        self._find = find
        self._known: dict[str, list[Finding]] = {}
        self.keys = secret_keys(records, find_typed)
        """The kind that each key belongs to, by index of the record."""
        self.edits = self._shared_edits(records)
        """The findings that each recorded change of a field shares with the changes before and after it, by index."""

    def of(self, text: str) -> list[Finding]:
        """The findings in a text."""
        if text not in self._known:
            self._known[text] = self._find(text)
        return self._known[text]

    def _shared_edits(self, records: Sequence[Record]) -> dict[int, list[Finding]]:
        fields: dict[tuple[str, ...], list[int]] = {}
        for index, record in enumerate(records):
            if record.signal == "form_edit" and "text" in record.content:
                key = (record.session, record.application, record.field, record.content.get("element", ""))
                fields.setdefault(key, []).append(index)
        shared: dict[int, list[Finding]] = {}
        for indexes in fields.values():
            indexes.sort(key=lambda index: records[index].captured_at)
            texts = [records[index].content["text"] for index in indexes]
            shared.update(zip(indexes, shared_fates([(text, self.of(text)) for text in texts]), strict=True))
        return {index: findings for index, findings in shared.items() if findings}


class Examination:
    """One scan of one recording. `named`: the safeguards of its policies; others can't be applied."""

    def __init__(self, records: Sequence[Record], named: Collection[str], personal: Callable[[], Find]) -> None:
        self.records = records
        self._searches = {"mask": _Search(records, _secrets_in(records), lambda text: find(text, typed=True))}
        if PEOPLE in named:
            self._searches[PEOPLE] = _Search(records, personal(), personal())
        self._dropped: dict[str, list[Finding]] = {}
        self._fields: dict[str, bool] = {}
        self._hidden = password_keys(self.records, self._into_password)
        into_fields = {
            text
            for record in self.records
            if (text := record.content.get("text", "").strip()) and self._into_password(record)
        }
        self._passwords = {text for text in into_fields | self._hidden.texts if len(text) >= SHORTEST_PASSWORD}
        sure = into_fields | self._hidden.sure
        self._retyped = _pattern_of(text for text in self._passwords if text in sure or _is_distinctive(text))

    def apply(self, index: int, safeguards: Collection[str]) -> Safeguarded:
        """The record with that index, after its policy's safeguards."""
        record = self.records[index]
        counts: dict[str, int] = {}
        drop = "drop_passwords" in safeguards
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
            elif name == "key" or name in NUMBERS:
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
            findings += self._passwords_in(text)
        if not findings:
            return text
        for found in reversed(joined(findings)):
            counts[found.kind] = counts.get(found.kind, 0) + 1
            text = text[: found.start] + placeholder(found.kind) + text[found.end :]
        return text

    def _passwords_in(self, text: str) -> list[Finding]:
        if text not in self._dropped:
            self._dropped[text] = [*in_url(text), *self._typed_again(text)]
        return self._dropped[text]

    def _typed_again(self, text: str) -> list[Finding]:
        """The passwords of this recording in another text."""
        if self._retyped is None:
            return []
        return [Finding(*found.span(), "password") for found in self._retyped.finditer(text)]

    def _into_password(self, record: Record) -> bool:
        described = _described(record)
        if described not in self._fields:
            self._fields[described] = is_password_field(described)
        return self._fields[described]


def _secrets_in(records: Sequence[Record]) -> Find:
    """Finds them in each text of these records, if they are many in no more than they may be in."""
    texts = {text for record in records for name, text in record.content.items() if name != "key"}
    if len(texts) < MANY:
        return find
    looks = list(zip(texts, *worth_searching(texts), strict=True))
    without_words = {text for text, named, _ in looks if not named}
    without_any = {text for text, named, numbers in looks if not named and not numbers}

    def search(text: str) -> list[Finding]:
        if text in without_any:
            return []
        return find_numbers(text) if text in without_words else find(text)

    return search


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


def safeguarded(
    records: Sequence[Record],
    safeguards: Sequence[Collection[str] | None],
    personal: Callable[[], Find] = finder,
) -> Iterator[Safeguarded | None]:
    """Each record after its policy's safeguards; None for a record without a policy, which is only read for what it
    reveals about the others. `personal`: gives what finds names of people, called if a policy asks for it."""
    examination = Examination(records, {name for named in safeguards for name in named or ()}, personal)
    for index, named in enumerate(safeguards):
        yield None if named is None else examination.apply(index, named)
