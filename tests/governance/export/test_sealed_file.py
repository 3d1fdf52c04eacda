"""The sealed file: everything written can be read, and nothing can be read from an altered file."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.export.sealed_file import (
    FRAME_BYTES,
    HEADER_BYTES,
    TAG_BYTES,
    Altered,
    NotASealedFile,
    OtherRequest,
    SealedReader,
    SealedWriter,
    Truncated,
    WrongKey,
)
from lake.storage.objects import at

KEY = bytes(range(32))
REQUEST = UUID("7d1b1f0e-3c39-4c0c-9d2f-5a4a3f1f6f00")
SEALED_FRAME = FRAME_BYTES + TAG_BYTES

around_frame_edges = st.one_of(
    st.integers(0, 3),
    st.integers(FRAME_BYTES - 2, FRAME_BYTES + 2),
    st.integers(2 * FRAME_BYTES - 2, 2 * FRAME_BYTES + 2),
    st.integers(0, 3 * FRAME_BYTES),
)


def seal(path: Path, plain: bytes, piece: int = 10_007) -> Path:
    with SealedWriter(at(path).draft(), KEY, REQUEST) as writer:
        for start in range(0, len(plain), piece):
            writer.write(plain[start : start + piece])
    return path


class DiskFull(Exception):
    pass


def write_half(path: Path) -> None:
    with SealedWriter(at(path).draft(), KEY, REQUEST) as writer:
        writer.write(b"half")
        raise DiskFull


def unseal(path: Path, key: bytes = KEY, request: UUID = REQUEST) -> bytes:
    with SealedReader(at(path).open(), key, request) as reader:
        return b"".join(reader.read())


@pytest.fixture
def three_frames(tmp_path: Path) -> Path:
    """Two full frames and one of 100 bytes."""
    return seal(tmp_path / "export.sealed", os.urandom(2 * FRAME_BYTES + 100))


@given(size=around_frame_edges, piece=st.integers(1_000, 2 * FRAME_BYTES))
def test_what_is_sealed_opens_again(size: int, piece: int) -> None:
    plain = os.urandom(size)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "export.sealed"
        with SealedWriter(at(path).draft(), KEY, REQUEST) as writer:
            for start in range(0, size, piece):
                writer.write(plain[start : start + piece])
        assert (writer.size, writer.sha256) == (size, hashlib.sha256(plain).hexdigest())
        assert unseal(path) == plain


@given(data=st.data(), size=around_frame_edges)
def test_any_range_is_read_alone(data: st.DataObject, size: int) -> None:
    plain = os.urandom(size)
    start = data.draw(st.integers(0, size))
    stop = data.draw(st.integers(start, size))
    with TemporaryDirectory() as folder:
        path = seal(Path(folder) / "export.sealed", plain)
        with SealedReader(at(path).open(), KEY, REQUEST) as reader:
            assert reader.size == size
            assert b"".join(reader.read(start, stop)) == plain[start:stop]


def test_a_range_outside_the_file_is_refused(three_frames: Path) -> None:
    with (
        SealedReader(at(three_frames).open(), KEY, REQUEST) as reader,
        pytest.raises(ValueError, match="not within the file"),
    ):
        list(reader.read(0, reader.size + 1))


@pytest.mark.parametrize("missing", [1, 15, 16, 100, 116])
def test_a_cut_off_last_frame_is_refused_before_the_first_byte(three_frames: Path, missing: int) -> None:
    os.truncate(three_frames, three_frames.stat().st_size - missing)
    with pytest.raises((Truncated, Altered)):
        SealedReader(at(three_frames).open(), KEY, REQUEST)


@pytest.mark.parametrize("frames", [0, 1, 2])
def test_missing_last_frames_are_reported_as_truncation(three_frames: Path, frames: int) -> None:
    os.truncate(three_frames, HEADER_BYTES + frames * SEALED_FRAME)
    with pytest.raises(Truncated, match="end of this export is missing"):
        SealedReader(at(three_frames).open(), KEY, REQUEST)


@pytest.mark.parametrize("frame", [0, 1, 2])
@pytest.mark.parametrize("offset", [0, 50, 99])
def test_one_flipped_bit_is_refused(three_frames: Path, frame: int, offset: int) -> None:
    sealed = bytearray(three_frames.read_bytes())
    sealed[HEADER_BYTES + frame * SEALED_FRAME + offset] ^= 0x04
    three_frames.write_bytes(sealed)
    with pytest.raises(Altered, match=f"Part {frame + 1} of 3"):
        unseal(three_frames)


def test_swapped_frames_are_refused(three_frames: Path) -> None:
    sealed = three_frames.read_bytes()
    first, second = HEADER_BYTES + SEALED_FRAME, HEADER_BYTES + 2 * SEALED_FRAME
    swapped = sealed[first:second] + sealed[HEADER_BYTES:first]
    three_frames.write_bytes(sealed[:HEADER_BYTES] + swapped + sealed[second:])
    with pytest.raises(Altered, match="Part 1 of 3"):
        unseal(three_frames)


def test_a_dropped_frame_in_the_middle_is_refused(three_frames: Path) -> None:
    sealed = three_frames.read_bytes()
    three_frames.write_bytes(sealed[:HEADER_BYTES] + sealed[HEADER_BYTES + SEALED_FRAME :])
    with pytest.raises(Altered):
        unseal(three_frames)


def test_bytes_after_the_end_are_refused(three_frames: Path) -> None:
    with three_frames.open("ab") as file:
        file.write(os.urandom(SEALED_FRAME))
    with pytest.raises(Altered):
        unseal(three_frames)


def test_another_subjects_key_is_refused(three_frames: Path) -> None:
    with pytest.raises(WrongKey, match="key of its owner"):
        unseal(three_frames, key=bytes(32))


def test_an_altered_salt_is_refused(three_frames: Path) -> None:
    sealed = bytearray(three_frames.read_bytes())
    sealed[40] ^= 1
    three_frames.write_bytes(sealed)
    with pytest.raises(WrongKey):
        unseal(three_frames)


def test_the_file_of_another_request_is_refused(three_frames: Path) -> None:
    with pytest.raises(OtherRequest, match="another request"):
        unseal(three_frames, request=uuid4())


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"x" * 1000])
def test_another_kind_of_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "export.sealed"
    path.write_bytes(content)
    with pytest.raises(NotASealedFile, match="not a sealed export"):
        unseal(path)


def test_a_later_version_is_refused_by_its_number(three_frames: Path) -> None:
    sealed = bytearray(three_frames.read_bytes())
    sealed[8:10] = (9).to_bytes(2, "big")
    three_frames.write_bytes(sealed)
    with pytest.raises(NotASealedFile, match="version 9"):
        unseal(three_frames)


def test_the_same_plain_text_is_never_sealed_alike(tmp_path: Path) -> None:
    one, other = (seal(tmp_path / name, b"same").read_bytes() for name in ("one", "other"))
    assert one[HEADER_BYTES:] != other[HEADER_BYTES:]


def test_only_sealed_bytes_reach_the_disk(tmp_path: Path) -> None:
    marker = b"the very words of a person"
    with SealedWriter(at(tmp_path / "export.sealed").draft(), KEY, REQUEST) as writer:
        writer.write(marker * 10_000)
        (draft,) = tmp_path.iterdir()
        assert draft.suffix == ".draft"
        assert stat.S_IMODE(draft.stat().st_mode) == 0o600
        assert marker not in draft.read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["export.sealed"]
    assert marker not in (tmp_path / "export.sealed").read_bytes()


def test_an_error_while_writing_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(DiskFull):
        write_half(tmp_path / "export.sealed")
    assert list(tmp_path.iterdir()) == []


def test_an_error_while_writing_keeps_the_earlier_file(tmp_path: Path) -> None:
    path = seal(tmp_path / "export.sealed", b"earlier")
    with pytest.raises(DiskFull):
        write_half(path)
    assert unseal(path) == b"earlier"


def test_drafts_of_a_killed_writer_are_discarded_and_nothing_else(tmp_path: Path) -> None:
    path, other = tmp_path / "one.sealed", tmp_path / "other.sealed"
    killed = SealedWriter(at(path).draft(), KEY, REQUEST)
    alive = SealedWriter(at(other).draft(), KEY, REQUEST)
    at(path).delete()
    assert len(list(tmp_path.iterdir())) == 1
    alive.close()
    killed.discard()
    assert [file.name for file in tmp_path.iterdir()] == ["other.sealed"]
