"""Decides whether the clock can be trusted for irreversible actions.

Expiring captures, the physical part of an erasure, destroying exports, receipts and keys of backups, and publishing
call `look` first. A wrong clock delays them; it never makes them happen early. Everything else continues.

What is known about the time is in `clock.json` in the home, the mark. Only a trusted clock updates its times:

    base      a moment of this boot at which the clock was trusted, and the machine's uptime then
    newest    the newest time at which it was trusted

The rules, in this order (`judge`):

1. An operator's confirmation counts until the clock is changed or the machine restarts.
2. The second source, the `Date` of an HTTP answer (`OPENBOOK_TIME_SOURCE`), is asked once an hour, and whenever there
   is doubt. It settles the matter, unless it is on this machine: then it has the same clock, and can only vouch
   that a home was shut down for long (5). Once it has contradicted, only its agreement or an operator ends the doubt.
3. On the same boot: the clock must have advanced as far as the uptime, which includes the machine's sleep.
4. On another boot: it must not be earlier than the newest time known, from the mark or the ledger.
5. Nor may it be later by more than six hours: a home may be shut down for months, but a second source must confirm it.

If nothing is known, in a new home without a second source, there is nothing to compare with.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import clock
import outgoing
from errors import OpenBookError
from settings import settings

TOLERANCE = timedelta(minutes=5)
LEAP = timedelta(hours=6)
ASK_EVERY_SECONDS = 3600.0
ASK_AGAIN_SECONDS = 60.0
ASK_FOR_SECONDS = 5.0
WRITE_EVERY = timedelta(minutes=1)
NO_SOURCE = "none"


class ClockDoubted(OpenBookError):
    """The clock can't be trusted now, so irreversible actions wait. The message says why, for operators."""


@dataclass(frozen=True)
class Trusted:
    asked: bool = False
    """Whether a second source on another machine just agreed."""


@dataclass(frozen=True)
class Doubted:
    reason: str
    contradicted: bool = False
    """Whether a second source said so."""


@dataclass(frozen=True)
class Reading:
    """The time of a second source. `independent`: it is not this machine."""

    at: datetime
    host: str
    independent: bool


@dataclass(frozen=True)
class Mark:
    """What is known about the time; times are ISO 8601 with a zone, uptimes in seconds."""

    boot: str
    base: str
    base_uptime: float
    newest: str
    asked_uptime: float | None = None
    """When a second source last agreed, on this boot."""
    confirmed: bool = False
    """Whether an operator confirmed the clock, on this boot."""
    doubt: str | None = None
    """Why the clock is in doubt, if it is; for screens, which don't judge it themselves."""
    contradicted: bool = False


def judge(
    now: datetime,
    boot: str,
    uptime: float,
    mark: Mark | None,
    known: datetime | None,
    ask: Callable[[], Reading | None],
) -> Trusted | Doubted:
    """Apply the rules; `known` is a time that has certainly passed. All times are aware."""
    moved = None
    if mark is not None and mark.boot == boot:
        moved = now - datetime.fromisoformat(mark.base) - timedelta(seconds=uptime - mark.base_uptime)
    went_on = moved is not None and abs(moved) <= TOLERANCE
    if mark is not None and went_on:
        if mark.confirmed:
            return Trusted()
        lately = mark.asked_uptime is not None and uptime - mark.asked_uptime < ASK_EVERY_SECONDS
        if lately and not mark.contradicted:
            return Trusted()
    reading = ask()
    agrees = reading is not None and abs(now - reading.at) <= TOLERANCE
    if reading is not None and reading.independent:
        if agrees:
            return Trusted(asked=True)
        return Doubted(f"It shows {_words(now)}, and {reading.host} says {_words(reading.at)}.", contradicted=True)
    if mark is not None and mark.contradicted:
        return Doubted(mark.doubt or "A second source contradicted it.", contradicted=True)
    if moved is not None:
        if went_on:
            return Trusted()
        return Doubted(f"It was moved by {_length(moved)} while the machine was running: it shows {_words(now)}.")
    newest = max((at for at in (known, mark and datetime.fromisoformat(mark.newest)) if at), default=None)
    if newest is not None and now < newest - TOLERANCE:
        return Doubted(f"It shows {_words(now)}, and it was {_words(newest)} before.")
    if newest is not None and now > newest + LEAP and not agrees:
        return Doubted(
            f"It shows {_words(now)}; the last time known is {_words(newest)}, and no second source answers."
        )
    return Trusted()


