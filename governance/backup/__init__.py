"""Backups in two parts, and a journal of what must never come back.

    PLACE/data/…             the lake's data files, encrypted one by one and never changed: shared by all backups
    PLACE/keys/NAME/…        the key part of one backup: the catalog with the files' keys, the directory with the
                             content keys, the governance state, and a manifest with the hash of every file
    PLACE/journal/…          tombstones, holds, objections, restrictions, pauses, consents, fingerprints of content
                             keys, and the newest governance state: updated continuously, so it survives the loss of
                             the machine

Data files are unreadable without a key part that has their keys. Key parts are therefore few and short-lived
(`OPENBOOK_BACKUP_KEY_PARTS`, `OPENBOOK_BACKUP_KEY_DAYS`), and an erasure is final in all backups once the older key
parts are destroyed. A restore repeats every erasure recorded in the journal or in the replaced home, and verifies it,
before anything can be read.

`places` are where they are: a folder, or a prefix of a bucket. `making` creates a backup (`data_part` its data),
`journal` keeps what must outlive the machine, `restoring` restores (with `replaying` for erasures), `state` knows the
backups that exist and what a request says about them.
"""
