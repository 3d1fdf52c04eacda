"""Damages parts of a home, as disks and people do."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import queries.connection
from directory import Employee
from lake.storage.connection import data_folder, reader


def file_of(employee: Employee, table: str = "captures") -> Path:
    """The newest data file with rows of a person, in a lake where each person has separate files."""
    with closing(reader()) as connection:
        [(path,)] = connection.execute(
            f"""
            select f.path from __ducklake_metadata_lake.ducklake_data_file f
            join __ducklake_metadata_lake.ducklake_table t using (table_id)
            join __ducklake_metadata_lake.ducklake_file_column_stats s using (data_file_id)
            where t.table_name = '{table}' and f.end_snapshot is null and s.min_value = $subject
              and s.max_value = $subject
            order by f.data_file_id desc limit 1
            """,
            {"subject": str(employee.subject)},
        ).fetchall()
    return data_folder() / "main" / table / str(path)


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flipped(path: Path) -> None:
    """Flip one bit in the middle."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def missing(path: Path) -> None:
    path.unlink()


def empty(path: Path) -> None:
    path.write_bytes(b"")


def garbage(path: Path) -> None:
    """Overwrite it at the same size; a write-ahead log beside it is deleted, too."""
    let_go()
    for beside in (path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        beside.unlink(missing_ok=True)
    path.write_bytes(b"x" * path.stat().st_size)


def let_go() -> None:
    queries.connection.close()


FILE_DAMAGES: dict[str, Callable[[Path], None]] = {
    "truncated": truncated,
    "flipped": flipped,
    "missing": missing,
    "empty": empty,
}
