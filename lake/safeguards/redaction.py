"""Applies the safeguards to all records of one recording together, because a secret may only be recognisable by what
comes before or after it.

    mask            what `patterns.find` finds in any field, in percent-decoded text, and in text typed key by key
    drop_passwords  text that goes into a password field, keys that type one (`password_keys`), passwords in URLs, and
                    the same text anywhere else

Redacted text is replaced by `[kind removed]` and counted by kind. Nothing read here is kept after the call.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote

from directory.sealing import Content
from lake.connectors.records import Record
from lake.safeguards import placeholder
from lake.safeguards.password_keys import password_keys
from lake.safeguards.passwords import in_url, is_password_field
from lake.safeguards.patterns import Finding, find, joined
from lake.safeguards.typed import secret_keys, shared_fates

NUMBERS = frozenset(("dx", "dy"))
SHORTEST_PASSWORD = 4
"""A shorter text is not searched for in the rest of the recording: it would match everywhere."""
LONG_PASSWORD, LONG_MIXED = 8, 6
"""From these lengths on, the second if letters mix with digits or signs, one is searched for also within words."""

DECODINGS = 5


@dataclass(frozen=True, slots=True)
class Safeguarded:
    """What may be stored of a record, and the number of redactions by kind."""

    content: Content
    redactions: dict[str, int]


@dataclass
class Examination:
    """One scan of one recording; remembers its findings in each text while it lasts."""

    records: Sequence[Record]
    _known: dict[str, list[Finding]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._keys = secret_keys(self.records, lambda text: find(text, typed=True))
        self._edits = self._shared_edits()
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
        counts: Counter[str] = Counter()
        drop, mask = "drop_passwords" in safeguards, "mask" in safeguards
        content: Content = {}
        for name, text in record.content.items():
            typed = name in ("text", "key")
            if drop and (
                (typed and self._into_password(record))
                or (name == "key" and index in self._hidden.indexes)
                or text.strip() in self._passwords
            ):
                kind = "password"
            elif mask and name == "key":
                kind = self._keys.get(index, "")
            else:
                kind = ""
            if kind:
                counts[kind] += 1
                content[name] = placeholder(kind)
            elif name == "key" or name in NUMBERS:
                content[name] = text
            else:
                shared = self._edits.get(index, []) if mask and name == "text" else []
                content[name] = self._cleared(text, shared, mask, drop, counts)
        return Safeguarded(content, dict(counts))

    def _cleared(self, text: str, shared: list[Finding], mask: bool, drop: bool, counts: Counter[str]) -> str:
        """The text without its secrets; decoded if only the decoded form shows them."""
        result = self._replaced(text, shared, mask, drop, counts)
        probe = result
        for _ in range(DECODINGS):
            if "%" not in probe or (decoded := unquote(probe)) == probe:
                break
            probe = self._replaced(decoded, [], mask, drop, counts)
            if probe != decoded:
                result = probe
        return result

    def _replaced(self, text: str, shared: list[Finding], mask: bool, drop: bool, counts: Counter[str]) -> str:
        dropped = [*in_url(text), *self._typed_again(text)] if drop else []
        findings = joined([*(self._find(text) if mask else ()), *shared, *dropped])
        for found in reversed(findings):
            counts[found.kind] += 1
            text = text[: found.start] + placeholder(found.kind) + text[found.end :]
        return text

    def _typed_again(self, text: str) -> list[Finding]:
        """The passwords of this recording in another text."""
        if self._retyped is None:
            return []
        return [Finding(*found.span(), "password") for found in self._retyped.finditer(text)]

    def _find(self, text: str) -> list[Finding]:
        if text not in self._known:
            self._known[text] = find(text)
        return self._known[text]

    def _into_password(self, record: Record) -> bool:
        described = f"{record.field} {record.content.get('element', '')}"
        if described not in self._fields:
            self._fields[described] = is_password_field(described)
        return self._fields[described]

    def _shared_edits(self) -> dict[int, list[Finding]]:
        """The findings that each recorded change of a field shares with the changes before and after it, by index."""
        fields: dict[tuple[str, ...], list[int]] = {}
        for index, record in enumerate(self.records):
            if record.signal == "form_edit" and "text" in record.content:
                key = (record.session, record.application, record.field, record.content.get("element", ""))
                fields.setdefault(key, []).append(index)
        shared: dict[int, list[Finding]] = {}
        for indexes in fields.values():
            indexes.sort(key=lambda index: self.records[index].captured_at)
            texts = [self.records[index].content["text"] for index in indexes]
            shared.update(zip(indexes, shared_fates([(text, self._find(text)) for text in texts]), strict=True))
        return {index: findings for index, findings in shared.items() if findings}


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
    records: Sequence[Record], safeguards: Sequence[Collection[str] | None]
) -> Iterator[Safeguarded | None]:
    """Each record after its policy's safeguards; None for a record without a policy, which is only read for what it
    reveals about the others."""
    examination = Examination(records)
    for index, named in enumerate(safeguards):
        yield None if named is None else examination.apply(index, named)
