"""Screen texts for published numbers: tables, bands, shares, and how people are protected."""

from __future__ import annotations

from math import ceil, floor

from api_client.models import Release, ReleasedTable, Share, TableSize
from dashboard.language import listed
from dashboard.moments import day_words
from dashboard.text import inert, plain
from dashboard.wording import count
from lake.releases.accounting import DELTA, EPSILON, over_years
from lake.releases.hierarchy import KNOWN_TO_A_MANAGER, LEAST_PEOPLE_PER_AREA, LEAST_PEOPLE_PER_ATOM

TITLES = {
    "volume": "How much is held",
    "retention": "Not kept too long",
    "detail": "How detailed the records are",
    "applications": "In which applications",
    "answers": "How requests were answered",
    "signals": "What is captured",
}
"""The tables, in display order; `signals` only in releases of earlier versions."""

MEANINGS = {
    "volume": "People by how many records are held about them.",
    "retention": "People about whom nothing is kept past its last day, for whatever reason.",
    "detail": "People by the most detailed kind of record that is held about them.",
    "signals": "People about whom at least one record of that kind is held.",
    "applications": "People about whom at least one record from that application is held.",
    "answers": "People by the slowest answer they got to a request between this release and the one before.",
}

BANDS = {
    "volume": {
        "none": "nothing",
        "under_10k": "fewer than 10,000 records",
        "under_50k": "10,000 to 49,999 records",
        "more": "50,000 records or more",
    },
    "retention": {"within": "nothing kept too long"},
    "detail": {
        "none": "nothing",
        "activity": "only activity: mouse, windows, presence",
        "text": "also text: typed, messages, tickets",
        "screens": "also screenshots",
    },
    "signals": {
        "pointer": "mouse: movements, clicks, scrolls",
        "typing": "typed text, form entries, copy and paste",
        "windows": "windows, pages, at the computer or away",
        "screenshots": "screenshots",
        "messages": "messages and tickets",
    },
    "answers": {
        "none": "no request that ended or was due",
        "within_week": "answered within a week",
        "within_deadline": "answered later, within the deadline",
        "late": "late",
    },
}

YEARS = 5

DESIGNS = {"ours": "Our design", "naive": "Usual design"}

ATTACKS = {
    "row_space": "Combining all published numbers",
    "bounds": "Bounds on what was left out",
    "homogeneous": "Groups in which everybody is alike",
    "colluders_0": "Subtraction, by a manager alone",
    "colluders_1": "Subtraction, with one helper",
    "colluders_2": "Subtraction, with two helpers",
    "joins": "Comparing before and after someone joins",
    "leavers": "Comparing before and after someone leaves",
    "transfers": "Comparing before and after someone changes teams",
    "erasures": "Comparing before and after a deletion",
    "informed": "Someone who knows everything about everyone else",
    "replay": "Looking 1,000 times and averaging",
    "structure": "Anything else that depends on what people did",
    "membership": "Telling two companies apart that differ in one person",
}

PROTECTION = """\
- **People are counted, never what they did.** Each person is in a band, such as "10,000 to 49,999 records". \
No numbers about one person are published.
- **Published on a schedule, then never changed.** Numbers are published for the whole company at once, usually \
once a year. There is no filter to try out. If someone deletes data or leaves, published numbers stay as \
they are.
- **Never about a few people.** Anything that can be computed from all areas with numbers is about at least \
{atom} people: that leaves {others} others to a manager who knows about themselves and two more. Smaller teams are \
counted with the area above them. Areas of fewer than {area} people have no numbers at all.
- **With noise.** A random amount, drawn once, is added to each count. The bars show how far off a number may be: \
the true value is within them in 95 of 100 cases. If the noise is too large for a number, only the range is \
published. If even the range would say nothing, nothing is published.
- **With a budget.** There is a limit to what all numbers of a year together can reveal about one person: epsilon \
is at most {epsilon:g} at delta {delta}. Years add up, because what is still held is counted again: {years} years \
together are at most {total}. Once it is used up, nothing more is published. The limit holds even \
against someone who knows everything about everybody else.
- **Requests count.** Records that someone had deleted, or asked not to be used, are not counted from the next \
release on. The person is then counted as someone about whom nothing is held.

This doesn't protect who works where: managers know it, and it alone decides which areas have numbers.
"""


