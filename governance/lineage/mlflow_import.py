"""Importing from MLflow tracking servers: on demand (`python -m governance mlflow URL`) and by workers, every
`OPENBOOK_MLFLOW_MINUTES` for each server in `OPENBOOK_MLFLOW_SERVERS`.

Runs that ended well before the last pass are read again only once a day, which finds what was logged after a run's end.
The model registry is small and read completely each time. Known events are not stored again, so a pass may be
interrupted and repeated.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

import clock
from governance.db.database import reading, writing
from governance.lineage import mlflow_events
from governance.lineage.events import Event, Kind, Origin
from governance.lineage.folding import fold_pending
from governance.lineage.mlflow_events import Named
from governance.lineage.mlflow_server import MlflowServer, MlflowUnavailable
from governance.lineage.quotas import QuotaUsed
from governance.lineage.storing import store
from governance.lineage.tables import LineageEventRow, LineageItemRow, MlflowServerRow
from governance.logs import log_unexpected
from governance.rounds.repeating import Pass
from governance.throttle import Throttle
from setting_values import SERVICE_NAME
from settings import settings

logger = logging.getLogger("governance")

TOGETHER = 500
OVERLAP = timedelta(days=1)
WHOLE_EVERY = timedelta(days=1)
NAMED = re.compile(rf"(?:(?P<name>{SERVICE_NAME})=)?(?P<url>https?://.+)")

_attempts = Throttle()
"""Servers, by URL, that this worker has failed to read: it pauses before the next attempt."""


@dataclass(frozen=True)
class Imported:
    """What a pass read, and how many of its events were new."""

    runs: int
    model_versions: int
    new: int


def import_from(server: MlflowServer, name: str = "", *, whole: bool = True) -> Imported:
    """Read a server and store what is new; `whole`: including runs that ended long ago. Raises MlflowUnavailable."""
    began = clock.now_utc()
    since = None if whole else _ended_until(server)
    named = Named(name)
    reader = _Pass(server, named)
    new = reader.read_models()
    new += reader.read_runs(since)
    _note(server, began, whole=since is None)
    return Imported(reader.runs, len(reader.versions), new)


def follow_up() -> None:
    """Part of a worker's round: start a pass over the servers that are due, unless one is running; doesn't wait."""
    if settings().mlflow_servers:
        passes.begin()


def servers() -> Iterator[tuple[str, str]]:
    """The servers in the setting: name (or empty) and URL."""
    for entry in filter(None, settings().mlflow_servers.split(",")):
        match = NAMED.fullmatch(entry)
        if match is not None:
            yield match["name"] or "", match["url"]


def server_from_command_line(url: str) -> MlflowServer:
    """The server at this URL, with its credentials from the settings. Raises ValueError for a URL that contains
    credentials: anyone who can list the processes of this machine could read them.
    """
    if "@" in url.partition("://")[2].partition("/")[0]:
        raise ValueError(
            "Everyone who uses this machine can read a user name or password on the command line. Nothing was "
            "imported. Put the URL with them into OPENBOOK_MLFLOW_SERVERS, and give the URL without them here; or set "
            "OPENBOOK_MLFLOW_TOKEN. Change the password if others use this machine."
        )
    wanted = MlflowServer(url)
    configured = (MlflowServer(known) for _, known in servers())
    return next((server for server in configured if server.url == wanted.url), wanted)


class _Pass:
    """One pass over a server."""

    def __init__(self, server: MlflowServer, named: Named) -> None:
        self._server = server
        self._named = named
        self.versions = list(server.model_versions())
        self.runs = 0

    def read_models(self) -> int:
        models = {str(model.get("name")): model for model in self._server.registered_models()}
        known = self._known({self._named.model(str(version.get("name"))) for version in self.versions})
        events = [
            event
            for version in self.versions
            for event in mlflow_events.of_version(
                version,
                models.get(str(version.get("name")), {}),
                known.get((self._named.model(str(version.get("name"))), str(version.get("version"))), []),
                self._named,
            )
        ]
        return self._store(events)

    def read_runs(self, ended_since: datetime | None) -> int:
        experiments = {str(one.get("experiment_id")): one for one in self._server.experiments()}
        logged = mlflow_events.logged_models(self.versions, self._named)
        new = 0
        for condition in _conditions(ended_since):
            events: list[Event] = []
            for run in self._server.runs(sorted(experiments), condition):
                self.runs += 1
                info = run.get("info")
                if not isinstance(info, dict):
                    continue
                whole = self._server.run(str(info.get("run_id")))
                experiment = experiments.get(str(info.get("experiment_id")), {})
                events += mlflow_events.of_run(whole, experiment, self._named, logged)
                if len(events) >= TOGETHER:
                    new += self._store(events)
                    events = []
            new += self._store(events)
        return new

    def _store(self, events: list[Event]) -> int:
        return store(events, self._server.url[:100])

    @staticmethod
    def _known(names: set[str]) -> dict[tuple[str, str], list[Event]]:
        """What registries have reported about models with these names, by model version."""
        known: dict[tuple[str, str], list[Event]] = {}
        with reading() as session:
            for name in sorted(names):
                items = select(LineageItemRow.event_id).where(LineageItemRow.name == name)
                rows = select(LineageEventRow).where(
                    LineageEventRow.id.in_(items),
                    LineageEventRow.origin == Origin.MLFLOW.value,
                    LineageEventRow.kind == Kind.DATASET.value,
                )
                for row in session.scalars(rows):
                    event = row.event()
                    for version in {item.version for item in event.items}:
                        known.setdefault((name, version), []).append(event)
        return known


def _conditions(ended_since: datetime | None) -> tuple[str, ...]:
    """Which runs to query: MLflow has no `or`."""
    if ended_since is None:
        return ("",)
    milliseconds = int((ended_since - OVERLAP).replace(tzinfo=UTC).timestamp() * 1000)
    return (f"attributes.end_time >= {milliseconds}", "attributes.status = 'RUNNING'")


def _ended_until(server: MlflowServer) -> datetime | None:
    """Runs that ended before then were read; None: read all of them."""
    with reading() as session:
        row = session.get(MlflowServerRow, server.url)
    if row is None or row.whole_at is None or row.whole_at < clock.now_utc() - WHOLE_EVERY:
        return None
    return row.ended_until


def _note(server: MlflowServer, began: datetime, *, whole: bool) -> None:
    with writing() as session:
        row = session.get(MlflowServerRow, server.url) or MlflowServerRow(url=server.url, whole_at=None)
        row.read_at = row.ended_until = began
        if whole:
            row.whole_at = began
        session.add(row)


def _read_if_due(name: str, server: MlflowServer) -> None:
    wait = timedelta(minutes=settings().mlflow_minutes)
    with reading() as session:
        row = session.get(MlflowServerRow, server.url)
    if row is not None and row.read_at is not None and row.read_at > clock.now_utc() - wait:
        return
    if not _attempts.allows(server.url):
        return
    try:
        imported = import_from(server, name, whole=False)
    except (MlflowUnavailable, QuotaUsed) as error:
        _attempts.pause(wait.total_seconds(), server.url)
        logger.warning("mlflow: %s Retrying in %d minutes.", error, settings().mlflow_minutes)
    except Exception as error:
        _attempts.pause(wait.total_seconds(), server.url)
        log_unexpected(error)
    else:
        _attempts.resume(server.url)
        if imported.new:
            logger.info("mlflow: %d runs read, %d new facts", imported.runs, imported.new)
            fold_pending()


def _read_all_due() -> None:
    for name, url in servers():
        _read_if_due(name, MlflowServer(url))


passes = Pass("mlflow", _read_all_due)
