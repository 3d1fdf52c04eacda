"""Where the sealed sessions of the dashboard are kept, by their references (`PERSON.NUMBER`).

    state in files         `$OPENBOOK_HOME/dashboard/sessions`, for the dashboards of one machine
    state in PostgreSQL    `directory.dashboard_session`, for those of any machine

Neither is in a backup.
"""

from __future__ import annotations

from databases import postgresql
from directory.web_sessions import in_database, in_files
from directory.web_sessions.kind import Store


def store() -> Store:
    return in_database.InDatabase() if postgresql.is_used() else in_files.InFiles()


__all__ = ["Store", "store"]
