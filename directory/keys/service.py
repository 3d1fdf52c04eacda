"""The key service, if the home has one: an HSM, or another service with PKCS#11, which keeps a key of each person.

    content key   seals what was captured of a person
    sealed by     the person's key in the key service, which never leaves it
    wrapped by    the master key, as without a key service (`directory.keys.master`)

So both are needed, and once the person's key is destroyed there, no copy of what the master key wraps opens anything:
not in old files of the directory, nor in logs of a database, nor in backups.

Only the first start of a home chooses a key service (`begin`). From then on the file `directory/key-service.id` has the
name of a key in it that belongs to the home itself. The right token is recognised by it: a key that another token
lacks, or one that is away, was not destroyed. Another machine that joins the home gets that file, too
(`governance.operations.joining`).
"""

from __future__ import annotations

import re
import secrets
from typing import Protocol
from uuid import UUID

import home
from directory.secret_file import damaged
from home import HomeUnavailable, Part
from parts import PartUnavailable, using
from settings import settings

NAME = "The file that names the keys in the key service"


class KeyServiceUnavailable(PartUnavailable):
    """The key service can't be used now. Nothing was changed that isn't repeated safely."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"The key service {why}, so sealed data can't be opened or stored. Nothing was lost; this was not done. The"
            " people who run Open Book must look after it; then try again."
        )


class KeyLost(PartUnavailable):
    """The key service works and is the right one, and has no such key, although it isn't known to be destroyed."""

    def __init__(self) -> None:
        super().__init__(
            "The key service doesn't have the key of a person any more, so what it sealed can't be opened. Nothing was"
            " changed. The people who run Open Book must bring the key back, or restore a backup (docs/key-service.md)."
        )


class KeyServiceNotNamed(HomeUnavailable):
    """The home was made with a key service, and the settings name none."""

    def __init__(self) -> None:
        super().__init__(
            "This home keeps the keys of people in a key service. Set OPENBOOK_KEY_SERVICE_MODULE, "
            "OPENBOOK_KEY_SERVICE_TOKEN and OPENBOOK_KEY_SERVICE_PIN (docs/key-service.md). Nothing was changed."
        )


class KeyService(Protocol):
    """What keeps the keys of people. Each method raises KeyServiceUnavailable; it may be called by several threads."""

    def begin(self) -> None:
        """Make the home's own key, and try out what is needed; only for the first start."""

    def check(self) -> None:
        """Seal and open something with the home's own key."""

    def make(self) -> str:
        """Make a key that can't leave the service. Returns its name: 32 hexadecimal digits."""

    def seal(self, name: str, subject: UUID, content_key: bytes) -> bytes:
        """Seal a content key for its subject; a multiple of 8 bytes. Raises KeyLost."""

    def open(self, name: str, subject: UUID, sealed: bytes) -> bytes:
        """The content key. Raises KeyLost."""

    def destroy(self, name: str) -> None:
        """Destroy a key for good, and look whether it is gone; it may have been before."""

    def names(self) -> set[str]:
        """The names of all keys of this home."""


def is_chosen() -> bool:
    """Whether this home keeps the keys of people in a key service. Raises HomeUnavailable."""
    return Part.KEY_SERVICE in home.read().parts


def key_service() -> KeyService:
    """That of this home. Raises HomeUnavailable, PartUnavailable."""
    if not settings().key_service_module:
        raise KeyServiceNotNamed
    from directory.keys.token import Token  # takes time to load, which homes without a key service don't need

    return Token(own_key())


def own_key() -> str:
    """The name of the home's own key. Raises HomeUnavailable, PartUnavailable."""
    if not Part.KEY_SERVICE.is_there():
        raise HomeUnavailable.missing(Part.KEY_SERVICE)
    with using(NAME, OSError):
        name = Part.KEY_SERVICE.path.read_text(encoding="utf-8", errors="replace")
    if not re.fullmatch("[0-9a-f]{32}", name):
        raise damaged(Part.KEY_SERVICE, "it must have 32 hexadecimal digits")
    return name


def new_name() -> str:
    """A name of a key that no other has."""
    return secrets.token_hex(16)


def require_settings() -> None:
    """For processes that start. Raises HomeUnavailable."""
    if is_chosen() and not settings().key_service_module:
        raise KeyServiceNotNamed


def check() -> None:
    """Whether the key service of this home works; nothing if it has none. Raises HomeUnavailable, PartUnavailable."""
    if is_chosen():
        key_service().check()


def unused() -> str | None:
    """What to say about a key service that the settings name and this home doesn't use; None: nothing. Raises
    HomeUnavailable."""
    if not settings().key_service_module or is_chosen():
        return None
    return (
        "OPENBOOK_KEY_SERVICE_MODULE is set, and this home was made without a key service, which only its first start "
        "chooses: no key is in it (docs/key-service.md)."
    )
