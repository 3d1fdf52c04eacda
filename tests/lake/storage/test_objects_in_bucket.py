"""Sealed files in a bucket: whole or not there, gone when deleted, and never taken for gone because of an outage."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

import home as homes
from lake.storage.objects import Area, File, pictures, prefix, store
from lake.storage.objects.bucket import PIECE
from lake.storage.objects.prefix import KeepsVersions, OtherHome
from parts import OutOfReach
from tests.lake.setups import ON_SQLITE
from tests.support.object_storage import BOTH, Server, TestBucket, new_bucket, put, serving

pytestmark = ON_SQLITE
LARGE = b"".join(number.to_bytes(4, "big") for number in range(PIECE // 4 + 1000))


@BOTH
@pytest.mark.parametrize("content", [b"", b"small", LARGE], ids=["empty", "small", "large"])
def test_a_draft_is_whole_or_not_there(objects_in: str, home: Path, content: bytes) -> None:
    file = File(store(Area.LANDING), "one.landed")
    draft = file.draft()
    draft.write(content[:100])
    draft.write(content[100:])
    assert not file.exists()
    draft.keep()
    draft.release()
    with file.open() as opened:
        opened.seek(max(0, len(content) - 4000))
        assert opened.read() == content[-4000:]
        opened.seek(0)
        assert opened.read() == content
    assert [(each.name, each.size) for each in store(Area.LANDING).all()] == [("one.landed", len(content))]
    put(file, b"another")
    with file.open() as opened:
        assert opened.read() == b"another"
    file.delete()
    file.delete()
    assert store(Area.LANDING).all() == []


@BOTH
def test_a_held_file_is_not_deleted(objects_in: str, home: Path) -> None:
    landing = store(Area.LANDING)
    draft = landing.draft("one.landed")
    draft.write(b"sealed")
    draft.keep()
    landing.delete_unheld("one.landed", lambda: False)
    assert File(landing, "one.landed").exists()
    draft.release()
    landing.delete_unheld("one.landed", lambda: True)
    assert File(landing, "one.landed").exists()
    landing.delete_unheld("one.landed", lambda: False)
    assert not File(landing, "one.landed").exists()


@BOTH
def test_a_discarded_draft_leaves_nothing(objects_in: str, home: Path) -> None:
    for kept in (False, True):
        draft = store(Area.LANDING).draft("one.landed")
        draft.write(LARGE)
        if kept:
            draft.keep()
        draft.discard()
        assert store(Area.LANDING).all() == []


def test_a_large_file_without_its_first_pieces_is_not_there(bucket: TestBucket) -> None:
    file = File(store(Area.EXPORTS), "one.sealed")
    put(file, LARGE)
    assert bucket.keys() == ["exports/one.sealed/0000", "exports/one.sealed/0001", "identity"]
    store(Area.EXPORTS).delete(["one.sealed/0000"])
    assert not file.exists()
    assert [each.name for each in store(Area.EXPORTS).all()] == ["one.sealed"]
    file.delete()
    assert bucket.keys() == ["identity"]


def test_many_files_are_deleted_at_once(bucket: TestBucket) -> None:
    names = [f"ab/{number}.picture" for number in range(20)]
    for name in names:
        store(Area.PICTURES).write(name, b"sealed")
    store(Area.PICTURES).rename([(names[0], "cd/other.picture")])
    store(Area.PICTURES).delete([*names, "ab/never.picture"])
    assert bucket.keys() == ["identity", "pictures/cd/other.picture"]


def test_a_bucket_that_keeps_versions_is_refused(bucket: TestBucket) -> None:
    store(Area.PICTURES).write("ab/one.picture", b"sealed")
    bucket.keep_versions()
    with pytest.raises(KeepsVersions):
        prefix.require_final_deletions()
    with pytest.raises(KeepsVersions):
        store(Area.PICTURES).delete(["ab/one.picture"])
    assert store(Area.PICTURES).exists("ab/one.picture"), "nothing is called deleted"
    with pytest.raises(KeepsVersions):
        store(Area.PICTURES).write("ab/two.picture", b"sealed")


def test_a_bucket_of_another_home_is_refused(bucket: TestBucket, home: Path) -> None:
    store(Area.PICTURES).write("ab/one.picture", b"sealed")
    bucket.replace("identity", str(uuid4()).encode())
    prefix.connect.cache_clear()
    with pytest.raises(OtherHome):
        pictures.ids()
    with pytest.raises(OtherHome):
        prefix.begin(homes.read().id)


def test_an_emptied_bucket_is_not_taken_for_deleted_files(bucket: TestBucket) -> None:
    put(File(store(Area.LANDING), "one.landed"), b"sealed")
    for key in bucket.contents():
        bucket.server.ask("DELETE", f"{bucket.name}/open/book/{key}")
    with pytest.raises(OtherHome):
        File(store(Area.LANDING), "one.landed").open()
    with pytest.raises(OtherHome):
        store(Area.PICTURES).read("ab/one.picture")
    bucket.server.ask("DELETE", bucket.name)
    with pytest.raises(OtherHome):
        store(Area.PICTURES).read("ab/one.picture")


def test_an_outage_says_so_and_ends(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as server:
        new_bucket(server, monkeypatch, homes.read().id)
        pictures_of = store(Area.PICTURES)
        pictures_of.write("ab/one.picture", b"sealed")
        draft = File(store(Area.LANDING), "one.landed").draft()
        draft.write(b"sealed")
        server.stop()
        for call in (draft.keep, draft.discard, pictures_of.all, lambda: pictures_of.read("ab/one.picture")):
            with pytest.raises(OutOfReach, match=r"The object storage can't be reached.*Try again"):
                call()


def test_a_first_start_needs_an_empty_prefix(
    object_server: Server, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = new_bucket(object_server, monkeypatch)
    with pytest.raises(OtherHome):
        store(Area.PICTURES).all()
    one, other = uuid4(), uuid4()
    prefix.begin(one)
    with pytest.raises(OtherHome):
        prefix.begin(other)
    prefix.clear_away(other)
    assert made.keys() == ["identity"]
    prefix.clear_away(one)
    assert made.keys() == []
