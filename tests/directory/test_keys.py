"""Content keys: one per person, wrapped at rest, permanently destroyed; and sealed content."""

from __future__ import annotations

import base64
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from directory.keys import Job, KeyRing, Oneself, Why, WrongMasterKey, derive
from directory.keys.uses import CHUNK
from directory.models import UseRow, open_engine, session_of
from directory.people import directory_path
from directory.sealing import NONCE_BYTES, Sealer, Unreadable
from governance.operations import first_start


@pytest.fixture
def ring(home: Path) -> KeyRing:
    return KeyRing()


def test_a_subject_keeps_one_key(ring: KeyRing) -> None:
    ada, grace = uuid4(), uuid4()
    assert ring.content_key(ada, Oneself(ada)) is None
    key = ring.create_content_key(ada, Oneself(ada))
    assert len(key) == 32
    assert ring.create_content_key(ada, Oneself(ada)) == ring.content_key(ada, Oneself(ada)) == key
    assert ring.create_content_key(grace, Oneself(grace)) != key


def test_keys_of_many_are_the_keys_of_each(ring: KeyRing, home: Path) -> None:
    """Also of more than fit in a statement; the entry about each is written, and one who had a key keeps it."""
    ada, *others = (uuid4() for _ in range(CHUNK + 3))
    before = ring.create_content_key(ada, Oneself(ada))
    job = Job(uuid4(), "ingestion", Why.INGESTION, "records")
    keys = ring.create_content_keys(job, dict.fromkeys((ada, *others), 7))
    assert keys[ada] == before
    assert len(set(keys.values())) == CHUNK + 3
    assert all(ring.content_key(subject, Oneself(subject)) == keys[subject] for subject in others[:3])
    with session_of(open_engine(directory_path())) as session:
        [(entries, counted)] = session.execute(select(func.count(), func.sum(UseRow.rows)).select_from(UseRow))
    assert (entries, counted) == (CHUNK + 3, 7 * (CHUNK + 3))
    prints = ring.fingerprints([ada, uuid4(), *others])
    assert prints.keys() == {ada, *others}
    assert all(prints[subject] == ring.fingerprint(subject) for subject in (ada, *others[:3]))
    assert ring.create_content_keys(job, {}) == {}


def test_fingerprints_identify_keys_and_destruction_is_reported(ring: KeyRing) -> None:
    ada = uuid4()
    assert (ring.fingerprint(ada), ring.destroy_content_key(ada)) == (None, False)
    ring.create_content_key(ada, Oneself(ada))
    first = ring.fingerprint(ada)
    assert ring.fingerprint(ada) == first is not None
    assert [ring.destroy_content_key(ada), ring.destroy_content_key(ada)] == [True, False]
    ring.create_content_key(ada, Oneself(ada))
    assert ring.fingerprint(ada) not in (None, first)


@pytest.mark.state_in_files
def test_a_key_is_wrapped_at_rest(ring: KeyRing) -> None:
    ada = uuid4()
    key = ring.create_content_key(ada, Oneself(ada))
    assert key not in directory_path().read_bytes()


@pytest.mark.state_in_files
def test_a_destroyed_key_leaves_no_trace_of_itself(ring: KeyRing) -> None:
    ada, grace = uuid4(), uuid4()
    before, others = ring.create_content_key(ada, Oneself(ada)), ring.create_content_key(grace, Oneself(grace))
    wrapped = directory_path().read_bytes()
    ring.destroy_content_key(ada)
    assert ring.content_key(ada, Oneself(ada)) is None
    assert ring.content_key(grace, Oneself(grace)) == others
    after = directory_path().read_bytes()
    assert ada.bytes.hex().encode() in wrapped
    assert ada.bytes.hex().encode() not in after
    assert ring.create_content_key(ada, Oneself(ada)) != before


def test_another_master_key_decrypts_nothing(ring: KeyRing) -> None:
    ada, grace = uuid4(), uuid4()
    ring.create_content_key(ada, Oneself(ada))
    stranger = KeyRing(master_key=bytes(32))
    with pytest.raises(WrongMasterKey):
        stranger.content_key(ada, Oneself(ada))
    with pytest.raises(WrongMasterKey):
        stranger.create_content_key(grace, Oneself(grace))


def test_the_master_key_is_made_once_for_its_owner_only(ring: KeyRing, home: Path) -> None:
    file = home / "directory" / "master.key"
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(file.read_bytes()) == 32
    assert list(file.parent.glob("master.key.*")) == []


def test_many_that_start_at_once_agree_on_keys(home: Path) -> None:
    ada = uuid4()
    together = threading.Barrier(8)

    def start(_: int) -> bytes:
        together.wait()
        return KeyRing().create_content_key(ada, Oneself(ada))

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(start, range(8)))) == 1


def test_the_master_key_may_come_from_the_settings(no_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBOOK_MASTER_KEY", base64.b64encode(b"k" * 32).decode())
    first_start.init()
    first = KeyRing()
    ada = uuid4()
    key = first.create_content_key(ada, Oneself(ada))
    assert not (no_home / "directory" / "master.key").exists()
    again = KeyRing(master_key=b"k" * 32)
    assert again.content_key(ada, Oneself(ada)) == key


@pytest.mark.parametrize("configured", ["c2hvcnQ=", "not base64!"])
def test_an_invalid_master_key_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch, configured: str) -> None:
    monkeypatch.setenv("OPENBOOK_MASTER_KEY", configured)
    with pytest.raises(ValueError, match="OPENBOOK_MASTER_KEY"):
        KeyRing()


def test_derived_keys_differ_by_purpose() -> None:
    key = bytes(range(32))
    assert len({key, derive(key, "capture-id"), derive(key, "export")}) == 3
    assert derive(key, "export") == derive(key, "export")


def test_sealed_content_opens_with_its_key_on_its_capture_only() -> None:
    capture, other = uuid4(), uuid4()
    content = {"text": "Grüße 🙂", "url": "https://example.com"}
    sealed = Sealer(b"a" * 32).seal(capture, content)
    assert Sealer(b"a" * 32).open(capture, sealed) == content
    for key, capture_id, blob in (
        (b"b" * 32, capture, sealed),
        (b"a" * 32, other, sealed),
        (b"a" * 32, capture, sealed[:-1] + bytes([sealed[-1] ^ 1])),
        (b"a" * 32, capture, bytes([sealed[0] ^ 1]) + sealed[1:]),
        (b"a" * 32, capture, sealed[:20]),
        (b"a" * 32, capture, sealed[:5]),
        (b"a" * 32, capture, b""),
    ):
        with pytest.raises(Unreadable):
            Sealer(key).open(capture_id, blob)


def test_the_same_content_is_never_sealed_to_the_same_bytes() -> None:
    capture = uuid4()
    sealer = Sealer(b"a" * 32)
    assert sealer.seal(capture, {"text": "yes"}) != sealer.seal(capture, {"text": "yes"})


def test_what_is_sealed_together_has_nonces_of_its_own() -> None:
    captures, sealer = [uuid4() for _ in range(3)], Sealer(b"a" * 32)
    contents = [{"text": "yes"}, None, {"text": "yes"}]
    first, none, last = sealer.seal_all([capture.bytes for capture in captures], contents)
    assert first is not None
    assert last is not None
    assert none is None
    assert first[:NONCE_BYTES] != last[:NONCE_BYTES]
    assert [sealer.open(captures[0], first), sealer.open(captures[2], last)] == [contents[0], contents[2]]
