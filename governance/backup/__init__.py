"""Backups in two parts, and a journal of what must never come back.

    FOLDER/data/…            the lake's data files, encrypted one by one and never changed: shared by all backups
    FOLDER/keys/NAME/…       the key part of one backup: the catalog with the files' keys, the directory with the
                             content keys, the governance state, and a manifest with the hash of every file
    FOLDER/journal/…         tombstones, holds, objections, restrictions, fingerprints of content keys, and the
                             newest governance state: kept up all the time, so that it outlives the machine

Data files without the key part from the same time or before are noise. So key parts are few and short-lived
(`OPENBOOK_BACKUP_KEY_PARTS`, `OPENBOOK_BACKUP_KEY_DAYS`), and an erasure is final in all backups once the key
parts from before it are destroyed. A restore carries out every erasure that the journal, or the home that is
replaced, knows of, and looks again, before anything can be read.

`folder` is the layout, `making` a backup, `journal` what must outlive the machine, `restoring` the way back
(`replaying` what was erased), `state` the backups that were made and what a request says of them.
"""
