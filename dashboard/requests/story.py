"""The sentences on a request's card, as Markdown: pure functions of the request.

The answer comes first (`answer`); the rest appears only if there is something to say. Text from elsewhere
(a reason, a model's name, a processor's address) goes through `inert`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import clock
from api_client.models import ExportInfo, OfficerRequest, Request
from dashboard.language import current, t, tn
from dashboard.moments import Zone, day_words, days_away, moment_words
from dashboard.requests.wording import (
    KINDS,
    MODEL_ORDER,
    MODEL_STATES,
    PROCESSOR_STATES,
    because,
    deadline_of,
)
from dashboard.text import inert
from dashboard.wording import LEARNED_STAYS
from lake.rules.scope import Scope
from languages import mark
from law.reasons import appeal
from law.regimes import regime

Outcome = Mapping[str, Any]

DOUBTS = (mark("If it was:"), mark("If any of it was passed on:"))
"""How the API begins what follows from something that isn't known."""
_SENTENCE = re.compile(r"(?<=[.])(?<!\b\d[.])(?<!\b\d\d[.]) (?=[A-ZÀÉ])")  # not in the German "5. Mai"

WAITS_FOR_A_DECISION = mark("A privacy officer has to review it first.")


def answer(request: Request, zone: Zone) -> str:
    """The first sentence of a card: the request's status and outcome."""
    if request.state == "withdrawn":
        return t("You ended this. It is no longer in force.") if _has_ended_a_rule(request) else t("You withdrew this.")
    if request.state == "denied":
        return t("**This was denied.**")
    if request.ended:
        return _outcome(request)
    return deadline(request, zone)


def deadline(request: Request, zone: Zone) -> str:
    """The deadline of an open request, and how many days are left."""
    day = due_words(request, zone)
    why = f"{days_away(request.due_on, request.zone)}; {deadline_of(request.regime, extended=request.extended)}"
    if request.due_at < clock.now():
        late = t("**We are late.** We had to answer by **{day}** ({why}).", day=day, why=why)
        return f"{late} {_complain(request)}"
    return t("We must answer by **{day}** ({why}).", day=day, why=why)


def _complain(request: Request) -> str:
    return t("You can complain to {authority}.", authority=t(regime(request.regime).regulator))


def due_words(request: Request | OfficerRequest, zone: Zone) -> str:
    """The last day for the answer; with the time zone that it is counted in, if the reader's is another."""
    day = day_words(request.due_on)
    return day if request.zone == zone.info.key else t("{day}, {zone} time", day=day, zone=request.zone)


def extension(request: Request) -> str | None:
    """Why the deadline was moved, or from when; None if it wasn't."""
    if not request.extended or request.ended:
        return None
    note = next((step.note for step in request.history if step.state == "extended"), None)
    return inert(note, 400) if note else t("The deadline was moved from {day}.", day=request.first_due_on)


def awaits_decision(request: Request) -> bool:
    """Whether a privacy officer still has to decide; moving the deadline decides nothing."""
    decided = request.decision is not None and request.decision.decision != "extend"
    return request.state == "verifying" and not decided


def denial(request: Request) -> tuple[str, str] | None:
    """Why it was denied, and how to appeal; None if it wasn't."""
    decision = request.decision
    if request.state != "denied":
        return None
    if decision is None:
        return t("No reason was recorded."), _complain(request)
    return inert(t(decision.words), 400), inert(appeal(request.regime, t), 600)


def withheld(outcome: Outcome) -> list[str]:
    """Each set that was kept: how many, why, under which case, and when that is reviewed."""
    said = []
    for part in outcome.get("withheld_by") or []:
        why = because(str(part.get("reason") or ""), str(part.get("exception") or ""))
        words = [
            tn(
                "**{n} record stayed**, because {why}.",
                "**{n} records stayed**, because {why}.",
                int(part["events"]),
                why=why,
            )
        ]
        if part.get("case"):
            words.append(t("Case {case}.", case=inert(str(part["case"]), 40)))
        if review := _day(part.get("review_on")):
            words.append(t("This will be reviewed on {day} ({when}).", day=review, when=days_away(review)))
        said.append(" ".join(words))
    return said


DELETED_AUTOMATICALLY = mark("When the hold is lifted, the rest is deleted automatically; no new request is needed.")


