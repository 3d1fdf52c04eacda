"""What pipelines tell: which runs read which dataset versions, and which model versions came out of them.

openlineage   from an OpenLineage event to an `Event`; whatever is not needed is left behind here
mlflow        from a tracking server to the same `Event`s
storing       events on disk, each once: small rows of the governance database, never the body as it was sent
facts         what a run or a model version is, from the set of its events, in whatever order they came
folding       from the events to the lake's lineage tables, and then the violations (`lake.lineage.violations`)

An event is on disk before it is acknowledged. Folding comes after it: at once where nobody else writes to the lake,
otherwise by a worker's round. It reads all events of a run again each time, so it may be repeated and interrupted.
"""
