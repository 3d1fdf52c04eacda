"""The explicit first start: `python -m governance init` creates a home with all its parts, once.

    nothing there                     the parts are created, empty, and `home.json` last
    a home with all its parts         nothing is done
    a home of an earlier version      it gets its identity, if catalog, data, directory and governance database all
                                      exist and belong together
    anything else                     refused: an empty part beside the others would be mistaken for the truth

An interrupted first start leaves `home.making`. The next one removes what it created, which nothing has used, and
starts over.
"""

from __future__ import annotations

import logging
import shutil
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from filelock import FileLock

import home
import outgoing
from databases import postgresql
from directory.keys import has_content_keys
from directory.keys import service as key_service
from directory.models import create_database
from directory.secret_file import create_secret_key
from governance.db import database, work_queue
from governance.db.tables import HomeRow
from governance.ledger import signing
from governance.lineage import folding
from governance.opendsr import signing as opendsr
from home import Home, HomeUnavailable, KnownLake, Part
from lake.storage import connection as lake
from lake.storage import identity, making, objects
from lake.storage.durable import sync_folder, write_bytes
from lake.storage.objects import prefix
from lake.storage.unavailable import LakeUnavailable
from parts import PartUnavailable, explained
from settings import settings

logger = logging.getLogger("governance")

ALWAYS = (Part.CATALOG, Part.DATA, Part.DIRECTORY, Part.GOVERNANCE, Part.MASTER_KEY)
"""No home works without them, whatever its identity lists."""


def init() -> str:
    """Create a home, or make sure that there is one; returns what was done, in words. Safe to repeat. Raises
    HomeUnavailable.
    """
    place = home.folder()
    place.mkdir(parents=True, exist_ok=True)
    with FileLock(place / "init.lock"):
        if home.identity_path().exists():
            home.making_path().unlink(missing_ok=True)
            if missing := home.missing_parts() or [part for part in ALWAYS if part.is_missing()]:
                raise HomeUnavailable.missing(*missing)
            return f"There is already a home at {place}, with all its parts. Nothing was changed."
        if home.making_path().exists():
            _clear_away()
        if _found():
            _adopt()
            return f"The home at {place} is of an earlier version. It now has its identity; nothing else was changed."
        _create()
    return f"Created a home at {place}. Next, import the employees with `python -m directory sync FILE`."


def require_home() -> Home:
    """This home, for processes that start; adopts one of an earlier version. Raises HomeUnavailable."""
    if not home.identity_path().exists() and not home.making_path().exists() and _found():
        init()
    found = home.read()
    key_service.require_settings()
    _upgrade_lake()
    _note_key_service(found)
    return found


def _upgrade_lake() -> None:
    """Give a lake of an earlier version what it lacks, and fold everything into it that pipelines reported. One that
    can't be opened stays as it is: whoever asks it is told.
    """
    try:
        folding.upgrade_lake()
    except Exception as error:
        known = error if isinstance(error, HomeUnavailable) else explained(error)
        if known is None:
            raise
        logger.warning("the lake was not checked: %s", known)


def _note_key_service(found: Home) -> None:
    """For machines that join (`governance.operations.joining`)."""
    if not postgresql.is_used():
        return
    try:
        own = key_service.own_key() if Part.KEY_SERVICE in found.parts else ""
        with database.reading() as session:
            noted = session.get_one(HomeRow, 1).key_service
        if noted is None:
            with database.writing() as session:
                session.get_one(HomeRow, 1).key_service = own
    except PartUnavailable as error:
        logger.warning("whether this home has a key service was not noted: %s", error)


def is_there() -> bool:
    """Whether this folder is a home, or has any part of one."""
    return home.identity_path().exists() or bool(_found())


def master_key_in_home() -> str | None:
    """What to do about a master key that is in the home although people sign in at a provider on another machine; None:
    it isn't.
    """
    if settings().master_key or outgoing.is_this_machine(urlsplit(settings().issuer_url).hostname or ""):
        return None
    return (
        f"The master key is in the home, in {Part.MASTER_KEY.place}, so a copy of the home reveals everything. "
        "Put the base64 of this file into your secret store, set it as OPENBOOK_MASTER_KEY, and delete the file."
    )


def _require_key_outside_home() -> None:
    if master_key_in_home():
        raise HomeUnavailable(
            "OPENBOOK_ISSUER is not on this machine, so this is not a trial: the master key must be kept apart from "
            "what it protects. Nothing was created. To create a key: python -c 'import base64, os; "
            "print(base64.b64encode(os.urandom(32)).decode())'. Keep it in your secret store, set it for every process "
            "as OPENBOOK_MASTER_KEY, and run this again. Without it no one can read what is captured, and no backup "
            "brings it back."
        )


