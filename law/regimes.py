"""Legal regimes: the law that a person's requests are answered under. Each is one row of `REGIMES`.

To add one, add a row: the directory accepts it, and deadlines (`law.deadlines`), rights, appeals and receipts follow.
Exceptions that a legal hold may rest on are in `law.exceptions`; requests over OpenDSR name only the laws that OpenDSR
knows.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from languages import mark
from law.legal_bases import Basis

Day = TypeVar("Day", bound=date)


@dataclass(frozen=True)
class Period:
    """A time in calendar months or in days."""

    months: int = 0
    days: int = 0

    def after(self, day: Day) -> Day:
        """The day later by this period; the last day of the month if it doesn't have that day."""
        return add_months(day, self.months) + timedelta(days=self.days)


@dataclass(frozen=True)
class Right:
    """A right of the person, where the law grants it, and how to use it here. Its texts are marked."""

    right: str
    """It follows "the right to"."""
    law: str
    how: str
    bases: frozenset[Basis] = frozenset()
    """Only where a policy rests on one of these; empty: always."""


@dataclass(frozen=True)
class Regime:
    """The rules of one law. Its texts are in English, and marked; `authority` and `record_duty` are parts of a
    sentence."""

    law: str
    """Its short name."""
    deadline: Period
    extended: Period
    """The deadline after an extension; both are counted from receipt."""
    deadline_words: str
    extension_words: str
    """The length of the extension."""
    next_working_day: bool
    """Whether the law lets a period that ends on a weekend or a public holiday end with the next working day."""
    regulator: str
    """The authority that people can complain to, in a few words."""
    authority: str
    """Where a denial can be appealed."""
    appeal_terms: str
    """What the law says about complaining there: cost, and protection of whoever complains."""
    complaint: str
    record_duty: str
    """Why the employer keeps a receipt."""
    rights: tuple[Right, ...]
    opendsr: str | None
    """Its name in OpenDSR; None if OpenDSR doesn't have it."""

    def rights_under(self, bases: frozenset[Basis]) -> list[Right]:
        """The rights of a person whose data is processed on these legal bases."""
        return [right for right in self.rights if not right.bases or right.bases & bases]


_DELETION = mark("file a request in Open Book, for everything or a part, as a deletion")

REGIMES = {
    "gdpr": Regime(
        law=mark("GDPR"),
        deadline=Period(months=1),  # GDPR 12(3)
        extended=Period(months=3),
        deadline_words=mark("one calendar month"),
        extension_words=mark("two more months"),
        next_working_day=True,  # Regulation 1182/71, 3(4)
        regulator=mark("the data protection authority"),
        authority=mark(
            "the data protection supervisory authority where you live or work, or the courts (GDPR 77 and 79)"
        ),
        appeal_terms=mark(
            "A complaint to the authority is free of charge (GDPR 57(3)). Going to court may cost money."
        ),
        complaint=mark(
            "You may complain to a data protection authority, where you live, where you work, or where it happened "
            "(GDPR Article 77). All of them: https://edpb.europa.eu/about-edpb/about-edpb/members_en"
        ),
        record_duty="your employer has to be able to show it (GDPR 5(2))",
        rights=(
            Right(
                mark("have wrong data corrected"),
                mark("Article 16"),
                mark("file a correction in Open Book: your note is shown with the records"),
            ),
            Right(mark("have data deleted"), mark("Article 17"), _DELETION),
            Right(
                mark("have processing restricted"),
                mark("Article 18"),
                mark("file a request in Open Book, for everything or a part, as a restriction"),
            ),
            Right(
                mark("take your data with you"),
                mark("Article 20"),
                mark(
                    "get a copy in Open Book; programs can read captures.jsonl, captures.csv and captures.parquet in it"
                ),
                frozenset({Basis.CONSENT, Basis.CONTRACT}),
            ),
            Right(
                mark("withdraw your consent at any time"),
                mark("Article 7(3)"),
                mark(
                    "use the button on Overview in Open Book, which then stores nothing more under the policy; tell "
                    "your employer too, if you consented elsewhere"
                ),
                frozenset({Basis.CONSENT}),
            ),
            Right(
                mark("object to the processing"),
                mark("Article 21"),
                mark(
                    "file a request in Open Book, for everything or a part, as an objection to training on your data; "
                    "the capture itself goes on, so object to it with your employer"
                ),
            ),
            Right(
                mark("have a person look at a decision made by a machine"),
                mark("Article 22"),
                mark("none is recorded here; see below"),
            ),
        ),
        opendsr="gdpr",
    ),
    "ccpa": Regime(
        law=mark("CCPA"),
        deadline=Period(days=45),  # Cal. Civ. Code 1798.130
        extended=Period(days=90),
        deadline_words=mark("45 days"),
        extension_words=mark("45 more days"),
        next_working_day=False,
        regulator=mark("the California Privacy Protection Agency"),
        authority=mark("the California Privacy Protection Agency or the Attorney General of California"),
        appeal_terms=mark("You must not be punished for complaining (Cal. Civ. Code 1798.125)."),
        complaint=mark(
            "You may complain to the California Privacy Protection Agency: "
            "https://cppa.ca.gov/webapplications/complaint"
        ),
        record_duty="your employer has to keep it for at least 24 months (CCPA regulations, 11 CCR 7101)",
        rights=(
            Right(mark("know what is held"), mark("Cal. Civ. Code 1798.110"), mark("this file")),
            Right(mark("have data deleted"), mark("Cal. Civ. Code 1798.105"), _DELETION),
            Right(
                mark("have wrong data corrected"),
                mark("Cal. Civ. Code 1798.106"),
                mark("file a correction in Open Book"),
            ),
            Right(
                mark("limit how it is used"),
                mark("Cal. Civ. Code 1798.121"),
                mark(
                    "file a request in Open Book, for everything or a part, as a restriction or an objection; capture "
                    "goes on"
                ),
            ),
            Right(
                mark("not be punished for asking"),
                mark("Cal. Civ. Code 1798.125"),
                mark("you need not give a reason for any request"),
            ),
        ),
        opendsr="ccpa",
    ),
}
"""By the key that the directory file uses."""


def regime(key: str) -> Regime:
    """Raises ValueError for a regime that has no row."""
    try:
        return REGIMES[key]
    except KeyError:
        raise ValueError(f"No rules are known for the regime {key}.") from None


def add_months(day: Day, months: int) -> Day:
    """The same day `months` later, or the last day of that month where it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return day.replace(year=year, month=month, day=min(day.day, calendar.monthrange(year, month)[1]))
