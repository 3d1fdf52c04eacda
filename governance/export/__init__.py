"""The export of everything held about one person: a ZIP, sealed at rest, written and read as a stream.

    export = write_export(own, request_id, file, scope=…, filed=…)    # ExportFile(size, sha256, counts)
    with open_export(file, subject_key, request_id) as reader:           # SealedReader
        reader.size; for chunk in reader.read(): …

`docs/export.md` describes its contents.
"""

from governance.export.counts import ExportDoesNotAddUp
from governance.export.records import Filed
from governance.export.sealed_file import KEPT, SealedFileError, SealedReader
from governance.export.write import ExportFile, open_export, write_export

__all__ = [
    "KEPT",
    "ExportDoesNotAddUp",
    "ExportFile",
    "Filed",
    "SealedFileError",
    "SealedReader",
    "open_export",
    "write_export",
]
