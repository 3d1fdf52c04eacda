"""What the statements of screens, exports and receipts don't cover: each limit with one wording."""

from __future__ import annotations

from languages import mark

REGISTER = mark(
    "This covers what is in this register. If something was captured about you and never put into it, it can't be "
    "seen here: that there is nothing of the kind rests on your employer's word."
)
TECHNICAL_ACCESS = mark(
    "Open Book shows the content of your records only to you, to companies that you asked to fetch an export for you, "
    "and, without your name, to programs that train on a dataset. Whoever runs its servers and has their keys can "
    "technically read it."
)
MASKING = mark(
    "Masked parts are not in this register. The program that recorded your work, or the files that it wrote, may still "
    "have them."
)
DELETION = mark(
    "Deleted records can't be brought back from here once the backups of this register are past their time. Copies "
    "elsewhere are not covered, for example those that a training program made."
)
VIOLATIONS = mark(
    "Violations are found by comparing what training tools reported with what people had withdrawn and what datasets "
    "are declared for. Use that no tool reported is not found. Files that Open Book hands out leave out what was "
    "withdrawn before; whether a run read such a file or another copy is not known."
)
BEFORE_OBJECTION = mark(
    "A model that was trained before you objected, or before you had data deleted, is not a violation: it keeps what "
    "it learned, and datasets that are made from then on leave those records out."
)

EVERY = (REGISTER, TECHNICAL_ACCESS, MASKING, DELETION, VIOLATIONS, BEFORE_OBJECTION)