def differences(outcome: Outcome) -> list[str]:
    """Where the outcome differs from the preview, and why."""
    return [inert(str(words), 400) for words in outcome.get("differences") or []]


@dataclass(frozen=True)
class ModelWords:
    """The outcome for one model: its state in words, the badge's colour, and a sentence for each of its datasets."""

    name: str
    state: str
    colour: str
    sentences: tuple[str, ...]
    untouched: bool = False
    """It never had any of the data."""


def models(outcome: Outcome) -> tuple[list[ModelWords], list[str]]:
    """The outcome for each model, those that keep something first; and the sentences several share, once.

    The API repeats everything for every model; what follows its first sentence is mostly the same for many."""
    found: dict[tuple[str, str], list[str]] = {}
    common: dict[str, None] = {}
    for part in outcome.get("models") or []:
        first, *more = _SENTENCE.split(str(part.get("words") or ""))
        by = _day(part.get("by"))
        sentence = inert(first, 300)
        if by:
            sentence = f"{sentence} {t('By {day} ({when}).', day=by, when=days_away(by))}"
        sentences = found.setdefault((_model_name(part), str(part.get("state"))), [])
        if sentence and sentence not in sentences:
            sentences.append(sentence)
        common |= dict.fromkeys(inert(_without_doubt(each), 300) for each in more)
    order = list(MODEL_ORDER)
    outcomes = []
    for (name, state), sentences in found.items():
        words, colour = MODEL_STATES.get(state, (state, "gray"))
        rank = order.index(state) if state in order else -1
        untouched = state == "never_included"
        outcomes.append((rank, ModelWords(inert(name, 80), inert(t(words), 60), colour, tuple(sentences), untouched)))
    return [each for _, each in sorted(outcomes, key=lambda pair: pair[0])], list(common)


def _without_doubt(sentence: str) -> str:
    return sentence.removeprefix(t(DOUBTS[0])).removeprefix(t(DOUBTS[1])).strip()


def models_left_out(outcome: Outcome) -> str | None:
    """How many more models or datasets are affected, and where to read about them; None if there are no more."""
    left_out: Mapping[str, int] = outcome.get("models_left_out") or {}
    if not left_out:
        return None
    parts = [
        f"{t(MODEL_STATES.get(state, (state, ''))[0])}: {current().number(models)}"
        for state, models in left_out.items()
    ]
    return tn(
        "And {n} more ({states}). The Models page shows the status of each model.",
        "And {n} more ({states}). The Models page shows the status of each model.",
        sum(left_out.values()),
        states=inert("; ".join(parts), 300),
    )


def _model_name(part: Mapping[str, Any]) -> str:
    if part.get("model"):
        return f"{part['model']} {part.get('version') or ''}".strip()
    name = f"{part.get('dataset') or ''} {part.get('dataset_version') or ''}".strip()
    return t("Dataset {name}", name=name)


def processors(outcome: Outcome, zone: Zone) -> list[str]:
    """Who else was notified, and their answers."""
    said = []
    for part in outcome.get("processors") or []:
        state, domain = str(part.get("state")), inert(str(part["domain"]), 80)
        known = PROCESSOR_STATES.get(state)
        words = t(known, domain=domain) if known else f"**{domain}** {inert(state, 40)}"
        at = _moment(part.get("at"))
        said.append(f"{words}{f' ({moment_words(at, zone)})' if at else ''}.")
    return said


def backups(outcome: Outcome) -> str | None:
    """What happens to old backups; None if there is nothing to say."""
    part = outcome.get("backups")
    if not part:
        return None
    until = _day(part.get("unreadable_after"))
    words = inert(str(part.get("words") or ""), 600)
    if until is None:
        return words or None
    said = t(
        "**The backups that Open Book makes can't bring it back after {day}** ({when}).",
        day=until,
        when=days_away(until),
    )
    return f"{said} {words}".strip()


def stays(outcome: Outcome) -> list[str]:
    """What a deletion left about the person, why, and until when."""
    said = []
    for part in outcome.get("stays") or []:
        what, why, until = (t(str(part.get(name) or "")) for name in ("what", "why", "until"))
        if part.get("count"):
            what = f"{current().number(int(part['count']))} {what}"
        end = t("Until: {until}.", until=inert(until, 400)) if not until.endswith(".") else _sentence(until)
        said.append(f"**{_sentence(what)}** {_sentence(why)} {end}")
    return said


