"""What a request's card says, as sentences: pure functions of the request, as Markdown.

The answer comes first (`answer`), the rest is said only where there is something to say. Whatever comes from
elsewhere (a reason, a model's name, a processor's address) goes through `inert`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import clock
from api_client.models import Request
from dashboard.moments import Zone, day_words, days_away, moment_words
from dashboard.requests.wording import (
    KINDS,
    MODEL_ORDER,
    MODEL_STATES,
    PROCESSOR_STATES,
    because,
)
from dashboard.text import inert
from dashboard.wording import LEARNED_STAYS, count, listed
from lake.rules.scope import Scope
from law.regimes import deadline_of

Outcome = Mapping[str, Any]

_DOUBT = re.compile(r"^(If it was|If anything of them came along): ")
_SENTENCE = re.compile(r"(?<=[.]) (?=[A-Z])")

WAITS_FOR_A_DECISION = "A privacy officer has to look at it first."


def answer(request: Request, zone: Zone) -> str:
    """The first sentence of a card: where the request stands, and what it did."""
    if request.state == "withdrawn":
        return "You took it back." if not _has_ended_a_rule(request) else "You ended this. It is no longer in force."
    if request.state == "denied":
        return "**This was denied.**"
    if request.ended:
        return _outcome(request)
    return deadline(request, zone)


def deadline(request: Request, zone: Zone) -> str:
    """Until when an open request must be answered, and how many days are left."""
    due = zone.local(request.due_at).date()
    why = deadline_of(request.regime, extended=request.extended)
    if due < clock.today():
        return (
            f"**We are late.** It had to be answered by **{day_words(due)}** ({days_away(due)}; {why}). "
            "You may complain about this to the data protection authority."
        )
    return f"It must be answered by **{day_words(due)}** ({days_away(due)}; {why})."


def extension(request: Request, zone: Zone) -> str | None:
    """Why the deadline was moved, and from when; None where it wasn't."""
    if not request.extended or request.ended:
        return None
    told = next((step.note for step in request.history if step.state == "extended"), None)
    first = day_words(zone.local(request.first_due_at).date())
    return inert(told, 400) if told else f"The deadline was moved; it was {first}."


def denial(request: Request) -> tuple[str, str] | None:
    """Why it was denied, and how to appeal; None where it wasn't."""
    decision = request.decision
    if request.state != "denied":
        return None
    if decision is None:
        return "No reason was recorded.", "You may complain to the data protection authority."
    return inert(decision.words, 400), inert(decision.appeal or "", 600)


def withheld(outcome: Outcome) -> list[str]:
    """Each set that stayed: how many, why, under which case, until when, and what happens then."""
    said = []
    for part in outcome.get("withheld_by") or []:
        why = because(str(part.get("reason") or ""), str(part.get("exception") or ""))
        words = f"**{count(int(part['events']), 'capture')} stayed**, because {why}."
        if part.get("case"):
            words += f" Case {inert(str(part['case']), 40)}."
        if review := _day(part.get("review_on")):
            words += f" It is looked at again on {day_words(review)} ({days_away(review)})."
        said.append(words)
    return said


RUNS_BY_ITSELF = "When the hold is lifted, the rest is deleted by itself. You need not ask again."


def differences(outcome: Outcome) -> list[str]:
    """Where the outcome isn't what the preview said, and why."""
    return [inert(str(words), 400) for words in outcome.get("differences") or []]


@dataclass(frozen=True)
class ModelWords:
    """What became of one model: its state in words, the colour of that, and a sentence for each of its data sets."""

    name: str
    state: str
    colour: str
    sentences: tuple[str, ...]
    untouched: bool = False
    """It never had any of it."""


def models(outcome: Outcome) -> tuple[list[ModelWords], list[str]]:
    """What became of each model, those that keep something first; and what is said of several of them, once.

    The API says everything of every model; what follows its first sentence is mostly the same for many."""
    found: dict[tuple[str, str], list[str]] = {}
    common: dict[str, None] = {}
    for part in outcome.get("models") or []:
        first, *more = _SENTENCE.split(str(part.get("words") or ""))
        by = _day(part.get("by"))
        sentence = inert(first, 300) + (f" By {day_words(by)} ({days_away(by)})." if by else "")
        sentences = found.setdefault((_model_name(part), str(part.get("state"))), [])
        if sentence and sentence not in sentences:
            sentences.append(sentence)
        common |= dict.fromkeys(inert(_DOUBT.sub("", each), 300) for each in more)
    order = list(MODEL_ORDER)
    told = []
    for (name, state), sentences in found.items():
        words, colour = MODEL_STATES.get(state, (state, "gray"))
        rank = order.index(state) if state in order else -1
        untouched = state == "never_included"
        told.append((rank, ModelWords(inert(name, 80), inert(words, 60), colour, tuple(sentences), untouched)))
    return [each for _, each in sorted(told, key=lambda pair: pair[0])], list(common)


