"""No byte of erased captures is left in the bucket: no object, no version, no part of an upload."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import uuid4

import pytest

from lake.rules import erasure
from lake.rules.scope import Scope
from lake.storage import maintenance
from lake.storage.catalogs import catalog
from lake.storage.connection import LakeUnavailable, writer
from lake.storage.objects.prefix import Connected
from lake.storage.verifying import verify
from tests.lake.rows import Capture, put
from tests.lake.storage.test_erasure_bytes import (
    EXCEL,
    RECEIVED,
    Lake,
    lake,
    test_after_a_purge_no_byte_remains,
    test_retention_also_removes_captures_physically,
)
from tests.support.object_storage import TestBucket

__all__ = [
    "lake",
    "test_after_a_purge_no_byte_remains",
    "test_retention_also_removes_captures_physically",
]


def kept(bucket: TestBucket, *words: str) -> int:
    """How many objects, versions and unfinished uploads there are with one of the words in their names."""
    keys = bucket.keys()
    return len([key for key in keys if any(word in key for word in words)])


def test_traces_in_the_bucket_are_found_and_purged(lake: Lake) -> None:
    """In a file that they share with others."""
    lake.run(maintenance.compact)
    assert any(name.endswith(".parquet") for name in lake.traces())
    lake.run(lake.remove(EXCEL), maintenance.purge)
    assert lake.traces() == set()


def test_a_purge_deletes_what_killed_writers_left(lake: Lake, bucket: TestBucket) -> None:
    bucket.replace("lake/main/captures/ducklake-orphan.parquet", b"written, never committed")
    bucket.begin_upload("lake/main/captures/ducklake-unfinished.parquet", b"a part of it")
    assert kept(bucket, "orphan", "unfinished") == 2
    lake.run(maintenance.purge)
    assert kept(bucket, "orphan", "unfinished") == 0


def test_files_of_others_in_the_bucket_stay(lake: Lake, bucket: TestBucket) -> None:
    """The prefix of another home may begin with ours."""
    others = f"{bucket.name}/open/book-of-others/lake/main/captures/one.parquet"
    bucket.server.ask("PUT", others, b"theirs")
    bucket.server.ask("POST", f"{others}?uploads")
    lake.run(lake.remove(EXCEL), maintenance.purge)
    assert kept(bucket, "others") == 2


@pytest.mark.parametrize("status", ["Enabled", "Suspended"])
def test_nothing_is_called_deleted_where_versions_are_kept(lake: Lake, bucket: TestBucket, status: str) -> None:
    bucket.keep_versions(status)
    with pytest.raises(LakeUnavailable, match="keeps earlier versions"):
        lake.run(lambda _: maintenance.mark_purge_due(), lake.remove(EXCEL), maintenance.purge)
    assert catalog().purge_is_due()


def test_what_is_still_listed_is_not_called_deleted(
    lake: Lake, bucket: TestBucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket.replace("lake/main/captures/ducklake-orphan.parquet", b"written, never committed")
    with monkeypatch.context() as lying:
        lying.setattr(Connected, "delete", lambda *_: None)
        with pytest.raises(LakeUnavailable, match="still lists"):
            lake.run(maintenance.purge)
    lake.run(maintenance.purge)
    assert kept(bucket, "orphan") == 0


def test_a_large_file_is_uploaded_in_parts_and_erased(
    home: Path, bucket: TestBucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lake.storage.data_files.bucket.PART_BYTES", 6_000_000)
    subject = uuid4()
    with writer() as connection:
        put(connection, subject, [Capture(text=os.urandom(7_000_000).hex())])
        assert max(map(len, bucket.contents().values())) > 12_000_000
        erasure.remove(connection, subject, Scope(), uuid4(), RECEIVED)
        maintenance.purge(connection)
    assert max(map(len, bucket.contents().values())) < 100_000
    assert verify().damaged == ()
