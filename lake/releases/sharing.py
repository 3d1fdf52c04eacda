"""What was published, where all machines reach it: in the bucket of the sealed files, if there is one.

Each machine reads a copy of its own (`releases.duckdb`), which it brings up to date before each question. `FETCHED` is
which object the copy is of. An object that is gone although there is such a copy was lost, and nothing takes its
place: the privacy budget that was spent is in it.
"""

from __future__ import annotations

from pathlib import Path

from filelock import FileLock

from home import HomeUnavailable, Part
from lake.storage import objects
from lake.storage.durable import write_bytes
from lake.storage.objects import prefix

FETCHED = "releases.fetched"


def is_shared() -> bool:
    return objects.in_bucket()


def bring_up_to_date(copy: Path) -> bool:
    """Have the newest published file as this machine's copy; whether there is one. One that was published before there
    was a bucket is put there. Raises HomeUnavailable, PartUnavailable.
    """
    client, mark, key = prefix.connected(), copy.with_name(FETCHED), _key(copy.name)
    if _is_of(mark, copy, client.stamp(key)):
        return True
    copy.parent.mkdir(mode=0o700, exist_ok=True)
    with FileLock(copy.with_name("fetch.lock")):
        stamp = client.stamp(key)
        if stamp is None:
            if mark.exists():
                raise HomeUnavailable.missing(Part.RELEASES)
            if not copy.exists():
                return False
            client.put_file(key, copy)
            stamp = client.stamp(key)
        elif not _is_of(mark, copy, stamp):
            write_bytes(copy, client.get(key))
        write_bytes(mark, str(stamp).encode())
    return True


def waits(whole: Path) -> bool:
    """Whether a committed publication waits to be put in place; then it is here."""
    client = prefix.connected()
    try:
        write_bytes(whole, client.get(_key(whole.name)))
    except FileNotFoundError:
        whole.unlink(missing_ok=True)
        return False
    return True


def commit(draft: Path, whole: Path) -> None:
    """From now on it is published, whatever happens. Raises PartUnavailable."""
    prefix.connected().put_file(_key(whole.name), draft)
    draft.replace(whole)


def put_in_place(whole: Path, copy: Path) -> None:
    """Raises PartUnavailable."""
    client = prefix.connected()
    client.put_file(_key(copy.name), whole)
    bring_up_to_date(copy)
    client.delete([_key(whole.name)])
    whole.unlink()


def _key(name: str) -> str:
    return f"releases/{name}"


def _is_of(mark: Path, copy: Path, stamp: str | None) -> bool:
    try:
        return copy.exists() and mark.read_text(encoding="ascii") == stamp
    except FileNotFoundError:
        return False
