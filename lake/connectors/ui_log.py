"""The connector `ui-log`: a CSV log of one person's work in applications and web forms (RPM action loggers).

Columns: `timeStamp, userID, targetApp, eventType, url, content, target.*`. Rows without `userID` belong to the
recorder of the other rows; a log of several recorders is refused, because it can't be one person's. A time
without a zone is taken as UTC. Names, value and visible text of the target are kept, never its HTML.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from directory.sealing import Content
from lake.connectors.csv_rows import rows
from lake.connectors.lines import opened
from lake.connectors.records import (
    InvalidRecord,
    InvalidSource,
    Quarantined,
    Record,
    content_of,
    identity,
    moment,
)

REQUIRED = ("timeStamp", "targetApp", "eventType")
SIGNAL_OF = {
    **dict.fromkeys(("copy", "cut", "paste"), "clipboard"),
    **dict.fromkeys(("editField", "editCell", "editRange", "form_submit"), "form_edit"),
    **dict.fromkeys(("selectOption", "selectOptions", "selected_option", "selectField", "changeOption"), "dropdown"),
    **dict.fromkeys(
        (
            "navigate_to", "createNewTab", "selectTab", "closeTab", "reload", "openWindow", "closeWindow",
            "openWorkbook", "closeWorkbook", "selectWorksheet", "addWorksheet", "getCell", "getRange",
        ),
        "navigation",
    ),
}  # fmt: skip
CLICK = "click"
"""Every event type with this prefix is a click: clickButton, clickLink, clickTextField, …"""

TEXT_COLUMNS = ("content", "target.value", "target.option")
ELEMENT_COLUMNS = (
    "target.workbookName", "target.sheetName", "target.innerText", "target.name", "target.id", "target.tagName",
    "target.type", "target.href",
)  # fmt: skip


class UiLog:
    """Reads one CSV log."""

    name = "ui-log"
    version = 1

    def read(self, location: str) -> Iterator[Record | Quarantined]:
        """Every row of the log. Raises InvalidSource."""
        path = Path(location)
        with opened(path, "CSV log") as file:
            table = rows(file)
            header = next(table, None)
            if not isinstance(header, tuple) or not set(REQUIRED) <= set(header[1]):
                raise InvalidSource(
                    f"{path} is not a UI log: its first line must be a CSV header with {', '.join(REQUIRED)}."
                    " Nothing was changed. Check the format name and the file."
                )
            names = header[1]
            recorder = session = ""
            for row in table:
                if isinstance(row, Quarantined):
                    yield row
                    continue
                line, fields = row
                values = {name: value for name, value in zip(names, fields, strict=True) if value}
                user = values.get("userID", recorder)
                if recorder and user != recorder:
                    raise InvalidSource(
                        f"{path} contains rows of more than one recorder (userID, line {line}), so it can't be"
                        " ingested for one person. Nothing was changed. Split it by userID first."
                    )
                recorder = user
                try:
                    session = session or moment(values.get("timeStamp")).isoformat()
                    yield self._record(line, values, session)
                except InvalidRecord as error:
                    yield Quarantined(line, str(error))

    def _record(self, line: int, values: dict[str, str], session: str) -> Record:
        captured_at = moment(values.get("timeStamp"))
        event = values.get("eventType", "")
        signal = "mouse_click" if event.startswith(CLICK) else SIGNAL_OF.get(event)
        if signal is None:
            raise InvalidRecord("unknown event type")
        application = values.get("targetApp")
        if not application:
            raise InvalidRecord("no application is named")
        return Record(
            line=line,
            captured_at=captured_at,
            signal=signal,
            application=application,
            session=session,
            identity=identity("ui-log", captured_at, values),
            content=_content(event, values),
            field=" ".join(values.get(f"target.{part}", "") for part in ("type", "name", "id", "title")),
        )


def _content(event: str, values: dict[str, str]) -> Content:
    texts = dict.fromkeys(values[column] for column in TEXT_COLUMNS if column in values)
    element = dict.fromkeys(" ".join(values[column].split()) for column in ELEMENT_COLUMNS if column in values)
    if "target.checked" in values:
        texts[f"checked: {values['target.checked']}"] = None
    return content_of(
        action=event,
        text="\n".join(texts),
        element=" · ".join(element),
        title=values.get("target.title"),
        url=values.get("url"),
    )
