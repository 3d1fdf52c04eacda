"""Sentences that are stored with their values, in English, and translated where they are shown (`languages.saying`).

Each is as it is written elsewhere; `tests/governance/api/test_answers_in_languages.py` finds those that aren't here.
"""

from __future__ import annotations

from languages.saying import kept, kept_n

COUNTED = (
    kept_n("{n} record", "{n} records"),
    kept("{day}, {time} UTC"),
)
HISTORY = (
    kept("Erased: {records}."),
    kept("Erased: {records}. Withheld by a legal hold: {n}."),
    kept("Your export is ready. The file is kept until {time}."),
    kept("The file was deleted after {n} days."),
    kept("The deadline is now {day}; it was {first}."),
    kept("{company} withdrew this request."),
    kept("{company} fetched this export."),
    kept("{company} signed this and vouches that it is your wish."),
    kept(
        "A privacy officer asked to read your note, because {why}. That takes a second privacy officer, who hasn't "
        "approved it yet."
    ),
    kept(
        "A second privacy officer approved it, because {why}. Both can read your note until {time}. Each view is "
        "listed under Who looked."
    ),
)
FAILURES = (
    kept("A search after the erasure still found {records}."),
    kept("Something went wrong on our side (reference {reference})."),
)
STAYS = (
    kept("{day} for this one"),
    kept("{n} hours after they were used"),
    kept("{n} minutes after the work ended"),
    kept("{n} days after each was last heard of"),
    kept("{n} days after each"),
)
BACKUPS = (
    kept(
        "A backup from before, in a place that Open Book does not manage, can bring this back until its keys are "
        "destroyed there."
    ),
    kept(
        "{n} backups from before, in a place that Open Book does not manage, can bring this back until its keys are "
        "destroyed there."
    ),
    kept("A restore erases it again before anything can be read."),
    kept("Earlier backups contain this, encrypted."),
    kept("A restore before then erases it again before anything can be read."),
    kept(
        "Their keys are destroyed by the end of {day} (UTC); after that it can't be read from them, unless somebody "
        "copied the keys."
    ),
)
DIFFERENCES = (
    kept("{records} more than previewed: added since the request was filed."),
    kept("{records} fewer than previewed: deleted since, by retention or by another request."),
    kept("{records} more than previewed: added between filing and the erasure."),
    kept("{records} fewer than previewed: already deleted before the erasure, by retention or by another request."),
    kept("{records} more withheld than previewed: a hold was placed since, or the records are newer."),
    kept("{records} fewer withheld than previewed: a hold was lifted, or they were already gone."),
    kept("{model}: {state}; the preview said: {before}."),
    kept("And {n} more models or datasets have another state than previewed."),
    kept("Not in the preview: {names}. They were made or reported since."),
    kept("Only in the preview: {names}. What was reported about them changed since."),
)
ATTACKS = (
    kept("We viewed every page {n} times and averaged."),
    kept("Of {people} people, {identified} were identified."),
    kept("The smallest group that can be computed has {n} people."),
    kept("Of {releases} releases, {changed} changed in anything else."),
    kept("One person changed a release by rho {rho} at most; {paid} is paid for."),
    kept("A guess was right in {share} of cases; without any release, in half of them."),
    kept(
        "In {trials} trials of each, the guess was the one {right} times when it was, and {wrong} times when it was "
        "the other."
    ),
    kept("So epsilon is at least {found} with 95 % confidence; we claim {claimed}."),
)
"""By `lake.attacks.running`."""
VALIDATION = (
    kept("Field required"),
    kept("Extra inputs are not permitted"),
    kept("Input should be greater than or equal to {n}"),
    kept("Input should be less than or equal to {n}"),
    kept("String should have at most {n} characters"),
    kept("String should have at least {n} character"),
    kept("Input should be {choices}"),
)
"""By Pydantic, of what a caller sent."""
RECEIPTS = (
    kept("You can have this reviewed: contact {contact}. You can also complain to {authority}. {terms}"),
    kept("This receipt is kept until {day}, because it shows what was done, and {duty}."),
    kept(
        "Then its words, its signature and the random number that ties it to the ledger are destroyed. Save a copy if "
        "you want to keep it longer."
    ),
    kept("your employer has to be able to show it (GDPR 5(2))"),
    kept("That no copy exists outside the stores that the statement lists: no signature can show that."),
    kept(
        "That what was learned from the data was forgotten: weights of a model that was not retrained still contain it."
    ),
    kept("That the statement is true: a signature shows only who says it."),
    kept("The times: they come from your employer's clocks."),
)
"""By `governance.receipts.statement`, `law` and `verifier`."""
