"""The connector `ui-log`: a CSV log of one person's work in applications and web forms (RPM action loggers).

Columns: `timeStamp, userID, targetApp, eventType, url, content, target.*`, or what other loggers call them. Rows
without `userID` belong to the recorder of the other rows; a log of several recorders is refused, as it can't be one
person's. A time without a zone is taken as UTC. Names, value and visible text of the target are kept, never its HTML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from directory.sealing import Content
from lake.connectors.csv_rows import rows, valued
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
BY_PART = (
    (re.compile(r"click|contextmenu|\btap", re.IGNORECASE), "mouse_click"),
    (re.compile(r"^(?:copy|cut|paste|clipboard)", re.IGNORECASE), "clipboard"),
    (
        re.compile(r"^(?:press|release)|key(?:down|up|press|stroke|board)|^\w+Key$|hotkey|shortcut", re.IGNORECASE),
        "keystroke",
    ),
    (re.compile(r"select\w*(?:option|item|value)|combobox|dropdown|listbox", re.IGNORECASE), "dropdown"),
    (
        re.compile(r"edit|input|typed|^type|fill|changefield|submit|checkbox|radiobutton|insert|delete|format|change"
                   r"|selecttext|formula", re.IGNORECASE),
        "form_edit",
    ),
    (re.compile(r"^(?:undo|redo)$|highlight|annotat|comment", re.IGNORECASE), "form_edit"),
    (re.compile(r"scroll|wheel", re.IGNORECASE), "scroll"),
    (re.compile(r"mousemove|hover|drag|drop", re.IGNORECASE), "mouse_move"),
    (
        re.compile(r"navigat|tab|window|worksheet|workbook|sheet|open|close|create|new|reload|refresh|get|select|filter|sort"
                   r"|focus|blur|launch|search|save|print|zoom|download|upload|activate|start|stop|program|file|folder|page|link|slide|document"
                   r"|presentation|move|rename|resize|login|logout|switch|back|forward|install|view", re.IGNORECASE),
        "navigation",
    ),
)  # fmt: skip
"""Signals of further event types, of this and other loggers (SmartRPA), by part of their name; the first that fits."""
EVENT_TYPE = re.compile(r"[a-z]{2,20}(?:[A-Z][a-z]{1,20}|_[a-z]{2,20}){1,4}")
"""What may be named in a summary: hardly a word that somebody typed, which a shifted row would have in this place."""

COLUMNS = {
    "timestamp": "timeStamp", "time:timestamp": "timeStamp", "user": "userID", "userid": "userID",
    "org:resource": "userID",
    "application": "targetApp", "app": "targetApp", "targetapp": "targetApp", "event_type": "eventType",
    "eventtype": "eventType", "concept:name": "eventType", "browser_url": "url", "clipboard_content": "content",
    "cell_content": "target.value", "workbook": "target.workbookName", "current_worksheet": "target.sheetName",
    "cell_range": "target.id", "tag_name": "target.name", "tag_type": "target.type", "tag_value": "target.value",
    "tag_title": "target.title", "tag_href": "target.href", "tag_innertext": "target.innerText",
    "tag_option": "target.option", "tag_checked": "target.checked", "id": "target.id", "title": "target.title",
    "event_src_path": "target.href", "hotkey": "content",
}  # fmt: skip
"""What other loggers call a column, in small letters."""

FIELD_COLUMNS = (
    "target.type", "target.name", "target.id", "target.title", "target.autocomplete", "target.placeholder",
    "target.aria-label", "target.label", "target.class",
)  # fmt: skip
"""What is known about the field that a value went into; read by the safeguards, not kept."""
TEXT_COLUMNS = ("content", "target.value", "target.option")
ELEMENT_COLUMNS = (
    "target.workbookName", "target.sheetName", "target.innerText", "target.name", "target.id", "target.tagName",
    "target.type", "target.href",
)  # fmt: skip


class UiLog:
    """Reads one CSV log."""

    name = "ui-log"
    version = 2
    copies = False

    def read(self, location: str) -> Iterator[Record | Quarantined]:
        """Every row of the log. Raises InvalidSource."""
        path = Path(location)
        with opened(path, "CSV log") as file:
            table = rows(file, ",;")
            header = next(table, None)
            if not isinstance(header, tuple) or not set(REQUIRED) <= set(_names(header[1])):
                raise InvalidSource(
                    f"{path} is not a UI log: its first line must be a CSV header with {', '.join(REQUIRED)}."
                    " Nothing was changed. Check the format name and the file."
                )
            names = _names(header[1])
            recorder = session = ""
            for row in valued(table, names):
                if isinstance(row, Quarantined):
                    yield row
                    continue
                line, values = row
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
        signal = _signal_of(event)
        if signal is None:
            raise InvalidRecord(f"unknown event type {event}" if EVENT_TYPE.fullmatch(event) else "unknown event type")
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
            content=_content(event, values, signal),
            field=" ".join([values.get(column, "") for column in FIELD_COLUMNS]),
        )


def _names(header: list[str]) -> list[str]:
    """The columns by our names; those that have them already stay."""
    return [name if name in header and "." in name else COLUMNS.get(name.strip().casefold(), name) for name in header]


@lru_cache(maxsize=1000)
def _signal_of(event: str) -> str | None:
    return SIGNAL_OF.get(event) or next((signal for part, signal in BY_PART if part.search(event)), None)


def _content(event: str, values: dict[str, str], signal: str) -> Content:
    if signal == "keystroke":
        return content_of(
            action=event, key=values.get("content"), title=values.get("target.title"), url=values.get("url")
        )
    texts = dict.fromkeys([values[column] for column in TEXT_COLUMNS if column in values])
    element = dict.fromkeys([" ".join(values[column].split()) for column in ELEMENT_COLUMNS if column in values])
    if "target.checked" in values:
        texts[f"checked: {values['target.checked']}"] = None
    return content_of(
        action=event,
        text="\n".join(texts),
        element=" · ".join(element),
        title=values.get("target.title"),
        url=values.get("url"),
    )
