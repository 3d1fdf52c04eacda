"""Correcting the governance state after a restore: what no longer exists, and what happened.

    exports     their files are in no backup: people are notified, and can ask again
    requests    one with a tombstone is marked as buried, whatever an older state says
    backups     those in their place have a key part; those that are missing may have one until their last day
    ledger      an entry says which backup was restored and where the governance state came from. Only if it came from
                the backup itself has the ledger lost entries: then a checkpoint from the time between contradicts it.
                Everyone who kept one detects this, and the entry explains it
    access log  it says that all data was read, before the restored home is put in place

Workers restart requests that were in progress, because the queue is not in a backup.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID

import duckdb
from sqlalchemy import select, update

import clock
from directory.keys import Why
from governance.access_log import row_for_everybody
from governance.backup.places.place import BackupError, Manifest, Place
from governance.backup.replaying import Replayed
from governance.backup.tables import BackupRow
from governance.copies.places import at
from governance.db.database import writing
from governance.db.tables import ExportRow, RequestRow
from governance.domain.lifecycle import Type
from governance.domain.moments import format_moment
from governance.ledger import append
from governance.lineage.tables import LineageEventRow
from governance.requests.filing import note
from governance.requests.serialize import LOST
from governance.rounds import releases
from home import HomeUnavailable
from lake.releases.published_release import PublishedRelease
from lake.releases.sharing import FETCHED
from lake.rules.rules import Rules
from parts import PartUnavailable

NOTHING_PUBLISHED = "No release for managers was published since this backup."


def settle(
    place: Place, manifest: Manifest, state_from: str, rules: Rules, replayed: Replayed, *, stated: bool
) -> None:
    """Write all of it, in one transaction, to the governance state of this home. `stated`: the operator states that no
    release for managers was published since the backup."""
    now = clock.now_utc()
    tombstones = {UUID(row["request"]) for row in rules.get("tombstones", [])}
    with writing() as session:
        for export in session.scalars(select(ExportRow).where(ExportRow.deleted_at.is_(None))):
            export.deleted_at = now
            note(session.get_one(RequestRow, export.request_id), LOST)
        session.execute(update(LineageEventRow).values(waiting=True, retry_at=None))  # they may be newer than the lake
        not_buried = select(RequestRow).where(RequestRow.type == Type.ERASURE, ~RequestRow.buried)
        for request in session.scalars(not_buried):
            request.buried = request.id in tombstones
        there = set(place.names())
        for row in session.scalars(select(BackupRow)):
            gone = row.name not in there and row.key_part_until < clock.today()
            if row.folder == place.address and row.destroyed_at is None and gone:
                row.destroyed_at = now
            there.discard(row.name)
        for name in sorted(there):
            session.add(_row_of(place, name, manifest))
        session.add(row_for_everybody(Why.RESTORE, "restore"))
        append(
            session,
            "restore",
            {
                "backup": manifest.name,
                "made_at": format_moment(manifest.made_at.replace(tzinfo=clock.now().tzinfo)),
                "state_from": state_from,
                "erasures": replayed.erasures,
                "captures_erased_again": replayed.captures,
                **({"operator_states": NOTHING_PUBLISHED, "stated_at": format_moment(clock.now())} if stated else {}),
            },
        )


@dataclass
class KeptReleases:
    """What became of the releases for managers."""

    warnings: list[str] = field(default_factory=list)
    assumed: PublishedRelease | None = None
    """It counts as published, because what was restored may be older than the last release."""


def keep_published(
    of_home: Path | None, staging: Path, *, newest: bool, stated_since: datetime | None
) -> KeptReleases:  # fmt: skip
    """Keep published releases in the prepared home. `of_home`: those of the replaced home; `newest`: the governance
    state is, too; `stated_since`: the operator states that nothing was published since then."""
    kept = KeptReleases()
    if of_home is not None:
        from lake.releases import publishing  # OpenDP takes a second to load

        try:
            publishing.releases()
        except (duckdb.Error, PartUnavailable, HomeUnavailable) as error:
            kept.warnings.append(f"The releases of the replaced home can't be read ({error}).")
        else:
            shutil.rmtree(staging / "releases", ignore_errors=True)
            shutil.copytree(of_home, staging / "releases", ignore=shutil.ignore_patterns(FETCHED))
    with at(staging):
        if lost := releases.restore_from_ledger():
            kept.warnings.append(
                f"Releases for managers that are in no backup: {lost}. Their figures can no longer be shown; they"
                " still count against the privacy budget and are not published again."
            )
        if stated_since is not None:
            releases.record_statement(stated_since)
        elif not newest:
            kept.assumed = releases.assume_published()
    return kept


def _row_of(place: Place, name: str, restored: Manifest) -> BackupRow:
    """The row of a backup that the governance state doesn't know; for a damaged one, only its name is certain."""
    try:
        found = place.manifest(name)
    except BackupError:
        found = restored
    return BackupRow(
        name=name,
        folder=place.address,
        made_at=found.made_at,
        key_part_until=found.key_part_until,
        destroyed_at=None,
    )
