"""The prefix of a bucket: how it is spoken to, whose it is, and what its errors mean."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit
from uuid import UUID

import home
from parts import OutOfReach, PartUnavailable
from settings import settings

if TYPE_CHECKING:
    from obstore.store import S3Store

NAME = "The object storage"
IDENTITY = "identity"
PROBE_SECONDS = 10.0
"""For so long, a write that kept no version says that none are kept."""
CONNECT_SECONDS, CALL_SECONDS, RETRY_SECONDS, RETRIES = 3, 30, 10, 3
QUICK_SECONDS = 1.5
AT_ONCE = 1000
CHUNK_BYTES = 8 << 20


@dataclass(frozen=True)
class Location:
    """Where a prefix is, and with what it is spoken to. What is empty is left to AWS and its environment variables."""

    url: str
    endpoint: str
    region: str
    key_id: str
    secret: str = field(repr=False)


@dataclass(eq=False)
class Connected:
    """A prefix, and what this process knows about it. Its methods raise PartUnavailable."""

    store: S3Store
    probed_at: float | None = None
    """When it last took something and kept no version of it (monotonic)."""
    owner: UUID | None = None

    def put(self, key: str, content: bytes, *, new: bool = False) -> None:
        """All of it or nothing. `new`: OtherHome if there is one."""
        import obstore

        with asking():
            done = obstore.put(self.store, key, content, use_multipart=False, mode="create" if new else "overwrite")
        if done["version"] is not None:
            self.probed_at = None
            with asking():
                obstore.delete(self.store, key)
            raise KeepsVersions
        self.probed_at = time.monotonic()

    def get(self, key: str) -> bytes:
        """Raises FileNotFoundError."""
        import obstore

        with asking():
            return bytes(obstore.get(self.store, key).bytes())

    def size(self, key: str) -> int:
        """Bytes of an object. Raises FileNotFoundError."""
        import obstore

        with asking():
            return int(obstore.head(self.store, key)["size"])

    def stamp(self, key: str) -> str | None:
        """Another one for another content; None if there is no such object."""
        import obstore

        with suppress(FileNotFoundError), asking():
            return str(obstore.head(self.store, key)["e_tag"])
        return None

    def listed(self, area: str, after: str | None = None) -> list[str]:
        """The keys of everything in an area; or only of what comes after a key, in the order of the alphabet."""
        import obstore

        with asking():
            return [each["path"] for some in obstore.list(self.store, area, offset=after) for each in some]

    def sizes(self, area: str) -> dict[str, int]:
        """The keys of everything in an area, with their bytes."""
        import obstore

        with asking():
            found = [each for some in obstore.list(self.store, area) for each in some]
        return {each["path"]: each["size"] for each in found}

    def under(self, name: str) -> Iterator[tuple[str, int, datetime]]:
        """The object of this name, and those below it: the key, its bytes and when it was written. Raises OtherHome if
        there is no such bucket."""
        import obstore
        from obstore.exceptions import BaseError

        with asking():
            with suppress(FileNotFoundError):
                one = obstore.head(self.store, name)
                yield one["path"], one["size"], one["last_modified"]
            try:
                for some in obstore.list(self.store, name):
                    yield from ((each["path"], each["size"], each["last_modified"]) for each in some)
            except BaseError as error:
                raise OtherHome if "NoSuchBucket" in str(error) else error from None

    def chunks(self, key: str) -> Iterator[bytes]:
        """The content of an object, in calls of their own. Raises FileNotFoundError."""
        import obstore

        for start in range(0, size := self.size(key), CHUNK_BYTES):
            with asking():
                chunk = bytes(obstore.get_range(self.store, key, start=start, length=min(CHUNK_BYTES, size - start)))
            yield chunk

    def put_file(self, key: str, source: Path) -> None:
        """A large one in parts; what is left of a killed process is removed by `upkeep.end_uploads`."""
        import obstore

        if source.stat().st_size <= CHUNK_BYTES:
            self.put(key, source.read_bytes())
            return
        self.require_final()
        with asking():
            obstore.put(self.store, key, source, use_multipart=True, chunk_size=CHUNK_BYTES)

    def delete(self, keys: Sequence[str]) -> None:
        """Those that are gone are ignored. Raises KeepsVersions."""
        import obstore

        if not keys:
            return
        self.require_final()
        for start in range(0, len(keys), AT_ONCE):
            with asking():
                obstore.delete(self.store, keys[start : start + AT_ONCE])

    def require_final(self) -> None:
        """Raises KeepsVersions if a deletion would leave a version."""
        import obstore

        if self.probed_at is not None and time.monotonic() - self.probed_at < PROBE_SECONDS:
            return
        key = f"probe/{secrets.token_hex(8)}"
        self.put(key, b"")
        with asking():
            obstore.delete(self.store, key)

    def require_owner(self, of: UUID) -> None:
        """Raises OtherHome."""
        try:
            found = self.get(IDENTITY)
        except FileNotFoundError:
            raise OtherHome from None
        if found != str(of).encode():
            raise OtherHome


class Refused(PartUnavailable):
    retry_after = 60

    def __init__(self) -> None:
        super().__init__(
            f"{NAME} refuses the credentials that it got. Stored data is kept; this was not done. The people who run "
            "Open Book must check OPENBOOK_OBJECTS_KEY_ID and OPENBOOK_OBJECTS_SECRET; then try again."
        )


class OtherHome(PartUnavailable):
    retry_after = 600

    def __init__(self) -> None:
        super().__init__(
            f"{NAME} has nothing of this home where OPENBOOK_OBJECTS_URL says. Nothing was changed. The people who run "
            "Open Book must set the right bucket and prefix, or bring them back."
        )


class KeepsVersions(PartUnavailable):
    retry_after = 600

    def __init__(self) -> None:
        super().__init__(
            f"{NAME} keeps earlier versions of its objects (versioning or object lock), so what is deleted would stay "
            "there. Nothing was stored or counted as deleted. The people who run Open Book must use a bucket without "
            "versioning (docs/operations.md)."
        )


def require_empty() -> None:
    """Raises PartUnavailable if the prefix has anything."""
    import obstore

    with asking():
        if any(some for some in obstore.list(connect(location()).store)):
            raise OtherHome


def begin(of: UUID) -> None:
    """Make an empty prefix that of a new home, at its first start. Raises PartUnavailable."""
    require_empty()
    client = connect(location())
    client.put(IDENTITY, str(of).encode(), new=True)


def clear_away(of: UUID) -> None:
    """Undo a first start that was interrupted, in which nothing was stored yet. Raises PartUnavailable."""
    client = connect(location())
    try:
        client.require_owner(of)
    except OtherHome:
        return
    client.delete([key for key in client.listed("") if key != IDENTITY])
    client.delete([IDENTITY])


def require_ours() -> None:
    """Raises PartUnavailable unless the bucket can be read and the prefix belongs to this home."""
    connect(location()).require_owner(home.read().id)


def require_reachable() -> None:
    """The same, of a bucket that answers at once."""
    answering_at_once()


def answering_at_once() -> Connected:
    """The prefix of this home, which is asked once. Raises PartUnavailable."""
    client, current = connect(location(), quick=True), _owner()
    client.require_owner(current)
    return client


def require_final_deletions() -> None:
    """Raises PartUnavailable unless the bucket keeps no versions, which is tried by storing something."""
    client = connected()
    client.probed_at = None
    client.require_final()


def connected() -> Connected:
    """The prefix of this home. Raises PartUnavailable."""
    client = connect(location())
    current = _owner()
    if client.owner != current:
        client.require_owner(current)
        client.owner = current
    return client


def to_read(url: str) -> Connected:
    """Another prefix, which isn't of this home: only to be read. With the same service and credentials."""
    return connect(replace(location(), url=url))


