"""What the pages of an export call things: the texts for codes, marked for translation.

A code without a text is shown as it is and never raises an error.
"""

from __future__ import annotations

from languages import mark

SIGNALS = {
    "mouse_move": mark("where the mouse pointer was, and when"),
    "mouse_click": mark("what was clicked, and when"),
    "scroll": mark("scrolling"),
    "keystroke": mark("what was typed"),
    "clipboard": mark("what was copied and pasted"),
    "dropdown": mark("choices made in lists"),
    "navigation": mark("pages that were opened"),
    "form_edit": mark("what was entered into forms and cells"),
    "window_focus": mark("which window was in front"),
    "screenshot": mark("pictures of the screen"),
    "message": mark("messages from chat archives"),
    "ticket": mark("entries from ticket archives"),
    "afk": mark("whether someone was at the computer"),
}

EVIDENCE = {
    "proven": (
        mark("Proven"),
        mark("the run that made the model reported what it read for training, and records of yours were in it"),
    ),
    "possible": (mark("Possible"), mark("a run that may have made the model may have read records of yours")),
    "unknown": (mark("Unknown"), mark("there is no record of what the model was trained on")),
}
"""How certain it is that a model was trained on something of the person: a word, and what it means."""

FILES = {
    "index.html": mark("this page; in days and kinds are the pages that it leads to, in pictures your screenshots"),
    "captures.jsonl": mark("every record as stored, without other people's words: one JSON object per line"),
    "captures.csv": mark("the same for a spreadsheet; a cell that could be taken for a formula starts with a '"),
    "captures.parquet": mark("the same for data tools such as pandas and DuckDB"),
    "lineage.jsonl": mark("which of them went into which dataset: one day, kind and application per line"),
    "models.json": mark("which models were trained on those datasets, what is still in them, and what is promised"),
    "violations.json": mark("reported use of your data without permission: jobs, datasets, when"),
    "ingestions.json": mark("when they were stored, and what happened to every record that was read"),
    "refused.json": mark("what was refused before anything of it was stored: application, kind, day and reason"),
    "indirect.json": mark("in which records of others you are mentioned, quoted or assigned: application, day and how"),
    "retention.json": mark("what will be deleted when, what was deleted, and legal holds, including past ones"),
    "requests.json": mark("your requests, decisions and outcomes"),
    "receipts.json": mark("the signed receipts of your requests"),
    "pauses.json": mark("when you paused the recording of your work, and in which hours of the week"),
    "recorders.json": mark("which recorders said that they run for you, and what each last said"),
    "notices.json": mark("what you were told about capture policies, and what you said that you read"),
    "notifications.json": mark("what you were told happened, and how you chose to be told"),
    "views.json": mark("the views of this app that you saved: page, name and selection"),
    "access-log.json": mark("who or what else read your data, when and why"),
    "about.json": mark("purposes, grounds, recipients, rights, and what was not searched"),
    "manifest.json": mark("counts that add up, size and SHA-256 of every file, and a signature that covers all of it"),
    "verifier.py": mark("a program that checks all this; HOW-TO-CHECK.txt explains how to run it"),
}

CATEGORIES = {
    "captures": mark("Records"),
    "dataset_slices": mark("Days of records in datasets"),
    "model_uses": mark("Models and what they were trained on"),
    "ingestions": mark("Batches in which data was stored"),
    "refused": mark("Records that were refused"),
    "indirect": mark("Records of others that concern you"),
    "kept": mark("Records with their last day"),
    "removals": mark("Entries about deleted records"),
    "holds": mark("Legal holds"),
    "violations": mark("Reported runs without permission"),
    "requests": mark("Your requests"),
    "receipts": mark("Receipts"),
    "pauses": mark("Pauses of recording that you set"),
    "recorders": mark("Recorders that said whether they run"),
    "notices_read": mark("Notices that you said you read"),
    "consents": mark("Your consents to capture policies"),
    "notifications": mark("Notifications to you"),
    "notification_choices": mark("Choices of how you are told"),
    "views": mark("Views that you saved"),
    "accesses": mark("Views by others, and reads by Open Book's programs"),
}

KEPT = {
    "retained": mark("kept"),
    "held": mark("on legal hold"),
    "restricted": mark("kept because you asked for it"),
    "expired": mark("due for deletion"),
}

CAUSES = {
    "retention": mark("its time was up"),
    "erasure": mark("you asked for it"),
    "source": mark("edited or deleted where it came from"),
}

REQUESTS = {
    "export": mark("Copy"),
    "erasure": mark("Deletion"),
    "objection": mark("No training"),
    "restriction": mark("Freeze"),
    "rectification": mark("Note"),
    "masking": mark("Masking of your name"),
}

STATES = {
    "received": mark("Received"),
    "verifying": mark("Being checked"),
    "in_progress": mark("In progress"),
    "extended": mark("Extended"),
    "completed": mark("Done"),
    "partially_completed": mark("Partly done"),
    "denied": mark("Denied"),
    "withdrawn": mark("Withdrawn"),
    "failed": mark("Retrying"),
}

ROLES = {
    "privacy_officer": mark("A privacy officer"),
    "manager": mark("A manager"),
    "employee": mark("An employee"),
    "controller": mark("A company that asked on your behalf"),
    "operator": mark("Whoever runs the servers"),
    "letter": mark("You, or whoever else had the code of your letter"),
    "dataset": mark("The program that puts datasets together"),
}
"""Who viewed something, by role."""

READ = {
    "captures": mark("records"),
    "records": mark("records"),
    "requests": mark("requests"),
    "holds": mark("holds"),
    "letters": mark("letters"),
    "note": mark("note"),
    "day of recording": mark("day of recording"),
    "mentions": mark("mentions of you in records of others"),
    "sign-in changes": mark("sign-in changes"),
}
"""What they viewed, as the access log says it."""
