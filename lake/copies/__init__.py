"""The lake as files of one machine, wherever the settings say that it is: for backups, and for what a restore brings.

catalogs   the catalog as one SQLite file, copied from PostgreSQL or into it
files      data files and pictures, named by their path below the data folder, as in a backup
"""
