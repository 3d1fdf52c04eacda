"""Screen texts for published numbers: tables, bands, shares, and how people are protected."""

from __future__ import annotations

from math import ceil, floor

from api_client.models import Area, Programme, ReleasedTable, Share, TableSize
from dashboard.language import current, listed, t, tn
from dashboard.text import inert, plain
from lake.releases.accounting import DELTA, EPSILON, over_years
from lake.releases.hierarchy import KNOWN_TO_A_MANAGER, LEAST_PEOPLE_PER_AREA, LEAST_PEOPLE_PER_ATOM
from languages import mark

TITLES = {
    "volume": mark("How much is held"),
    "retention": mark("Not kept too long"),
    "detail": mark("How detailed the records are"),
    "applications": mark("In which applications"),
    "answers": mark("How requests were answered"),
    "signals": mark("What is captured"),
}
"""The tables, in display order; `signals` only in releases of earlier versions."""

MEANINGS = {
    "volume": mark(
        "People by how many records that may be used are held about them. Records under an objection or a restriction "
        "are held, too, and not counted."
    ),
    "retention": mark(
        "People about whom nothing that may be used was past its last day, at one moment: after the deletion of the "
        "day shown. Records under an objection or a restriction are not counted; a restriction can keep them longer, "
        "because that person asked for it."
    ),
    "detail": mark(
        "People by the most detailed kind of record that is held about them and may be used. “Nothing” means the same "
        "as in “How much is held”; the two numbers differ because each table has noise of its own."
    ),
    "signals": mark("People about whom at least one record of that kind is held."),
    "applications": mark("People about whom at least one record from that application is held."),
    "answers": mark("People by the slowest answer they got to a request between this release and the one before."),
}

BANDS = {
    "volume": {
        "none": mark("nothing that may be used"),
        "under_10k": mark("fewer than 10,000 records"),
        "under_50k": mark("10,000 to 49,999 records"),
        "more": mark("50,000 records or more"),
    },
    "retention": {"within": mark("nothing that may be used kept too long")},
    "detail": {
        "none": mark("nothing that may be used"),
        "activity": mark("only activity: mouse, windows, presence"),
        "text": mark("also text: typed, messages, tickets"),
        "screens": mark("also screenshots"),
    },
    "signals": {
        "pointer": mark("mouse: movements, clicks, scrolls"),
        "typing": mark("typed text, form entries, copy and paste"),
        "windows": mark("windows, pages, at the computer or away"),
        "screenshots": mark("screenshots"),
        "messages": mark("messages and tickets"),
    },
    "answers": {
        "none": mark("no request that ended or was due"),
        "within_week": mark("answered within a week"),
        "within_deadline": mark("answered later, within the deadline"),
        "late": mark("late"),
    },
}

YEARS = 5
MOST_MODELS = 200
"""The API lists no more."""

DESIGNS = {"ours": mark("Our design"), "naive": mark("Usual design")}

ATTACKS = {
    "row_space": mark("Combining all published numbers"),
    "bounds": mark("Bounds on what was left out"),
    "homogeneous": mark("Groups in which everybody is alike"),
    "colluders_0": mark("Subtraction, by a manager alone"),
    "colluders_1": mark("Subtraction, with one helper"),
    "colluders_2": mark("Subtraction, with two helpers"),
    "joins": mark("Comparing before and after someone joins"),
    "leavers": mark("Comparing before and after someone leaves"),
    "transfers": mark("Comparing before and after someone changes teams"),
    "erasures": mark("Comparing before and after a deletion"),
    "informed": mark("Someone who knows everything about everyone else"),
    "replay": mark("Looking 1,000 times and averaging"),
    "structure": mark("Anything else that depends on what people did"),
    "membership": mark("Telling two companies apart that differ in one person"),
}