def models_left_out(outcome: Outcome) -> str | None:
    """Of how many more models or data sets something is known, and where that can be read; None where of none."""
    left_out: Mapping[str, int] = outcome.get("models_left_out") or {}
    if not left_out:
        return None
    parts = [f"{MODEL_STATES.get(state, (state, ''))[0].lower()}: {number:,}" for state, number in left_out.items()]
    total = sum(left_out.values())
    return f"And {total:,} more ({inert('; '.join(parts), 300)}). The Models page shows where each model stands now."


def _model_name(part: Mapping[str, Any]) -> str:
    if part.get("model"):
        return f"{part['model']} {part.get('version') or ''}".strip()
    return f"Data set {part.get('dataset') or ''} {part.get('dataset_version') or ''}".strip()


def processors(outcome: Outcome, zone: Zone) -> list[str]:
    """Who else was told, and what they answered."""
    said = []
    for part in outcome.get("processors") or []:
        state = PROCESSOR_STATES.get(str(part.get("state")), inert(str(part.get("state")), 40))
        at = _moment(part.get("at"))
        said.append(f"**{inert(str(part['domain']), 80)}** {state}{f' ({moment_words(at, zone)})' if at else ''}.")
    return said


def backups(outcome: Outcome) -> str | None:
    """What becomes of old backups; None where nothing is known of any."""
    part = outcome.get("backups")
    if not part:
        return None
    until = _day(part.get("unreadable_after"))
    words = inert(str(part.get("words") or ""), 600)
    if until is None:
        return words or None
    return f"**Old backups can't bring it back after {day_words(until)}** ({days_away(until)}). {words}".strip()


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
        return _copy(outcome.get("exported") or {}) if request.export is not None else "Your copy is made."
    if request.standing:
        return f"**{KINDS[request.type].standing}**"
    return "It is done."


def _erasure(outcome: Outcome) -> str:
    if outcome.get("erased") is None:
        return "It is done."
    erased, stayed = int(outcome["erased"]), int(outcome.get("withheld") or 0)
    if not erased and not stayed:
        return "**There was nothing to delete.** Nothing that is held about you fell under it."
    words = f"**{count(erased, 'capture')} deleted for good.**"
    if stayed:
        words += f" {count(stayed, 'capture')} had to stay for now."
    if outcome.get("content_key_destroyed"):
        words += " Nothing of yours is left, so the key to any old copy was destroyed as well."
    if erased and not outcome.get("models"):
        words += f" {LEARNED_STAYS}"
    return words


def _copy(exported: Mapping[str, int]) -> str:
    """What a copy holds: of what was catalogued, all that was not withheld, some of it with something removed."""
    if "catalogued" not in exported:
        return "Your copy is made."
    stayed, redacted = exported.get("withheld", 0), exported.get("redacted", 0)
    words = f"**Your copy holds {count(exported['catalogued'] - stayed, 'capture')}**"
    words += (
        f", {redacted:,} of them without words of other people, or without text that no key opens any more."
        if redacted
        else "."
    )
    return words + (f" {count(stayed, 'capture')} had to stay out; the copy says why." if stayed else "")


def _has_ended_a_rule(request: Request) -> bool:
    """Whether what was withdrawn had been in force: an objection, restriction or note that its owner ended."""
    return any(step.state == "completed" for step in request.history)


def names(items: Sequence[str], limit: int = 6) -> str:
    return listed([inert(item, 40) for item in items], limit)


def _utc(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None) if text else None


def _day(value: Any) -> date | None:
    return date.fromisoformat(str(value)[:10]) if value else None


def _moment(value: Any) -> datetime | None:
    return value if isinstance(value, datetime) else _utc(str(value)) if value else None
