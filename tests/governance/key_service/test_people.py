"""A person's key is in the key service: made, used and destroyed there, and nothing opens their texts without it."""

from __future__ import annotations

import base64
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from uuid import UUID, uuid4

import pkcs11
import pytest
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap
from pkcs11 import Attribute

import queries.connection
from databases import postgresql
from directory.keys import Job, KeyRing, Oneself, Why, service, token
from directory.keys.service import KeyLost
from directory.keys.token import HEADER, Token
from directory.models import open_engine, session_of
from directory.people import directory_path
from directory.tables.content_keys import ContentKeyRow
from governance.db import database, work_queue
from governance.ledger import master_key_changes
from governance.operations import first_start
from home import Part
from settings import settings
from tests.governance.backup.conftest import Erase, Recorded
from tests.governance.conftest import Client
from tests.governance.key_service.conftest import connections
from tests.support.softhsm import SoftHsm


def row_of(subject: UUID, path: Path | None = None) -> tuple[bytes, str]:
    """What the master key wraps for somebody, and the name of their key in the key service."""
    with closing(sqlite3.connect(path or directory_path())) as connection:
        query = "select wrapped, service_key from content_key where subject = ?"
        [(wrapped, name)] = connection.execute(query, (subject.hex,)).fetchall()
    return bytes(wrapped), str(name)


def sealed_of(wrapped: bytes) -> bytes:
    """What is left once the master key has done its part."""
    return aes_key_unwrap(Part.MASTER_KEY.path.read_bytes(), wrapped)


def test_a_person_has_a_key_that_never_leaves_the_token(home: Path, hsm: SoftHsm) -> None:
    ada = uuid4()
    key = KeyRing().create_content_key(ada, Oneself(ada))
    wrapped, name = row_of(ada)
    sealed = sealed_of(wrapped)
    assert sealed.startswith(HEADER)
    assert key not in sealed
    assert hsm.objects() == 2  # that of the home, and theirs
    assert not any(key in file.read_bytes() for file in hsm.folder.rglob("*") if file.is_file())
    wanted = settings()
    with token._shared.turn:
        session = pkcs11.lib(wanted.key_service_module).get_token(token_label=wanted.key_service_token).open()
        [found] = list(session.get_objects({Attribute.ID: bytes.fromhex(name)}))
        assert (found[Attribute.SENSITIVE], found[Attribute.EXTRACTABLE]) == (True, False)
        assert (found[Attribute.NEVER_EXTRACTABLE], found[Attribute.LOCAL]) == (True, True)
        with pytest.raises(pkcs11.AttributeSensitive):
            found[Attribute.VALUE]


def test_what_was_kept_from_before_an_erasure_opens_nothing(
    home: Path, hsm: SoftHsm, company: Recorded, erase: Erase, tmp_path: Path
) -> None:
    """With the master key, the token, and a copy of the directory and of everything else from before."""
    assert "typed this into" in company.words(company.ada)
    before = tmp_path / "before"
    shutil.copytree(home, before)
    wrapped, name = row_of(company.ada.subject)
    assert service.key_service().open(name, company.ada.subject, sealed_of(wrapped))
    done = erase(company.ada)
    assert done.state == "completed"
    assert done.outcome
    assert done.outcome.content_key_destroyed
    kept, its_name = row_of(company.ada.subject, before / "directory" / "directory.sqlite")
    assert (kept, its_name) == (wrapped, name)
    with pytest.raises(KeyLost):
        service.key_service().open(name, company.ada.subject, sealed_of(kept))
    assert name not in service.key_service().names()
    assert "typed this into" in company.words(company.bob)
    with pytest.MonkeyPatch.context() as patch:  # the copy as a home: the same, through the key ring
        patch.setenv("OPENBOOK_HOME", str(before))
        with pytest.raises(KeyLost):
            KeyRing().content_key(company.ada.subject, Oneself(company.ada.subject))
        assert KeyRing().content_key(company.bob.subject, Oneself(company.bob.subject))


def test_a_new_key_after_an_erasure_is_another_one(home: Path, company: Recorded, erase: Erase) -> None:
    ada = company.ada.subject
    _, first = row_of(ada)
    erase(company.ada)
    assert KeyRing().content_key(ada, Oneself(ada)) is None
    key = KeyRing().create_content_key(ada, Oneself(ada))
    _, second = row_of(ada)
    assert second != first
    assert KeyRing().content_key(ada, Oneself(ada)) == key