def look(known: datetime | None = None) -> Trusted | Doubted:
    """Judge the clock now, and record the result. `known` (aware) is a time that has certainly passed."""
    now, boot, uptime = clock.now(), _boot(), clock.uptime()
    mark = read_mark()
    verdict = judge(now, boot, uptime, mark, known, second_source)
    if isinstance(verdict, Doubted):
        _write(_doubting(mark, verdict, known))
        return verdict
    if mark is None or mark.boot != boot or verdict.asked:
        asked = uptime if verdict.asked else None
        _write(Mark(boot, now.isoformat(), uptime, now.isoformat(), asked_uptime=asked))
    elif mark.doubt or now - datetime.fromisoformat(mark.newest) >= WRITE_EVERY:
        _write(replace(mark, newest=now.isoformat(), doubt=None, contradicted=False))
    return verdict


def require(known: datetime | None = None) -> None:
    """Raises ClockDoubted."""
    verdict = look(known)
    if isinstance(verdict, Doubted):
        raise ClockDoubted(in_words(verdict.reason))


def confirm() -> None:
    """Record that an operator confirms the clock. Raises OSError if that can't be stored."""
    now = clock.now().isoformat()
    _write(Mark(_boot(), now, clock.uptime(), now, confirmed=True), must=True)


def doubt() -> str | None:
    """Why the clock is in doubt, from the last judgement; None if it is not. Asks no source and never waits."""
    mark = read_mark()
    return in_words(mark.doubt) if mark is not None and mark.doubt else None


def not_earlier(than: datetime) -> datetime:
    """A time (aware), or the newest one at which the clock was trusted, if that is later."""
    mark = read_mark()
    return than if mark is None else max(than, datetime.fromisoformat(mark.newest))


def in_words(reason: str) -> str:
    return (
        f"The clock of this machine can't be trusted. {reason} What can't be undone waits; nothing is lost. Set the "
        "clock right, or confirm it with `python -m governance clock confirm`."
    )


def mark_path() -> Path:
    return settings().home / "clock.json"


def read_mark() -> Mark | None:
    """The stored mark; None if there is none, or it can't be read."""
    try:
        mark = Mark(**json.loads(mark_path().read_text(encoding="utf-8")))
        if None in (datetime.fromisoformat(mark.base).tzinfo, datetime.fromisoformat(mark.newest).tzinfo):
            return None
    except (OSError, ValueError, TypeError):
        return None
    return mark


_last: list[tuple[str, float, Reading | None]] = []
"""The last answer of the source that was asked, and the uptime then."""
_asking = threading.Lock()


def second_source() -> Reading | None:
    """The time of the second source; None if there is none, or it doesn't answer. Waits five seconds at most, and
    asks at most once a minute."""
    url = settings().time_source or settings().issuer_url
    if url == NO_SOURCE:
        return None
    with _asking:
        since = clock.uptime()
        if _last and _last[0][0] == url and since - _last[0][1] < ASK_AGAIN_SECONDS:
            _, then, reading = _last[0]
            return reading and replace(reading, at=reading.at + timedelta(seconds=since - then))
        reading = _ask(url)
        _last[:] = [(url, clock.uptime(), reading)]
        return reading


def _ask(url: str) -> Reading | None:
    """Any answer has a date, even an error or a redirect."""
    try:
        with outgoing.call("HEAD", url, {}, largest=0, silence=ASK_FOR_SECONDS, seconds=ASK_FOR_SECONDS) as answer:
            at = parsedate_to_datetime(answer.headers["Date"])
    except (outgoing.CallFailed, ValueError, TypeError):
        return None
    host = urlsplit(url).hostname or ""
    return Reading(at.replace(tzinfo=at.tzinfo or UTC), host, independent=not outgoing.is_this_machine(host))


@lru_cache(maxsize=1)
def _boot() -> str:
    """The current boot of the machine; if the system doesn't tell, each process counts as one."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return str(uuid4())


def _doubting(mark: Mark | None, verdict: Doubted, known: datetime | None) -> Mark:
    """The mark with the doubt; its newest time is never taken from a doubted clock."""
    if mark is None:
        newest = (known or datetime.fromtimestamp(0, UTC)).isoformat()
        mark = Mark("", newest, 0.0, newest)
    return replace(mark, doubt=verdict.reason, contradicted=verdict.contradicted, confirmed=False)


def _write(mark: Mark, *, must: bool = False) -> None:
    """Replace the mark atomically. If the home is missing or can't be written, the old mark stays."""
    path = mark_path()
    draft = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        draft.write_text(json.dumps(asdict(mark)), encoding="utf-8")
        draft.replace(path)
    except OSError:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        if must:
            raise


def _words(at: datetime) -> str:
    return f"{at.astimezone(UTC):%-d %B %Y, %H:%M} UTC"


def _length(moved: timedelta) -> str:
    """`2 days forward`, `90 minutes back`."""
    minutes = abs(moved).total_seconds() / 60
    amount = next(
        f"{minutes / size:,.0f} {unit}"
        for size, unit in ((1440, "days"), (60, "hours"), (1, "minutes"))
        if minutes >= 2 * size
    )
    return f"{amount} {'forward' if moved > timedelta() else 'back'}"
