"""What a first start and a later one with the lake in a bucket need, and what they refuse."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import duckdb
import pytest

from governance.__main__ import main
from governance.operations import first_start
from home import HomeUnavailable, Part
from lake.storage import migrations
from lake.storage.connection import LakeUnavailable, reader, transaction, writer
from lake.storage.data_files import data_files
from lake.storage.objects.signature_v4 import headers
from tests.home.test_earlier_lake import taken_back
from tests.lake.rows import count, every_minute, put, rollup_differences
from tests.support import object_storage
from tests.support.object_storage import TestBucket


def refused(use: Callable[[], object], words: str) -> None:
    with pytest.raises(LakeUnavailable, match=words):
        use()


@pytest.mark.parametrize(
    "name",
    ["LAKE_CATALOG", "OBJECTS_URL", "OBJECTS_KEY_ID", "OBJECTS_SECRET"],
)
def test_a_bucket_that_is_not_described_completely_is_refused(
    bucket: TestBucket,
    home: Path,
    tmp_path: Path,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with monkeypatch.context() as incomplete:
        incomplete.delenv(f"OPENBOOK_{name}")
        refused(reader, "needs OPENBOOK_|its catalog is missing")
        incomplete.setattr(sys, "argv", ["governance", "serve"])
        assert main() == 1
        assert f"needs OPENBOOK_{name}" in (said := capsys.readouterr().err)
        assert "docs/several-machines.md" in said
        incomplete.setenv("OPENBOOK_HOME", str(tmp_path / "new"))
        before = bucket.keys()
        refused(first_start.init, f"needs OPENBOOK_{name}")
        assert bucket.keys() == before
        assert not (tmp_path / "new" / "home.making").exists()


def test_an_interrupted_first_start_is_begun_anew(
    no_home: Path, postgres_url: str, object_server: object_storage.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    object_storage.new_bucket(object_server, monkeypatch)
    monkeypatch.setenv("OPENBOOK_LAKE_CATALOG", postgres_url)
    monkeypatch.setenv("OPENBOOK_LAKE_DATA", "bucket")
    for name in ("lake.storage.making._create_tables", "governance.operations.first_start._write"):
        with monkeypatch.context() as power_cut:
            power_cut.setattr(name, interrupted)
            with pytest.raises(KeyboardInterrupt):
                first_start.init()
    first_start.init()
    with writer() as connection:
        assert put(connection, uuid4(), every_minute(1)).stored == 1


def interrupted(_: object) -> None:
    raise KeyboardInterrupt


def test_another_lake_or_an_older_catalog_is_refused(bucket: TestBucket, home: Path) -> None:
    with writer() as connection:
        put(connection, uuid4(), every_minute(2))
    known = bucket.contents()["lake/identity"]
    for content, words in (
        (known.replace(b'"lake": "', b'"lake": "0')[:-1], "identity file"),
        (b'{"lake": "%s", "snapshot": 1}' % str(uuid4()).encode(), "another home"),
        (known.replace(b'"snapshot": ', b'"snapshot": 9'), "older copy"),
    ):
        bucket.replace("lake/identity", content)
        refused(reader, words)
        refused(lambda: writer().__enter__(), words)
    bucket.server.ask("DELETE", f"{bucket.name}/open/book/lake/identity")
    refused(reader, "its data is missing")


def test_a_home_with_files_elsewhere_is_not_taken_for_this_one(
    bucket: TestBucket, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENBOOK_LAKE_DATA")
    refused(reader, "data is missing")
    (home / "home.json").unlink()
    monkeypatch.setenv("OPENBOOK_LAKE_DATA", "bucket")
    with pytest.raises(HomeUnavailable):
        first_start.init()


def test_a_reader_reaches_nothing_else(bucket: TestBucket, home: Path) -> None:
    bucket.server.ask("PUT", f"{bucket.name}/open/other.parquet", b"theirs")
    person = uuid4()
    with writer() as connection:
        put(connection, person, every_minute(2))
    with closing(reader()) as connection:
        for statement in (
            f"from read_text('s3://{bucket.name}/open/other.parquet')",
            f"from read_text('{bucket.url}/identity')",
            f"from read_text('{bucket.server.url}/{bucket.name}/open/other.parquet')",
            f"from read_text('{Part.DIRECTORY.path}')",
            "set allowed_directories = ['/']",
            "delete from captures",
        ):
            with pytest.raises(duckdb.Error, match=r"(?i)permission|disabled|read-only|locked"):
                connection.execute(statement).fetchall()
        assert count(connection, person) == 2


def test_a_lake_of_before_is_brought_up_to_date(home: Path) -> None:
    person = uuid4()
    with writer() as connection:
        put(connection, person, every_minute(3))
    taken_back()
    refused(reader, "earlier version")
    first_start.require_home()
    with writer() as connection:
        assert count(connection, person) == 3
        assert rollup_differences(connection) == []
        with transaction(connection):
            assert migrations.pending(connection) == ()


@pytest.mark.parametrize("command", ["serve", "work"])
def test_a_bucket_with_versions_is_refused_at_the_start(
    bucket: TestBucket, command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bucket.keep_versions("Suspended")
    monkeypatch.setattr(sys, "argv", ["governance", command])
    assert main() == 1
    assert "keeps earlier versions" in capsys.readouterr().err


def test_calls_are_signed_as_aws_documents() -> None:
    """The example "GET Bucket Lifecycle" of its reference."""
    signed = headers(
        "GET",
        "https://examplebucket.s3.amazonaws.com/",
        {"lifecycle": ""},
        region="us-east-1",
        key_id="AKIAIOSFODNN7EXAMPLE",
        secret="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        now=datetime(2013, 5, 24, tzinfo=UTC),
    )
    assert signed["authorization"].endswith(
        "Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"
    )


def test_the_secret_is_not_shown_with_the_settings(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBOOK_OBJECTS_SECRET", "hidden")
    assert "hidden" not in repr(data_files())