def test_a_crash_between_token_and_directory_is_made_good(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key is gone and its row isn't: what it sealed is not taken for new, and the next try completes it."""
    ada = uuid4()
    ring = KeyRing()
    ring.create_content_key(ada, Oneself(ada))
    with monkeypatch.context() as dying:
        dying.setattr(KeyRing, "_delete", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            ring.destroy_content_key(ada)
    for use in (ring.content_key, ring.create_content_key):
        with pytest.raises(KeyLost):
            use(ada, Oneself(ada))
    assert ring.destroy_content_key(ada)
    assert ring.content_key(ada, Oneself(ada)) is None
    assert ring.create_content_key(ada, Oneself(ada))


def test_what_was_sealed_for_one_person_opens_for_no_other(home: Path) -> None:
    """Somebody who can write the directory gives Ada's key to Bob."""
    ada, bob = uuid4(), uuid4()
    ring = KeyRing()
    for one in (ada, bob):
        ring.create_content_key(one, Oneself(one))
    wrapped, name = row_of(ada)
    with closing(sqlite3.connect(directory_path())) as connection, connection:
        connection.execute(
            "update content_key set wrapped = ?, service_key = ? where subject = ?", (wrapped, name, bob.hex)
        )
    with pytest.raises(service.KeyServiceUnavailable):
        ring.content_key(bob, Oneself(bob))


def test_keys_of_many_are_made_and_lost_ones_are_destroyed(home: Path, hsm: SoftHsm) -> None:
    people = [uuid4() for _ in range(5)]
    job = Job(uuid4(), "ingestion", Why.INGESTION, "records")
    together = threading.Barrier(4)

    def begin(_: int) -> dict[UUID, bytes]:
        together.wait()
        return KeyRing().create_content_keys(job, dict.fromkeys(people, 1))

    with ThreadPoolExecutor(4) as pool:
        first, *others = list(pool.map(begin, range(4)))
    assert all(found == first for found in others)
    assert service.key_service().names() == {row_of(one)[1] for one in people}
    assert hsm.objects() == 6


def test_two_processes_share_the_keys_and_their_end(home: Path) -> None:
    ada = uuid4()
    key = KeyRing().create_content_key(ada, Oneself(ada))
    program = (
        "import sys, uuid\nfrom directory.keys import KeyRing, Oneself\nada = uuid.UUID(sys.argv[1])\n"
        "print(KeyRing().content_key(ada, Oneself(ada)).hex(), flush=True)\nsys.stdin.readline()\n"
        "KeyRing().destroy_content_key(ada)\nprint('done', flush=True)"
    )
    arguments = [sys.executable, "-c", program, str(ada)]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdin
        assert other.stdout
        assert other.stdout.readline().strip() == key.hex()
        wrapped, name = row_of(ada)
        assert service.key_service().open(name, ada, sealed_of(wrapped)) == key
        other.stdin.write("\n")
        other.stdin.flush()
        assert other.stdout.readline().strip() == "done"
    with pytest.raises(KeyLost):  # although this process has found it before
        service.key_service().open(name, ada, sealed_of(wrapped))
    assert KeyRing().content_key(ada, Oneself(ada)) is None


def test_the_master_key_is_replaced_without_the_token(
    home: Path, hsm: SoftHsm, company: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = row_of(company.ada.subject)
    old = sealed_of(before[0])
    hsm.take_away()
    assert master_key_changes.replace()
    hsm.bring_back()
    after = row_of(company.ada.subject)
    assert after[0] != before[0]
    assert (sealed_of(after[0]), after[1]) == (old, before[1])
    assert "typed this into" in company.words(company.ada)
    new = base64.b64encode(b"n" * 32).decode()
    monkeypatch.setenv("OPENBOOK_MASTER_KEY_PREVIOUS", base64.b64encode(Part.MASTER_KEY.path.read_bytes()).decode())
    monkeypatch.setenv("OPENBOOK_MASTER_KEY", new)
    assert master_key_changes.replace()
    assert "typed this into" in company.words(company.ada)


def test_opening_a_key_again_takes_no_new_session(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    people = [uuid4() for _ in range(3)]
    for one in people:
        KeyRing().create_content_key(one, Oneself(one))
    token.forget()
    begun = connections(monkeypatch)
    for _ in range(20):
        for one in people:
            assert KeyRing().content_key(one, Oneself(one))
    assert len(begun) == 1
    assert isinstance(service.key_service(), Token)


def test_a_receipt_says_what_a_key_service_makes_true(home: Path, company: Recorded, erase: Erase, api: Client) -> None:
    queries.connection.close()
    done = erase(company.ada)
    receipt = api(company.ada).get(f"/v1/requests/{done.id}/receipt").json()
    [said] = [store["method"] for store in receipt["statement"]["stores"] if store["store"] == "content key"]
    assert said.startswith("Deleted, and so was the key in your employer's key service that opens it")
    assert "Copies that your employer makes of the key service itself may have it" in said


@pytest.fixture
def home_in_postgresql(
    no_home: Path, hsm: SoftHsm, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    monkeypatch.setenv("OPENBOOK_DATABASE_URL", postgres_url)
    first_start.init()
    yield no_home
    postgresql.close()
    database.close()
    work_queue.close()


def test_a_row_that_postgresql_keeps_opens_nothing(home_in_postgresql: Path) -> None:
    """PostgreSQL overwrites nothing: whoever has its files has the row of before."""
    ada = uuid4()
    key = KeyRing().create_content_key(ada, Oneself(ada))
    with session_of(open_engine(directory_path())) as session:
        row = session.get_one(ContentKeyRow, ada)
    assert row.service_key
    sealed = sealed_of(row.wrapped)
    assert service.key_service().open(row.service_key, ada, sealed) == key
    assert KeyRing().destroy_content_key(ada)
    with pytest.raises(KeyLost):
        service.key_service().open(row.service_key, ada, sealed)
    assert KeyRing().content_key(ada, Oneself(ada)) is None
