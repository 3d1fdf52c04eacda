"""Sign-ins, sign-outs, refused accesses and people who left, for the employer's security monitoring (SIEM): one OCSF
event a line.

Classes (https://schema.ocsf.io, version `VERSION`): Authentication (3002) for sign-ins, sign-outs and tokens that were
refused; API Activity (6003) for what somebody who signed in wasn't allowed to do; Account Change (3001) for people who
left. An event holds the person's key in Open Book, never a name or an address of theirs, and nothing that was captured
or typed.

They go to `OPENBOOK_SECURITY_EVENTS`: a file, which may be renamed by whatever rotates it, or a syslog server. An event
that can't be written is dropped: nobody is locked out by a full disk. The same one is written once a minute at most;
`count` says how often it happened.
"""

from __future__ import annotations

import json
import logging
import logging.handlers
import threading
from functools import cache
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import clock
from settings import settings

VERSION = "1.8.0"
ACCOUNT_CHANGE, AUTHENTICATION, API_ACTIVITY = 3001, 3002, 6003
LOGON, LOGOFF = 1, 2
DISABLE = 5
ACTIVITIES = {"POST": 1, "GET": 2, "HEAD": 2, "PUT": 3, "PATCH": 3, "DELETE": 4}
"""Create, read, update, delete."""
OTHER = 99
SUCCESS, FAILURE = 1, 2
INFORMATIONAL, LOW = 1, 2
QUIET_SECONDS = 60.0
MOST_REMEMBERED = 10_000
SYSLOG_PORT = 514

log = logging.getLogger(__name__)


def signed_in(subject: UUID | None, address: str | None, service: str = "dashboard") -> None:
    """`subject` is None for somebody who isn't in the directory."""
    _authentication(LOGON, SUCCESS, subject, address, service)


def signed_out(subject: UUID | None, address: str | None, why: str, service: str) -> None:
    _authentication(LOGOFF, SUCCESS, subject, address, service, why)


def sign_in_failed(address: str | None, why: str, service: str) -> None:
    """`why` is a sentence of ours."""
    _authentication(LOGON, FAILURE, None, address, service, why)


def access_refused(subject: UUID | None, address: str | None, method: str, route: str) -> None:
    """`route` is the template of the address, such as `/v1/requests/{request_id}`."""
    _record(
        API_ACTIVITY,
        ACTIVITIES.get(method, OTHER),
        FAILURE,
        {
            "actor": {"user": _user(subject)},
            "api": {"operation": f"{method} {route}", "response": {"code": 403}, "service": {"name": "governance"}},
            "src_endpoint": _endpoint(address),
        },
    )


def account_disabled(subject: UUID) -> None:
    """Somebody left, as the HR system or the identity provider said: their sign-ins have ended."""
    _record(ACCOUNT_CHANGE, DISABLE, SUCCESS, {"user": _user(subject)})


def _authentication(
    activity: int, status: int, subject: UUID | None, address: str | None, service: str, why: str | None = None
) -> None:
    about = {"user": _user(subject), "service": {"name": service}, "src_endpoint": _endpoint(address)}
    _record(AUTHENTICATION, activity, status, about | ({"status_detail": why} if why else {}))


def _user(subject: UUID | None) -> dict[str, Any]:
    return {"uid": str(subject) if subject else "unknown", "type_id": 1 if subject else 0}


def _endpoint(address: str | None) -> dict[str, str]:
    try:
        return {"ip": str(ip_address(address or ""))}
    except ValueError:
        return {"name": "unknown"}


def _record(kind: int, activity: int, status: int, about: dict[str, Any]) -> None:
    handler = _destination(settings().security_events)
    if handler is None:
        return
    event = {
        "class_uid": kind,
        "category_uid": kind // 1000,
        "activity_id": activity,
        "type_uid": kind * 100 + activity,
        "severity_id": INFORMATIONAL if status == SUCCESS else LOW,
        "status_id": status,
        **about,
    }
    count = _recent.how_many(json.dumps(event, sort_keys=True))
    if count is None:
        return
    whole = {
        "time": int(clock.now().timestamp() * 1000),
        "metadata": {"version": VERSION, "product": {"name": "Open Book", "vendor_name": "Open Book"}},
        "count": count,
        **event,
    }
    try:
        handler.handle(logging.LogRecord(__name__, logging.INFO, __file__, 0, json.dumps(whole), None, None))
    except OSError:
        _dropped()


class _Recent:
    """How often each event happened since it was last written. Forgets all when there are too many."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: dict[str, tuple[float, int]] = {}

    def how_many(self, event: str) -> int | None:
        """For how many occurrences it is to be written now; None: not now."""
        now = clock.now().timestamp()
        with self._lock:
            written, waiting = self._seen.get(event, (float("-inf"), 0))
            if now < written + QUIET_SECONDS:
                self._seen[event] = (written, waiting + 1)
                return None
            if len(self._seen) >= MOST_REMEMBERED:
                self._seen.clear()
            self._seen[event] = (now, 0)
            return waiting + 1


_recent = _Recent()


@cache
def _destination(place: str) -> logging.Handler | None:
    if not place:
        return None
    if place.startswith("syslog://"):
        parts = urlsplit(place)
        return _Syslog((parts.hostname or "", parts.port or SYSLOG_PORT), logging.handlers.SysLogHandler.LOG_AUTH)
    return _File(place, encoding="utf-8", delay=True)


def _dropped() -> None:
    log.error("a security event could not be written: OPENBOOK_SECURITY_EVENTS")


class _File(logging.handlers.WatchedFileHandler):
    def handleError(self, _record: logging.LogRecord) -> None:  # noqa: N802 (as logging names it)
        _dropped()


class _Syslog(logging.handlers.SysLogHandler):
    append_nul = False

    def handleError(self, _record: logging.LogRecord) -> None:  # noqa: N802 (as logging names it)
        _dropped()