def _sentence(words: str) -> str:
    return f"{inert(words.removesuffix('.'), 400)}."


def removed_file(export: ExportInfo, zone: Zone) -> str:
    """Why the file is gone, and when it went."""
    why = export.removed_because if export.removed_because in REMOVED else "time"
    undated, dated = REMOVED[why]
    if export.removed_at is None:
        return t(undated)
    return t(dated, time=f"{moment_words(export.removed_at, zone)} ({zone.label})")


REMOVED = {
    "erasure": (
        mark("This copy was removed because you deleted data: that removes every earlier copy."),
        mark("This copy was removed on {time} because you deleted data: that removes every earlier copy."),
    ),
    "restore": (
        mark("This copy was lost, when Open Book was restored from a backup: backups contain no copies."),
        mark("This copy was lost on {time}, when Open Book was restored from a backup: backups contain no copies."),
    ),
    "time": (
        mark("This copy was removed because its 7 days were over."),
        mark("This copy was removed on {time} because its 7 days were over."),
    ),
}
"""Why a file is gone: the sentence without the time, and with it."""


def scope_of(request: Request) -> Scope:
    """The request's scope in the lake's terms."""
    return scope_from(request.scope)


def scope_from(scope: Mapping[str, Any]) -> Scope:
    """A scope as the API gives it, in the lake's terms: times naive UTC."""
    signals, applications = scope.get("signals"), scope.get("applications")
    return Scope(
        tuple(signals) if signals else None,
        tuple(applications) if applications else None,
        _utc(scope.get("from")),
        _utc(scope.get("until")),
    )


def _outcome(request: Request) -> str:
    outcome = request.outcome or {}
    if request.type == "erasure":
        return _erasure(outcome)
    if request.type == "export":
        return _copy(outcome.get("exported") or {}) if request.export is not None else t("Your copy was made.")
    if request.standing:
        return f"**{t(KINDS[request.type].standing)}**"
    return t("This is done.")


def _erasure(outcome: Outcome) -> str:
    if outcome.get("erased") is None:
        return t("This is done.")
    erased, stayed = int(outcome["erased"]), int(outcome.get("withheld") or 0)
    if not erased and not stayed:
        return t("**There was nothing to delete.** Nothing about you in this register matched this request.")
    words = [tn("**{n} record deleted from this register.**", "**{n} records deleted from this register.**", erased)]
    if stayed:
        words.append(tn("{n} record had to stay for now.", "{n} records had to stay for now.", stayed))
    if copies := int(outcome.get("exports_deleted") or 0):
        words.append(tn("{n} earlier copy was removed, too.", "{n} earlier copies were removed, too.", copies))
    if outcome.get("content_key_destroyed"):
        words.append(t("No data of yours is left in it, so the key to your texts was destroyed as well."))
    if erased and not outcome.get("models"):
        words.append(t(LEARNED_STAYS))
    return " ".join(words)


def _copy(exported: Mapping[str, int]) -> str:
    """What a copy holds: what was catalogued, minus what was withheld; some of it redacted."""
    if "catalogued" not in exported:
        return t("Your copy was made.")
    stayed, redacted = exported.get("withheld", 0), exported.get("redacted", 0)
    held = exported["catalogued"] - stayed
    if redacted:
        words = tn(
            "**Your copy holds {n} record**, {redacted} of them in part: without other people's words, or without text "
            "that can no longer be read.",
            "**Your copy holds {n} records**, {redacted} of them in part: without other people's words, or without "
            "text that can no longer be read.",
            held,
            redacted=redacted,
        )
    else:
        words = tn("**Your copy holds {n} record**.", "**Your copy holds {n} records**.", held)
    if not stayed:
        return words
    left_out = tn(
        "{n} record had to be left out; the copy says why.",
        "{n} records had to be left out; the copy says why.",
        stayed,
    )
    return f"{words} {left_out}"


def _has_ended_a_rule(request: Request) -> bool:
    """Whether it had been in force before it was withdrawn: an objection, restriction or note that its owner ended."""
    return any(step.state == "completed" for step in request.history)


def _utc(text: str | None) -> datetime | None:
    return clock.naive(datetime.fromisoformat(text)) if text else None


def _day(value: Any) -> date | None:
    return date.fromisoformat(str(value)[:10]) if value else None


def _moment(value: Any) -> datetime | None:
    return value if isinstance(value, datetime) else _utc(str(value)) if value else None
