"""Where the state of Open Book is: SQLite files in the home, or, with `OPENBOOK_DATABASE_URL`, one PostgreSQL database.

    part                     without the setting                in PostgreSQL
    governance               governance/governance.sqlite       schema `governance`
    directory                directory/directory.sqlite         schema `directory`
    queue of the workers     governance/work.sqlite             schema `dbos`
    locks between processes  lock files                         advisory locks of sessions

What differs between the two is here, in `governance.db.database` and in `directory.models`; everything else uses
SQLAlchemy and doesn't know which it is.
"""
