"""The state of a home copied from where it is to where it is needed, for backups, restores and moves.

state      rows of the governance database and the directory, between files and PostgreSQL
places     the settings that say where that is
elsewhere  a prepared home whose parts are files, put where the settings say: PostgreSQL, a bucket
"""
