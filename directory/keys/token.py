"""The key service as a token with PKCS#11 (Cryptoki 2.40), such as an HSM, or SoftHSM for a trial.

Each key is a secret key for AES-256 with `CKA_SENSITIVE` and without `CKA_EXTRACTABLE`, made in the token. Its
`CKA_ID` is its name, and its `CKA_LABEL` says which home it belongs to. It seals one content key, by `CKM_AES_GCM`:

    sealed    "OBK1", nonce (12 bytes), ciphertext (32 bytes), tag (16 bytes); the subject is authenticated with it

A process has one session, which its threads use one after the other, because a module needn't be safe for threads. If a
call fails, or a key isn't found, the module is begun anew, once: a token that was away is seen only then. Only a token
that has the home's own key can say that it doesn't have another one.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar, cast
from uuid import UUID

import pkcs11
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass
from pkcs11.exceptions import (
    NoSuchKey,
    PinExpired,
    PinIncorrect,
    PinInvalid,
    PinLenRange,
    PinLocked,
    PKCS11Error,
)
from pkcs11.mechanisms import GCMParams
from pkcs11.types import DecryptMixin, EncryptMixin, SecretKey

from directory.keys.service import KeyLost, KeyServiceUnavailable, new_name
from settings import settings

logger = logging.getLogger("directory")

HEADER = b"OBK1"
NONCE_BYTES = 12
TAG_BITS = 128
PATIENCE_SECONDS = 10.0
"""How long a thread waits for the others."""
PIN_REFUSED = (PinExpired, PinIncorrect, PinInvalid, PinLenRange, PinLocked)
NO_PERSON = UUID(int=0)
TEMPLATE = {
    Attribute.SENSITIVE: True,
    Attribute.EXTRACTABLE: False,
    Attribute.ENCRYPT: True,
    Attribute.DECRYPT: True,
    Attribute.SIGN: False,
    Attribute.VERIFY: False,
    Attribute.WRAP: False,
    Attribute.UNWRAP: False,
    Attribute.DERIVE: False,
}
"""What each key is, and may be used for."""
T = TypeVar("T")


class TokenKey(SecretKey, EncryptMixin, DecryptMixin):
    """What a key in the token can do, for the type checker."""


@dataclass(frozen=True)
class Address:
    """Which token, and how to sign in to it."""

    module: str
    token: str
    pin: str = field(repr=False)


class Connection:
    """The session of this process, and the keys that it has found. Raises PKCS11Error, as all of its methods do."""

    def __init__(self, address: Address) -> None:
        module = pkcs11.lib(address.module)
        module.reinitialize()
        self.address = address
        self.session = module.get_token(token_label=address.token).open(rw=True, user_pin=address.pin)
        self.recognised: set[str] = set()
        """The homes whose own key it has."""
        self._keys: dict[str, TokenKey] = {}

    def key(self, name: str) -> TokenKey:
        """Raises NoSuchKey."""
        if name not in self._keys:
            found = self.find({Attribute.ID: bytes.fromhex(name)})
            if not found:
                raise NoSuchKey
            self._keys[name] = found[0]
        return self._keys[name]

    def find(self, attributes: dict[Attribute, object]) -> list[TokenKey]:
        wanted = {Attribute.CLASS: ObjectClass.SECRET_KEY, **attributes}
        return [cast(TokenKey, each) for each in self.session.get_objects(wanted)]

    def make(self, name: str, label: str) -> None:
        made = self.session.generate_key(
            KeyType.AES, 256, id=bytes.fromhex(name), label=label, store=True, template=dict(TEMPLATE)
        )
        self._keys[name] = cast(TokenKey, made)

    def destroy(self, name: str) -> None:
        """Raises NoSuchKey."""
        self.key(name).destroy()
        del self._keys[name]
        if self.find({Attribute.ID: bytes.fromhex(name)}):
            raise PKCS11Error("the key is still there")


class _Shared:
    """Of all threads of this process; a process that was forked begins anew."""

    def __init__(self) -> None:
        self.turn = threading.Lock()
        self.connection: Connection | None = None
        self.refused: set[Address] = set()
        """Whose PIN was refused: it isn't tried again, because tokens lock after some wrong ones."""


_shared = _Shared()


def forget() -> None:
    """End what this process shares, as in one that was forked; a PIN that was refused is tried again."""
    global _shared
    _shared = _Shared()


