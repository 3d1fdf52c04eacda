"""The words of what was published about many people: tables, bands, shares and what protects them."""

from __future__ import annotations

from math import ceil, floor

from api_client.models import ReleasedTable, Share, TableSize
from dashboard.moments import day_words
from dashboard.text import inert, plain
from dashboard.wording import count, listed

TITLES = {
    "volume": "How much is held",
    "retention": "Kept within its time",
    "signals": "What is captured",
    "applications": "In which applications",
    "answers": "How requests were answered",
}
"""The tables, in the order in which they are shown."""

MEANINGS = {
    "volume": "People by how many captures are held of them.",
    "retention": "People of whom nothing is held past its last day, for whatever reason.",
    "signals": "People of whom at least one capture of that kind is held.",
    "applications": "People of whom at least one capture in that application is held.",
    "answers": "People by the slowest answer that they had to a request between this release and the one before.",
}

BANDS = {
    "volume": {
        "none": "nothing",
        "under_10k": "fewer than 10,000 captures",
        "under_50k": "10,000 to 49,999 captures",
        "more": "50,000 captures or more",
    },
    "retention": {"within": "nothing past its last day"},
    "signals": {
        "pointer": "mouse: movements, clicks, scrolls",
        "typing": "typed text, form entries, copy and paste",
        "windows": "windows, pages, presence",
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

DESIGNS = {"ours": "In ours", "naive": "In the usual kind"}

ATTACKS = {
    "row_space": "Putting all published numbers together",
    "bounds": "Bounds on what was left out",
    "homogeneous": "Groups in which all are alike",
    "colluders_0": "Subtraction, by a manager alone",
    "colluders_1": "Subtraction, with one who helps",
    "colluders_2": "Subtraction, with two who help",
    "joins": "Comparing before and after somebody joins",
    "leavers": "Comparing before and after somebody leaves",
    "transfers": "Comparing before and after somebody changes teams",
    "erasures": "Comparing before and after a deletion",
    "informed": "Somebody who knows everything about all others",
    "replay": "Looking 1,000 times and averaging",
    "structure": "Anything else that depends on what people did",
    "membership": "Telling two companies apart that differ in one person",
}

PROTECTION = """\
- **People are counted, never what they did.** Each person is in a band, such as "10,000 to 49,999 captures"; \
nobody sees numbers of one person.
- **On a schedule, and never again.** Numbers are published for the whole company at once, at most every three \
months, and stay as they are. There is no filter to try out. A deletion or somebody's leaving doesn't change \
what was published.
- **Never about few.** Whatever can be computed from all areas that have numbers is about at least ten people: \
seven others for a manager who knows themselves and two more. Smaller teams are counted with the area above \
them. Areas of fewer than 50 people have no numbers at all.
- **With noise.** To each count a random amount is added, drawn once. The bars show how far off a number may be: \
the truth is within in 95 of 100 cases. Where the noise is too large for a number, only the range is published, \
and where that would say nothing, nothing.
- **With a budget.** What all numbers of a year together can tell about one person is bounded: epsilon is at \
most {epsilon:g} at delta {delta}. When it is spent, nothing more is published. It holds against whoever knows \
everything about everybody else.
- **What people asked for counts.** Captures that somebody had erased, or asked not to be used, are not counted \
from the next release on; the person is then counted as somebody of whom nothing is held.

Who works where is not protected by this: managers know it, and it alone decides which areas have numbers.
"""


def title_of(table: str) -> str:
    return TITLES.get(table, plain(table, 40))


def band_words(table: str, band: str) -> str:
    """What a band is called; an application's own name."""
    return BANDS.get(table, {}).get(band) or plain(band, 60)


def share_words(share: Share) -> str:
    """`34 % (30 to 38 %)`, or `20 to 45 %` where only the range was published."""
    low, high = floor(share.low * 100 + 1e-9), ceil(share.high * 100 - 1e-9)
    if share.share is None:
        return f"{low} to {high} %"
    return f"{share.share * 100:.0f} % ({low} to {high} %)"


def change_words(newer: ReleasedTable, older: ReleasedTable) -> str:
    """What changed for certain: bands whose intervals don't touch."""
    before = {share.band: share for share in older.shares}
    changes = [
        f"{band_words(newer.name, share.band)} was {share_words(before[share.band])}, is {share_words(share)}"
        for share in newer.shares
        if share.band in before and (share.low > before[share.band].high or share.high < before[share.band].low)
    ]
    then = count(older.people, "person", "people")
    since = f"Since {day_words(older.as_of)} ({then} then, not necessarily the same ones)"
    if not changes:
        return f"{since} nothing changed by more than the uncertainty."
    return f"{since} this changed by more than the uncertainty: {'; '.join(inert(change) for change in changes)}."


def table_sentence(table: ReleasedTable) -> str:
    """A table in words; what its chart says. Safe for Markdown."""
    told = [f"{band_words(table.name, share.band)} {share_words(share)}" for share in table.shares]
    return f"Of {count(table.people, 'person', 'people')}: {inert('; '.join(told))}."


def answer_of(tables: tuple[ReleasedTable, ...], whose: str) -> str:
    """What a page says first: how much is held of how many, and whether it is kept in time. `tables`: newest only."""
    named = {table.name: table for table in tables}
    words = []
    if volume := named.get("volume"):
        some = next((share for share in volume.shares if share.band == "none"), None)
        if some is not None:
            held = Share("some", None if some.share is None else 1 - some.share, 1 - some.high, 1 - some.low)
            words.append(f"Something is held of **{share_words(held)}** of {whose}")
    if retention := named.get("retention"):
        words.append(f"nothing is held past its last day of **{share_words(retention.shares[0])}**")
    return f"{'; '.join(words)}." if words else ""


def missing_words(sizes: tuple[TableSize, ...], shown: set[str], *, company: bool) -> str:
    """Which tables are not there, and how many people they need."""
    missing = [size for size in sizes if size.name not in shown and (company or not size.company_only)]
    if not missing:
        return ""
    named = [
        f"{title_of(size.name).lower()} ({size.ranges_from:,} people)"
        for size in sorted(missing, key=lambda size: size.ranges_from)
    ]
    told = f"Not published here: {listed(named, 5)}. It takes at least so many people for the noise to leave something"
    return f"{told}." if company else f"{told}, and more where a larger area around this one would lose by it."