def protection_words(epsilon: float = EPSILON, delta: float = DELTA) -> str:
    """How people are protected; `epsilon` and `delta` are those of the newest release."""
    return PROTECTION.format(
        epsilon=epsilon,
        years=YEARS,
        total=total_words(epsilon),
        delta=f"{delta:f}".rstrip("0"),
        atom=LEAST_PEOPLE_PER_ATOM,
        others=LEAST_PEOPLE_PER_ATOM - KNOWN_TO_A_MANAGER,
        area=LEAST_PEOPLE_PER_AREA,
    )


def no_numbers_words(fewest: int | None) -> str:
    """Why an area has no numbers. `fewest`: the least people for which the newest release has any."""
    return (
        "there are no numbers for this area alone. That takes at least "
        f"{LEAST_PEOPLE_PER_AREA if fewest is None else fewest} people, at least {LEAST_PEOPLE_PER_ATOM} others in the "
        "area around it, and few enough areas side by side that the noise doesn't hide everything."
    )


def title_of(table: str) -> str:
    return TITLES.get(table, plain(table, 40))


def band_words(table: str, band: str) -> str:
    """A band's name; for an application, its own name."""
    return BANDS.get(table, {}).get(band) or plain(band, 60)


def share_words(share: Share) -> str:
    """`34 % (30 to 38 %)`, or `20 to 45 %` if only the range was published."""
    low, high = floor(share.low * 100 + 1e-9), ceil(share.high * 100 - 1e-9)
    if share.share is None:
        return f"{low} to {high} %"
    return f"{share.share * 100:.0f} % ({low} to {high} %)"


def change_words(newer: ReleasedTable, older: ReleasedTable) -> str:
    """What certainly changed: bands whose intervals don't overlap."""
    before = {share.band: share for share in older.shares}
    changes = [
        f"{band_words(newer.name, share.band)}: {share_words(before[share.band])} before, {share_words(share)} now"
        for share in newer.shares
        if share.band in before and (share.low > before[share.band].high or share.high < before[share.band].low)
    ]
    then = count(older.people, "person", "people")
    since = f"Since {day_words(older.as_of)} ({then} then, not necessarily the same ones)"
    if not changes:
        return f"{since} nothing changed by more than the uncertainty."
    return f"{since} this changed by more than the uncertainty: {'; '.join(inert(change) for change in changes)}."


def table_sentence(table: ReleasedTable) -> str:
    """A table in words, the same as its chart. Safe for Markdown."""
    shares = [f"{band_words(table.name, share.band)}: {share_words(share)}" for share in table.shares]
    return f"Of {count(table.people, 'person', 'people')}, {inert('; '.join(shares))}."


def cost_words(release: Release) -> str:
    """What all releases of a year, and of five years, may reveal."""
    return (
        "There is a limit to what all numbers of a year reveal about any one person: epsilon "
        f"{release.year_epsilon:.2f} so far, at most {release.allowed_epsilon:g}. For {YEARS} years together it is "
        f"{total_words(release.allowed_epsilon)}."
    )


def total_words(yearly: float) -> str:
    """The epsilon of five years together."""
    return f"{ceil(over_years(YEARS, yearly) * 10) / 10:g}"


def budget_words(spent: float) -> str:
    """How much of a year's privacy budget is used. `spent`: its share, from 0 to 1."""
    if round(spent, 3) >= 1:
        return "This year's privacy budget is used up"
    return f"{floor(spent * 100)} % of this year's privacy budget is used"


def missing_words(sizes: tuple[TableSize, ...], shown: set[str], *, company: bool) -> str:
    """Which tables are missing, and how many people they need."""
    missing = [size for size in sizes if size.name not in shown and (company or not size.company_only)]
    if not missing:
        return ""
    named = [
        f"{title_of(size.name).lower()} ({size.ranges_from:,} people)"
        for size in sorted(missing, key=lambda size: size.ranges_from)
    ]
    words = f"Not published here: {listed(named, 5)}. With fewer people, the noise would hide everything"
    if company:
        return f"{words}."
    return f"{words}. More are needed if numbers here would make those of the larger area less accurate."
