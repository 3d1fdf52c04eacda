"""Sealed content: all free text of one capture as one AES-256-GCM blob (NIST SP 800-38D).

Layout: 12-byte random nonce, then ciphertext and tag. The capture's id is authenticated with it, so a blob moved to
another capture can't be opened.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from uuid import UUID

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12
PICTURE = b"picture"
"""Authenticated with a picture, so that it can't stand in place of a text."""

Content = dict[str, str]
"""Free text by field: text, element, title, url, message, action, …"""


class Unreadable(ValueError):
    """The sealed content can't be opened: its key was destroyed, or it was altered."""


class Sealer:
    """Seals and opens the content of one subject."""

    def __init__(self, content_key: bytes) -> None:
        self._cipher = AESGCM(content_key)

    def seal(self, capture_id: UUID, content: Content) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, orjson.dumps(content), capture_id.bytes)

    def seal_all(self, ids: Sequence[bytes], contents: Sequence[Content | None]) -> list[bytes | None]:
        """The content of many, each with the 16 bytes of its capture's id; None has none."""
        encrypt, dumps = self._cipher.encrypt, orjson.dumps
        nonces = os.urandom(NONCE_BYTES * len(ids))
        sealed: list[bytes | None] = []
        for place, (capture_id, content) in enumerate(zip(ids, contents, strict=True)):
            if content is None:
                sealed.append(None)
                continue
            nonce = nonces[NONCE_BYTES * place : NONCE_BYTES * (place + 1)]
            sealed.append(nonce + encrypt(nonce, dumps(content), capture_id))
        return sealed

    def seal_picture(self, capture_id: UUID, picture: bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, picture, PICTURE + capture_id.bytes)

    def open_picture(self, capture_id: UUID, sealed: bytes) -> bytes:
        """Raises Unreadable."""
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], PICTURE + capture_id.bytes)
        except (InvalidTag, ValueError) as error:
            raise Unreadable("This picture can't be opened with the key of its subject.") from error

    def open_all(self, ids: list[bytes], sealed: list[bytes]) -> list[bytes]:
        """The JSON of many, each with the 16 bytes of its capture's id; empty where it can't be opened."""
        decrypt = self._cipher.decrypt
        opened = []
        for capture_id, blob in zip(ids, sealed, strict=True):
            try:
                opened.append(decrypt(blob[:NONCE_BYTES], blob[NONCE_BYTES:], capture_id))
            except (InvalidTag, ValueError):
                opened.append(b"")
        return opened

    def open(self, capture_id: UUID, sealed: bytes) -> Content:
        """Raises Unreadable."""
        try:
            plain = self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], capture_id.bytes)
        except (InvalidTag, ValueError) as error:
            raise Unreadable("This content can't be opened with the key of its subject.") from error
        content: Content = orjson.loads(plain)
        return content