os.register_at_fork(after_in_child=forget)


class Token:
    """A `directory.keys.service.KeyService`; `home_key`: the name of the home's own key."""

    def __init__(self, home_key: str) -> None:
        wanted = settings()
        self._home_key = home_key
        self._label = f"open-book {home_key}"
        self._address = Address(wanted.key_service_module, wanted.key_service_token, wanted.key_service_pin)

    def begin(self) -> None:
        self._run(lambda connection: connection.make(self._home_key, self._label), begins=True)
        self.check()

    def check(self) -> None:
        sample = os.urandom(32)
        if self.open(self._home_key, NO_PERSON, self.seal(self._home_key, NO_PERSON, sample)) != sample:
            raise KeyServiceUnavailable("doesn't open what it has sealed")

    def make(self) -> str:
        name = new_name()
        self._run(lambda connection: connection.make(name, self._label))
        return name

    def seal(self, name: str, subject: UUID, content_key: bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._run(
            lambda connection: connection.key(name).encrypt(
                content_key, mechanism=Mechanism.AES_GCM, mechanism_param=_parameters(nonce, subject)
            )
        )
        return HEADER + nonce + cast(bytes, sealed)

    def open(self, name: str, subject: UUID, sealed: bytes) -> bytes:
        start = len(HEADER) + NONCE_BYTES
        nonce = sealed[len(HEADER) : start]
        opened = self._run(
            lambda connection: connection.key(name).decrypt(
                sealed[start:], mechanism=Mechanism.AES_GCM, mechanism_param=_parameters(nonce, subject)
            )
        )
        return cast(bytes, opened)

    def destroy(self, name: str) -> None:
        try:
            self._run(lambda connection: connection.destroy(name))
        except KeyLost:
            return  # it was destroyed before

    def names(self) -> set[str]:
        return self._run(
            lambda connection: (
                {cast(bytes, key[Attribute.ID]).hex() for key in connection.find({Attribute.LABEL: self._label})}
                - {self._home_key}
            )
        )

    def _run(self, action: Callable[[Connection], T], *, begins: bool = False) -> T:
        """Do something with the token; a second time if it fails in a session from before. `begins`: the home has no
        key in it yet. Raises KeyServiceUnavailable, KeyLost."""
        shared = _shared
        if not shared.turn.acquire(timeout=PATIENCE_SECONDS):
            raise KeyServiceUnavailable("doesn't answer in time")
        try:
            known, shared.connection = shared.connection, None
            if known and known.address == self._address and self._home_key in known.recognised:
                try:
                    done = action(known)
                except PKCS11Error:
                    pass  # it may be away since, or anew; or another process destroyed the key
                else:
                    shared.connection = known
                    return done
            anew = self._connect(shared)
            if not begins:
                self._recognise(anew)
            try:
                done = action(anew)
            except NoSuchKey:
                shared.connection = anew
                raise KeyLost from None
            except PKCS11Error as error:
                raise _unavailable(error, "reports an error") from error
            anew.recognised.add(self._home_key)
            shared.connection = anew
            return done
        finally:
            shared.turn.release()

    def _connect(self, shared: _Shared) -> Connection:
        refused = "refuses the PIN that Open Book has"
        if self._address in shared.refused:
            raise KeyServiceUnavailable(refused)
        try:
            return Connection(self._address)
        except PIN_REFUSED as error:
            shared.refused.add(self._address)
            raise _unavailable(
                error, refused, "OPENBOOK_KEY_SERVICE_PIN isn't tried again until this process is restarted"
            ) from error
        except PKCS11Error as error:
            raise _unavailable(error, "can't be reached") from error

    def _recognise(self, connection: Connection) -> None:
        try:
            connection.key(self._home_key)
        except PKCS11Error as error:
            raise _unavailable(error, "doesn't have the keys of this home") from error
        connection.recognised.add(self._home_key)


def _parameters(nonce: bytes, subject: UUID) -> GCMParams:
    return GCMParams(nonce, subject.bytes, TAG_BITS)


def _unavailable(error: PKCS11Error, why: str, advice: str = "") -> KeyServiceUnavailable:
    """What people are told; the log has what the module said."""
    logger.error("the key service %s: %s %s. %s", why, type(error).__name__, error, advice)
    return KeyServiceUnavailable(why)
