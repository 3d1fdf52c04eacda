"""The information that GDPR Article 15(1) and (2) entitle a person to along with the copy of their data (`about.json`).

It states only what Open Book's records show; where they have no information, it says so. Its sentences are in the
language of the block `speaking`; keys, codes and names are the same in every language.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pandas as pd

from directory import Employee
from governance.export.captures import Tally
from governance.export.readable.templates import word
from governance.export.records import Records
from governance.export.third_parties import MARK
from governance.export.wording import EVIDENCE, ROLES, SIGNALS
from lake.safeguards import SAFEGUARDS
from languages import mark
from languages.saying import current, shown, t
from law import article_15, limits
from law.legal_bases import bases_of_all
from law.regimes import Regime, regime
from settings import settings

_NOT_SEARCHED = [
    (
        mark("Backups"),
        mark("A backup is a copy of what was searched here. It is not opened to answer a request."),
    ),
    (
        mark("The weights of trained models"),
        mark(
            "What a model learned from records can't be listed record by record. models.json says which models they "
            "went into, and how certain that is."
        ),
    ),
    (
        mark("Copies handed over for training"),
        mark(
            "Open Book knows which days and kinds of records a dataset contains, not where copies of it are today. "
            "Ask the owner named with each model."
        ),
    ),
    (
        mark("Programs that recorded your work before it came here"),
        mark(
            "Open Book has only what they handed over and a capture policy allowed. They, or the files that they "
            "wrote, may still have the rest, and what was masked here."
        ),
    ),
    (
        mark("Other systems of your company, such as personnel files, e-mail and sign-in logs"),
        mark("They are not part of Open Book."),
    ),
]


def about(
    employee: Employee, policies: pd.DataFrame, records: Records, tally: Tally, withheld: int = 0
) -> dict[str, Any]:
    """The Article 15 information, as JSON values. `policies` has the columns of `Own.policies`; `withheld`: how many
    held captures are left out.
    """
    rules = regime(employee.regime)
    terms = policies.to_dict("records")
    return {
        "confirmation": t("Your employer processes records of your work.")
        if tally.captures or withheld
        else t("No records of your work in the scope of this request are in this register."),
        "limits": [t(limit) for limit in limits.EVERY],
        "person": {
            "name": employee.name,
            "email": employee.email,
            "department": employee.department,
            "team": employee.team,
            "role": employee.current_role,
            "regime": employee.regime,
            "zone": employee.zone,
            "subject": str(employee.subject),
        },
        "purposes": [
            {"policy": term["policy"], "purpose": term["purpose"], "legal_basis": term["legal_basis"]} for term in terms
        ],
        "categories": _categories(tally),
        "recipients": _recipients(records),
        "retention": [
            {"policy": term["policy"], "name": term["name"], "kept_days": int(term["retention_days"])} for term in terms
        ],
        "records_kept": article_15.records_kept(current()),
        "rights": [
            {"right": t(right.right), "law": t(right.law), "how": t(right.how)}
            for right in rules.rights_under(bases_of_all(str(term["legal_basis"]) for term in terms))
        ],
        "complaint": _complaint(rules),
        "source": [_source(*source, number) for source, number in sorted(tally.sources.items())],
        "automated_decisions": article_15.automated_decisions(current()),
        "transfers": article_15.transfers(current()),
        "safeguards": _safeguards(terms),
        "spreadsheet": {
            "changed_cells": tally.changed_cells,
            "words": t(
                "Cells in captures.csv with an added ', which keeps spreadsheets from treating their text as a formula "
                "and running it. captures.jsonl and captures.parquet have every text as captured."
            ),
        },
        "third_parties": {
            "captures": tally.others_words,
            "words": t(
                "What others wrote in messages and tickets is theirs, so their words and names are left out of this "
                "file: it says {mark} instead. What other kinds of records contain about other people, for example in "
                "a window title, is unchanged.",
                mark=repr(MARK),
            ),
        },
        "own_requests": _own_requests(records.filed.requests),
        "not_searched": [{"what": what, "why": why} for what, why in _not_searched()],
    }


def _not_searched() -> Iterator[tuple[str, str]]:
    for what, why in _NOT_SEARCHED:
        yield t(what), t(why)
    if settings().security_events:
        yield (
            t("Your employer's security monitoring"),
            t(
                "It was told when you signed in and out and what was refused, with your key in Open Book and your "
                "network address. What it keeps is not part of Open Book."
            ),
        )


def _complaint(rules: Regime) -> str:
    named = settings().supervisory_authority
    words = t(rules.complaint)
    return f"{words} {t('The authority named by your employer: {name}', name=named)}" if named else words


def _source(source: str, application: str, captures: int) -> dict[str, Any]:
    connector, _, version = source.rpartition(" ")
    named = {"connector": connector, "version": version} if connector else {"connector": source, "version": None}
    return {**named, "application": application, "captures": captures}


def _own_requests(requests: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The number of requests, and every refusal in full."""
    listed = list(requests)
    refused = [
        {
            "request": request["id"],
            "type": request["type"],
            "received_at": request["received_at"],
            "reason": shown((request.get("decision") or {}).get("words") or "") or None,
            "appeal": shown((request.get("decision") or {}).get("appeal") or "") or None,
        }
        for request in listed
        if request["state"] == "denied"
    ]
    return {"by_state": dict(Counter(request["state"] for request in listed)), "refused": refused}


def _categories(tally: Tally) -> list[dict[str, Any]]:
    counts: dict[str, int] = {}
    for (_, signal), number in tally.kinds.items():
        counts[signal] = counts.get(signal, 0) + number
    return [
        {"signal": signal, "what": word(SIGNALS, signal), "captures": number}
        for signal, number in sorted(counts.items())
    ]


def _recipients(records: Records) -> list[dict[str, Any]]:
    """Everyone who has a model, holds copies on behalf of the employer, or viewed the person's data."""
    named: dict[str, dict[tuple[str, str], str]] = {}
    for use in records.models:
        if use.model_evidence in EVIDENCE:
            model = f"{use.model} {use.version}"
            through = use.through and t("it was made from {model}", model=use.through)
            meaning = through or t(EVIDENCE[use.model_evidence][1])
            named.setdefault(use.owner or t("not named"), {})[model, use.model_evidence] = meaning
    owners = [
        {
            "name": owner,
            "as": t("has models"),
            "received": [
                {"model": model, "evidence": evidence, "meaning": meaning}
                for (model, evidence), meaning in sorted(of_owner.items())
            ],
        }
        for owner, of_owner in sorted(named.items())
    ]
    processors = [
        {"name": domain, "as": t("processor that is notified of your requests"), "received": []}
        for domain in sorted(records.filed.processors)
    ]
    readers = [
        {"name": word(ROLES, role), "as": t("role of people who viewed your data"), "received": []}
        for role in sorted({str(access["role"]) for access in records.filed.accesses if not access["automatic"]})
    ]
    return [*owners, *processors, *readers]


def _safeguards(terms: Iterable[Mapping[Any, Any]]) -> list[str]:
    applied = {safeguard for term in terms for safeguard in term["safeguards"]}
    return [
        t(
            "All free text of a record is stored encrypted, under a key of your own that the servers of this register "
            "keep: whoever runs them can technically use it."
        ),
        t("This file was encrypted under that key until you downloaded it."),
        *(word(SAFEGUARDS, safeguard) for safeguard in sorted(applied)),
    ]
