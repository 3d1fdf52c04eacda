"""Who could see people's data: what Open Book's own configuration and directory say, and the employer's list of other
systems. It knows nothing of a system that isn't listed.
"""

from __future__ import annotations

from collections.abc import Iterator

from directory import OFFICER, Directory
from governance import access_reports
from governance.api import service_tokens
from governance.api.service_tokens import Scope
from governance.opendsr import partners
from governance.schemas import PossibleAccess, StandingAccess
from languages import mark
from languages.saying import say, sentences
from settings import settings

OF_SCOPE = {
    Scope.CAPTURES_READ: mark("the records in the training datasets that it may use, without names"),
    Scope.DATASETS_READ: mark("the purpose and size of training datasets"),
    Scope.DIRECTORY_WRITE: mark(
        "your name, address, department, team, role, manager and sign-in id, and change them: it keeps the directory, "
        "and these reads are not listed as views"
    ),
    Scope.DATASETS_CREATE: mark("the size of the training datasets that it creates"),
    Scope.CAPTURE_CONTROL: mark(
        "whether you have paused the recording of your work, until when, and which policies apply to you: recorders "
        "ask all the time, and these reads are not listed as views"
    ),
    Scope.METRICS_READ: mark("how many requests of all people are open, of which kind and how old; not whose"),
}
REPORTING = frozenset(
    {
        Scope.LINEAGE_WRITE,
        Scope.MODELS_DEPLOY,
        Scope.MODELS_RETIRE,
        Scope.ACCESS_REPORT,
        Scope.CAPTURES_WRITE,
        Scope.RECORDERS_REPORT,
    }
)
"""Scopes that read nothing."""
OFFICERS_READ = mark(
    "Your requests and their deadlines, legal holds, and a note of a rectification if you allow it or two of them open "
    "it together. Your name, address, department, team and sign-in id while the HR system gives your address another "
    "id. Not your records; but after you leave, they can make the code of a letter, with which whoever has it can read "
    "them. You see each use."
)
OPERATORS_READ = mark(
    "Technically everything, including the content of your records. If they read the files directly, no entry is made."
)

MONITORING_READS = mark(
    "It is told when you sign in and out, what you were refused, and when you leave, with your key in Open Book and "
    "your network address; not your name, nor any record. Whoever looks at it there is not listed here."
)


def who_could() -> PossibleAccess:
    standing = [*_roles(), *_monitoring(), *_programs(), *_companies()]
    return PossibleAccess(standing=standing, systems=access_reports.heard(), delay_days=access_reports.delay_days())


def _roles() -> Iterator[StandingAccess]:
    with Directory.open() as directory:
        officers = directory.number_of(OFFICER)
    yield StandingAccess(who=say("Privacy officers ({n})", n=officers), kind="role", reads=OFFICERS_READ)
    yield StandingAccess(
        who=mark("Managers"), kind="role", reads=mark("Published numbers about groups of people, by this app.")
    )
    yield StandingAccess(
        who=mark("Whoever runs the servers and has their keys"), kind="operators", reads=OPERATORS_READ
    )


def _monitoring() -> Iterator[StandingAccess]:
    if settings().security_events:
        yield StandingAccess(who=mark("Your employer's security monitoring"), kind="operators", reads=MONITORING_READS)


def _programs() -> Iterator[StandingAccess]:
    scopes: dict[str, set[str]] = {}
    for token in service_tokens.known():
        if not token.expired:
            scopes.setdefault(token.name, set()).update(token.scopes)
    for name, granted in sorted(scopes.items()):
        read = [say("It can read {what}.", what=say(words)) for scope, words in OF_SCOPE.items() if scope in granted]
        reads = sentences(*read) if read else say("Nothing about you: it only reports to Open Book.")
        if Scope.CAPTURES_READ in granted and settings().training_approval_hours:
            reads = sentences(reads, say("Records only once a privacy officer has approved that, for each dataset."))
        who = name
        if name in access_reports.systems():
            who = say("{name} (its token for Open Book)", name=name)
            reads = sentences(reads, say("What the system {name} has itself is listed under Other systems.", name=name))
        yield StandingAccess(who=who, kind="program", reads=reads)


def _companies() -> Iterator[StandingAccess]:
    try:
        found = partners.load()
    except partners.InvalidPartners:
        yield StandingAccess(
            who=mark("Other companies"),
            kind="company",
            reads=mark("Unknown: the list of them can't be read right now."),
        )
        return
    for processor in found.processors.values():
        reads = mark(
            "That you deleted data, under the identity by which it knows you; it has data of its own to delete."
        )
        yield StandingAccess(who=processor.domain, kind="company", reads=reads)
    for controller in found.controllers.values():
        reads = mark("The export of your data, if it files an access request on your behalf.")
        yield StandingAccess(who=controller.domain, kind="company", reads=reads)
