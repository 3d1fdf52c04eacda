"""OpenLineage 2 events as its clients send them: RunEvent, DatasetEvent and JobEvent, distinguished by their fields.

These facets count; all others are dropped unread: on datasets `version`, `datasetType` (MODEL: it is a model),
`lifecycleStateChange`, `ownership`, `symlinks`; on inputs `subset`; on runs `parent` (with its `root`) and its earlier
name `parentRun`; on jobs `ownership`; on jobs and datasets `lineage`. And ours:
`openBook_purpose` on runs, jobs, models and datasets that a run wrote, `openBook_parent` on input models,
`openBook_deployment` on runs. docs/lineage.md lists them all with an example.

What can't be read is left out, and the rest counts (`governance.lineage.openlineage.repairs`).

A subset is stored as its shape (which fields, how many partitions), never with its values: those may be about people.
An owner that may be a person (`user:…`, an e-mail address, a login) is not stored either: the recipient of a model is a
team or vendor.
"""

from governance.lineage.openlineage.messages import EVENTS
from governance.lineage.openlineage.parsing import parse

__all__ = ["EVENTS", "parse"]