def protection_words(epsilon: float = EPSILON, delta: float = DELTA) -> str:
    """How people are protected; `epsilon` and `delta` are those of the newest release."""
    said = [
        t(
            '**People are counted, never what they did.** Each person is in a band, such as "10,000 to 49,999 '
            'records". No numbers about one person are published.'
        ),
        t(
            "**Published on a schedule, then never changed.** Numbers are published for the whole company at once, "
            "usually once a year. There is no filter to try out. If someone deletes data or leaves, published numbers "
            "stay as they are."
        ),
        t(
            "**Never about a few people.** Anything that can be computed from all areas with numbers is about at least "
            "{atom} people: that leaves {others} others to a manager who knows about themselves and two more. Smaller "
            "teams are counted with the area above them. Areas of fewer than {area} people have no numbers at all.",
            atom=LEAST_PEOPLE_PER_ATOM,
            others=LEAST_PEOPLE_PER_ATOM - KNOWN_TO_A_MANAGER,
            area=LEAST_PEOPLE_PER_AREA,
        ),
        t(
            "**With noise.** A random amount, drawn once, is added to each count. The bars show how far off a number "
            "may be: the true value is within them in 95 of 100 cases. If the noise is too large for a number, only "
            "the range is published. If even the range would say nothing, nothing is published."
        ),
        t(
            "**With a budget.** There is a limit to what all numbers of a year together can reveal about one person: "
            "epsilon is at most {epsilon} at delta {delta}. Years add up, because what is still held is counted again: "
            "{years} years together are at most {total}. Once it is used up, nothing more is published. The limit "
            "holds even against someone who knows everything about everybody else.",
            epsilon=epsilon,
            delta=delta_words(delta),
            years=YEARS,
            total=total_words(epsilon),
        ),
        t(
            "**Requests count.** Records that someone had deleted, or asked not to be used, are not counted from the "
            "next release on, although restricted records are still held. A person without others is counted as "
            "someone about whom nothing is held that may be used."
        ),
    ]
    rest = t("This doesn't protect who works where: managers know it, and it alone decides which areas have numbers.")
    return "\n".join(f"- {one}" for one in said) + f"\n\n{rest}\n"


def delta_words(delta: float) -> str:
    """`0.000001`: as many digits as it has."""
    return current().number(delta, len(f"{delta:f}".rstrip("0").partition(".")[2]))


def no_numbers_words(fewest: int | None, people: int) -> str:
    """Why an area of so many people has no numbers. `fewest`: the least for which the newest release has any."""
    least = LEAST_PEOPLE_PER_AREA if fewest is None else fewest
    if people < least:
        return t("that is too few for numbers about this area alone, which take at least {least}.", least=least)
    return t(
        "there are no numbers for this area alone. That takes at least {people} people, at least {others} others in "
        "the area around it, and that numbers here don't make those of a larger area much less accurate.",
        people=least,
        others=LEAST_PEOPLE_PER_ATOM,
    )


def title_of(table: str) -> str:
    """A table's title, safe for Markdown."""
    return t(TITLES[table]) if table in TITLES else inert(table, 40)


def band_words(table: str, band: str) -> str:
    """A band's name; for an application, its own name."""
    words = BANDS.get(table, {}).get(band)
    return t(words) if words else plain(band, 60)


def share_words(share: Share) -> str:
    """`34 % (30 to 38 %)`, or `20 to 45 %` if only the range was published."""
    low, high = floor(share.low * 100 + 1e-9), ceil(share.high * 100 - 1e-9)
    if share.share is None:
        return t("{low} to {high} %", low=low, high=high)
    return t("{share} % ({low} to {high} %)", share=round(share.share * 100), low=low, high=high)


def change_words(newer: ReleasedTable, older: ReleasedTable) -> str:
    """What certainly changed: bands whose intervals don't overlap."""
    before = {share.band: share for share in older.shares}
    changes = [
        t(
            "{band}: {before} before, {now} now",
            band=band_words(newer.name, share.band),
            before=share_words(before[share.band]),
            now=share_words(share),
        )
        for share in newer.shares
        if share.band in before and (share.low > before[share.band].high or share.high < before[share.band].low)
    ]
    then = {"day": older.as_of, "people": tn("{n} person", "{n} people", older.people)}
    if not changes:
        return t(
            "Since {day} ({people} then, not necessarily the same ones) nothing changed by more than the uncertainty.",
            **then,
        )
    return t(
        "Since {day} ({people} then, not necessarily the same ones) this changed by more than the uncertainty: "
        "{changes}.",
        changes="; ".join(inert(change) for change in changes),
        **then,
    )


