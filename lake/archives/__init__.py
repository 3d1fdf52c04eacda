"""Archives of many people: one module per format, all with the interface of `lake.archives.items.Archive`."""

from lake.archives.items import Archive
from lake.archives.jira import Jira
from lake.archives.slack import Slack
from lake.archives.xes import Xes

ARCHIVES: dict[str, Archive] = {archive.name: archive for archive in (Jira(), Slack(), Xes())}

__all__ = ["ARCHIVES", "Archive"]