def _owner() -> UUID:
    """This home, also during its first start. Raises HomeUnavailable."""
    with suppress(FileNotFoundError, NotADirectoryError, ValueError):
        return UUID(home.making_path().read_text())
    return home.read().id


def location() -> Location:
    """That of the sealed files, by the settings."""
    now = settings()
    return Location(now.objects_url, now.objects_endpoint, now.objects_region, now.objects_key_id, now.objects_secret)


@lru_cache(maxsize=8)
def connect(to: Location, *, quick: bool = False) -> Connected:
    """Any prefix, whoever it belongs to. `quick`: it is asked once, and has to answer at once."""
    from obstore.store import S3Store  # only where it is used: it takes time to load

    parts = urlsplit(to.url)
    given = {
        "endpoint": to.endpoint,
        "region": to.region,
        "access_key_id": to.key_id,
        "secret_access_key": to.secret,
    }
    store = S3Store(
        parts.hostname,
        prefix=parts.path.strip("/") or None,
        config=cast(Any, {name: value for name, value in given.items() if value}),
        client_options={
            "allow_http": to.endpoint.startswith("http:"),
            "connect_timeout": f"{QUICK_SECONDS if quick else CONNECT_SECONDS}s",
            "timeout": f"{QUICK_SECONDS if quick else CALL_SECONDS}s",
        },
        retry_config={"max_retries": 0 if quick else RETRIES, "retry_timeout": timedelta(seconds=RETRY_SECONDS)},
    )
    return Connected(store)


@contextmanager
def asking() -> Iterator[None]:
    """Translates errors into PartUnavailable; what isn't there stays a FileNotFoundError, whose words are ours."""
    from obstore.exceptions import AlreadyExistsError, BaseError, PermissionDeniedError, UnauthenticatedError

    try:
        yield
    except FileNotFoundError as error:
        if "NoSuchBucket" in str(error):
            raise OtherHome from None
        raise FileNotFoundError("There is no such object.") from None
    except (PermissionDeniedError, UnauthenticatedError):
        raise Refused from None
    except AlreadyExistsError:
        raise OtherHome from None
    except (BaseError, OSError):  # their words quote the address
        raise OutOfReach(NAME) from None