def table_sentence(table: ReleasedTable) -> str:
    """A table in words, the same as its chart. Safe for Markdown."""
    shares = [
        t("{band}: {share}", band=band_words(table.name, share.band), share=share_words(share))
        for share in table.shares
    ]
    return tn("Of {n} person, {shares}.", "Of {n} people, {shares}.", table.people, shares=inert("; ".join(shares)))


def spent_so_far(found: Area | Programme) -> float:
    """The epsilon of the year up to the newest release, which may be a lost one."""
    known = [(one.published_at, one.year_epsilon) for one in found.releases]
    return max(known + [(one.published_at, one.year_epsilon) for one in found.lost if one.kind != "stated"])[1]


def lost_words(found: Area | Programme) -> str:
    """Which releases were lost, what that means, and what was stated at a restore; empty if nothing was."""
    said = []
    for one in found.lost:
        values = {"period": one.period, "day": one.published_at.date()}
        if one.kind == "stated":
            said.append(
                t("At a restore on {day}, it was stated that nothing was published since the backup.", **values)
            )
        elif one.kind == "assumed":
            said.append(
                t(
                    "Data was restored on {day}, and the numbers of the period from {period} may have been published "
                    "before, and lost. They count as published.",
                    **values,
                )
            )
        else:
            said.append(t("The numbers of the period from {period} were published on {day}, and are lost.", **values))
    if found.next_from is not None:
        said.append(
            t(
                "They can't be shown any more, count against the privacy budget, and are not published again: new "
                "noise would reveal more. The next numbers can come from {day} on.",
                day=found.next_from,
            )
        )
    return " ".join(said)


def cost_words(found: Area | Programme) -> str:
    """What all releases of a year, and of five years, may reveal."""
    release = found.releases[0]
    return t(
        "There is a limit to what all numbers of a year reveal about any one person: epsilon {spent} so far, at most "
        "{allowed}. For {years} years together it is {total}.",
        spent=current().number(spent_so_far(found), 2),
        allowed=release.allowed_epsilon,
        years=YEARS,
        total=total_words(release.allowed_epsilon),
    )


def total_words(yearly: float) -> str:
    """The epsilon of five years together."""
    return current().number(ceil(over_years(YEARS, yearly) * 10) / 10)


def budget_words(spent: float) -> str:
    """How much of a year's privacy budget is used. `spent`: its share, from 0 to 1."""
    if round(spent, 3) >= 1:
        return t("This year's privacy budget is used up")
    return t("{n} % of this year's privacy budget is used", n=floor(spent * 100))


def missing_words(sizes: tuple[TableSize, ...], shown: set[str], *, company: bool) -> str:
    """Which tables are missing, and how many people they need."""
    missing = [size for size in sizes if size.name not in shown and (company or not size.company_only)]
    if not missing:
        return ""
    named = [
        t(
            "“{table}” ({people})",
            table=title_of(size.name),
            people=tn("{n} person", "{n} people", size.ranges_from),
        )
        for size in sorted(missing, key=lambda size: size.ranges_from)
    ]
    words = [
        t("Not published here: {tables}.", tables=listed(named, 5)),
        t("With fewer people, the noise would hide everything."),
    ]
    if not company:
        words.append(t("More are needed if numbers here would make those of the larger area less accurate."))
    return " ".join(words)


PERMITTED = {
    "training_pictures": mark(
        "pictures of screens in training exports, with names and contact details painted over as far as they are "
        "recognised"
    ),
    "file_contents": mark("what is in text files and pictures that people sent, where an archive has it"),
}
"""What a policy permits besides storing records, by its code."""
