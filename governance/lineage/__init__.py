"""What pipelines report: which runs read which dataset versions, and which model versions they produced.

openlineage   from an OpenLineage event to an `Event`; unneeded fields are dropped here
mlflow        from a tracking server to the same `Event`s
storing       stores each event once: small rows of the governance database, never the body as sent
facts         what a run or a model version is, from the set of its events, in any order
folding       from the events to the lake's lineage tables, and then the violations (`lake.lineage.violations`)

An event is on disk before it is acknowledged. Folding follows: at once if no one else is writing to the lake, otherwise
in a worker's round. It reads all events of a run again each time, so it may be repeated and interrupted.
"""
