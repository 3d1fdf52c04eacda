"""Continuous intake: records of many people from the employer's recorders (`POST /v1/captures`; docs/intake.md).

    records    one line of a body: the record that it is, or why it can't be used
    columns    a body in Parquet or Arrow: a line for each row, as `unpacking` writes it
    landing    the files in which accepted records wait, sealed under the key of each person
    taking     a body as it arrives: each line is checked, and its person looked up, before anything is on disk
    batches    what became of each body: counts, no person and no content
    lanes      which worker stores of whom
    storing    a worker stores what waits, many bodies in one transaction, each record once
    clearing   what an erasure does about records that wait

A body is acknowledged when its landing file and its batch are on disk. A worker stores it in the lake, notes what
became of it, and deletes the file, in this order: each step can be repeated. A capture's id is a keyed hash of its
record, so a repeated record isn't stored again; and what the lake has of a body is stored under ids that are derived
from the body's, so its counts are found again after a crash.

Nothing is kept of people who aren't in the directory, who have left, or whose `sub` is in question: their records are
counted and dropped as they arrive.
"""
