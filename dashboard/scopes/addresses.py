"""What a person chose on a page is in the address of the page, so that reload, Back and a bookmark give the same view.

A page first calls `follow`, which fills its fields in if another address was opened, then draws them, and then calls
`keep`. Values are codes and UTC times, so an address is the same in every language. What can't be used is left out, and
the page says so.

Streamlit's own `bind="query-params"` writes the words of options, which differ by language, makes no entries for Back,
and drops what it can't use without a word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import streamlit as st

import clock
from dashboard.language import listed, t
from dashboard.moments import Zone
from lake.rules.scope import Scope
from languages import mark

Query = dict[str, list[str]]

_SEEN = "address_seen"
_LEFT_OUT = "address_left_out"
_PAGE = "address_page"
MOST_VALUES = 50
MOST_CHARACTERS = 200


@dataclass(frozen=True)
class Part:
    """One parameter of an address. `key`: where the value is in the session. `words`: its name on the page, marked.
    `read`: from what the address has, at least one text; raises ValueError. `write`: the opposite; empty for the
    `default`, which isn't in an address."""

    key: str
    words: str
    read: Callable[[list[str]], Any]
    write: Callable[[Any], list[str]]
    default: Any = None


Parts = Mapping[str, Part]


def begin(page: str) -> bool:
    """Call once per run: a page that is opened again follows its address. Returns whether another one was open."""
    if st.session_state.get(_PAGE) == page:
        return False
    st.session_state[_PAGE] = page
    for name in (_SEEN, _LEFT_OUT):
        st.session_state.pop(name, None)
    return True


def follow(parts: Parts) -> bool:
    """Fills in what the address says, if it isn't the one that the page wrote: a bookmark, Back or Forward. Returns
    whether it did.

    A click that comes before the browser has the newest address brings an older one: what was just chosen wins."""
    asked, chosen = _asked(), _chosen(parts)
    seen = st.session_state.get(_SEEN)
    if seen is not None and (asked == seen[0] or chosen != seen[1]):
        return False
    left_out = []
    for name, part in parts.items():
        value = part.default
        if name in asked:
            try:
                value = part.read(_bounded(asked[name]))
            except (ValueError, OverflowError):
                left_out.append(part.words)
        st.session_state[part.key] = value
    st.session_state[_LEFT_OUT] = left_out
    st.session_state[_SEEN] = (asked, _chosen(parts))
    return True


def draw_left_out() -> None:
    """Says what couldn't be used, until something else is chosen."""
    if left_out := st.session_state.get(_LEFT_OUT):
        st.info(
            t(
                "Part of this page's address could not be used and was ignored: {parts}.",
                parts=listed([t(words) for words in left_out]),
            ),
            icon=":material/link_off:",
        )


def keep(parts: Parts, *, only: Iterable[str] = (), restarts: Iterable[str] = ()) -> None:
    """Writes what is chosen into the address, if it isn't there. `only`: these parts (all, if none is named); a change
    of one puts `restarts` back to their defaults."""
    asked, chosen = _asked(), _chosen(parts)
    names = set(only) or set(parts)
    _, seen = st.session_state.get(_SEEN) or (asked, chosen)
    if any(seen[name] != chosen[name] for name in names):
        st.session_state.pop(_LEFT_OUT, None)
        for name in restarts:
            st.session_state[parts[name].key] = parts[name].default
            asked.pop(name, None)
    query = {name: said for name in parts if (said := chosen[name] if name in names else asked.get(name, []))}
    if query != asked:
        st.query_params.from_dict(query)
    st.session_state[_SEEN] = (query, seen | {name: chosen[name] for name in names} | _chosen_of(parts, restarts))


def moment_part(key: str, words: str, zone: Zone) -> Part:
    """A naive time in the visitor's zone; in the address to the minute, in UTC."""

    def read(values: list[str]) -> datetime:
        moment = zone.local(datetime.strptime(values[-1], FORM))  # noqa: DTZ007 (naive UTC, as in the lake)
        if not datetime(2000, 1, 1) <= moment <= zone.local(clock.now()):  # noqa: DTZ001
            raise ValueError
        return moment

    return Part(key, words, read, lambda moment: [f"{zone.utc(moment):{FORM}}"] if moment else [])


FORM = "%Y-%m-%dT%H:%MZ"


def scope_query(scope: Scope) -> dict[str, str | list[str]]:
    """The address of a selection, as the page Captured writes it: in whole minutes, so that it covers all of the
    scope. What hasn't ended has no end."""
    query: dict[str, str | list[str]] = {}
    if scope.from_at is not None:
        query["from"] = f"{scope.from_at:{FORM}}"
    if scope.until_at is not None:
        until = scope.until_at + timedelta(seconds=59, microseconds=999_999)
        if until <= clock.naive(clock.now()):
            query["until"] = f"{until:{FORM}}"
    return query | {"application": list(scope.applications or ()), "kind": list(scope.signals or ())}


def choice_part(key: str, words: str, options: Iterable[str]) -> Part:
    """One of the options, or None."""
    allowed = set(options)

    def read(values: list[str]) -> str:
        if values[-1] not in allowed:
            raise ValueError
        return values[-1]

    return Part(key, words, read, lambda value: [value] if value else [])


def choices_part(key: str, words: str, options: Iterable[str]) -> Part:
    """Some of the options, or an empty list for all."""
    allowed = set(options)

    def read(values: list[str]) -> list[str]:
        if not allowed.issuperset(values):
            raise ValueError
        return list(dict.fromkeys(values))

    return Part(key, words, read, lambda values: list(values or ()), [])


def switch_part(key: str, words: str, *, usually: bool, other: str) -> Part:
    """A switch; in the address, as the word `other`, if it isn't as usual."""

    def read(values: list[str]) -> bool:
        if values[-1] != other:
            raise ValueError
        return not usually

    return Part(key, words, read, lambda value: [other] if value is (not usually) else [], usually)


def page_part(key: str, most: int) -> Part:
    """The number of a page, from 1."""

    def read(values: list[str]) -> int:
        number = int(values[-1])
        if not 1 <= number <= most:
            raise ValueError
        return number

    return Part(key, mark("page"), read, lambda page: [str(page)] if page and 1 < page <= most else [], 1)


def id_part(key: str, words: str) -> Part:
    return Part(key, words, lambda values: str(UUID(values[-1])), lambda value: [value] if value else [])


def _asked() -> Query:
    return {name: st.query_params.get_all(name) for name in st.query_params}


def _chosen(parts: Parts) -> Query:
    return _chosen_of(parts, parts)


def _chosen_of(parts: Parts, names: Iterable[str]) -> Query:
    return {name: parts[name].write(st.session_state.get(parts[name].key)) for name in names}


def _bounded(values: list[str]) -> list[str]:
    if not values or len(values) > MOST_VALUES or any(len(value) > MOST_CHARACTERS for value in values):
        raise ValueError
    return values