def _create() -> None:
    _require_key_outside_home()
    lake.require_settings()
    chosen = {Part.KEY_SERVICE} if settings().key_service_module else set[Part]()
    new = Home(uuid4(), frozenset((set(Part) - home.OPTIONAL - _given()) | chosen))
    write_bytes(home.making_path(), str(new.id).encode())
    if chosen:
        Part.KEY_SERVICE.path.parent.mkdir(exist_ok=True)
        write_bytes(Part.KEY_SERVICE.path, key_service.new_name().encode())
        key_service.key_service().begin()
    if postgresql.is_used():
        postgresql.create(new)
    if objects.in_bucket():
        prefix.begin(new.id)
    create_database(Part.DIRECTORY.path)
    made = making.create()
    Part.EXPORTS.path.mkdir(parents=True, mode=0o700, exist_ok=True)
    for part in new.parts & {Part.MASTER_KEY, Part.SIGNING_KEY}:
        create_secret_key(part.path)
    if Part.OPENDSR_KEY in new.parts:
        opendsr.create_key()
    with database.taking(new, KnownLake(made.lake, made.snapshot)) as session:
        signing.note_in_force(session)
    work_queue.create()
    _write(new)
    _note_key_service(new)


def _write(new: Home) -> None:
    """Record that the home now exists."""
    write_bytes(home.identity_path(), new.to_json())
    home.making_path().unlink(missing_ok=True)
    sync_folder(home.folder())


def _found() -> list[Part]:
    """The parts that exist, in a folder that may not be a home; data counts wherever it is."""
    there = [part for part in Part if part.is_there()]
    if settings().lake_data:
        return [part for part in there if part is not Part.DATA]
    if Part.DATA not in there and any(lake.data_folder().rglob("*.parquet")):
        there.append(Part.DATA)
    return there


def _clear_away() -> None:
    """Remove what an interrupted first start created; nothing was ever stored in it."""
    begun = home.making_path().read_text()
    if begun and postgresql.is_used():
        postgresql.drop(UUID(begun))
    if begun and objects.in_bucket():
        prefix.clear_away(UUID(begun))
    for part in set(Part) - {Part.CATALOG, Part.DATA}:
        if part.path.is_dir():
            shutil.rmtree(part.path)
        for file in part.path.parent.glob(f"{part.path.name}*"):
            file.unlink()
    making.clear_away()


def _adopt() -> None:
    """Give a home of an earlier version its identity. Raises HomeUnavailable, and then changes nothing."""
    if postgresql.is_used():
        raise HomeUnavailable(
            f"The home at {home.folder()} is of an earlier version, with its state in files. Open it once without "
            "OPENBOOK_DATABASE_URL, then move it (docs/several-machines.md). Nothing was changed."
        )
    missing = [part for part in (Part.CATALOG, Part.DIRECTORY, Part.GOVERNANCE) if not part.is_there()]
    if not lake.data_folder().is_dir():
        missing.append(Part.DATA)
    if missing:
        raise HomeUnavailable.missing(*missing)
    try:
        found = making.adopt()
    except LakeUnavailable as error:
        raise HomeUnavailable(f"{error} Restore a backup (docs/backup.md).") from error
    parts = set(Part) - _given() - {part for part in home.OPTIONAL if not part.is_there()}
    adopted = Home(earlier_id() or uuid4(), frozenset(parts))
    Part.EXPORTS.path.mkdir(mode=0o700, exist_ok=True)
    if Part.MASTER_KEY in parts and not Part.MASTER_KEY.is_there() and not has_content_keys(Part.DIRECTORY.path):
        _require_key_outside_home()
        create_secret_key(Part.MASTER_KEY.path)
    if Part.OPENDSR_KEY in parts and not Part.OPENDSR_KEY.is_there():
        opendsr.create_key()
    if not Part.QUEUE.is_there():
        work_queue.create()
    with database.taking(adopted, KnownLake(found.lake, found.snapshot)) as session:
        signing.note_earlier(session)
    identity.note(found)
    _write(adopted)


def earlier_id() -> UUID | None:
    """The id that an earlier version gave this home when it made its first backup."""
    path = home.folder() / "governance" / "home.id"
    return UUID(path.read_text(encoding="utf-8").strip()) if path.exists() else None


def _given() -> set[Part]:
    """The keys that the settings provide: not files of the home."""
    return {part for part in Part if part.is_given_by_settings()}
