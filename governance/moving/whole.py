"""`python -m governance move` moves a home that is in files, with its lake, to where the settings say: a backup of the
files is made, and restored there in place of the home.

If it is killed, it is run again: the backup that was made is restored. Before the switch the home is unchanged.
"""

from __future__ import annotations

from governance.backup import making, restoring
from governance.backup.homes import note_path, require_room
from governance.backup.places.place import Place
from governance.backup.restoring import Restore
from governance.copies import elsewhere
from governance.copies.errors import NotMoved
from governance.copies.places import at, given
from governance.intake import batches
from lake.storage.verifying import Report
from settings import settings


def move(place: Place, report: Report) -> Restore:
    """Raises NotMoved, BackupError, HomeUnavailable, PartUnavailable, OSError: then the home is unchanged."""
    home = settings().home
    if not given():
        raise NotMoved("The settings don't say that a part is elsewhere (docs/operations.md). Nothing was changed.")
    if not note_path(home).exists():
        elsewhere.require_empty()
        with at(home):
            require_room(home, 0, replace=True)
            if batches.oldest_waiting() is not None:
                raise NotMoved(
                    "Records that recorders sent wait to be stored, and a backup doesn't have them. Let a worker store"
                    " them first, with the settings of before. Nothing was changed."
                )
            making.make(place, report)
    return restoring.restore(place, replace=True, report=report)
