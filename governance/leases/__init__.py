"""Leases: the records of a dataset version as Parquet files that any engine can read, for some hours.

A program asks for one (`asking`), and a worker writes the files (`writing`), as the training export gives records:
without identities, and without what may not be given. They are readable, for everybody who can read the place
(`lake.storage.objects`, the area TRAINING), so nothing else is kept this way, and not for long. A lease ends, and its
files are deleted,

    at its time: at most OPENBOOK_TRAINING_LEASE_HOURS later, and within an officer's approval where one is needed
    as soon as it has a record that may no longer be given: an erasure and an objection go on only when it is gone
    when its program or a privacy officer ends it

Records whose last day is before the end of the lease are not in it. The files are in no backup. Copies that the program
makes of them are its own.
"""
