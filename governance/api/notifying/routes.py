"""`/v1/me/notifications`: what the caller was told; `/no-more-mail`: the link in each e-mail."""

from __future__ import annotations

import html
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import HTMLResponse

from governance.api.authentication import Person
from governance.api.edge.admission import AdmittingRoute
from governance.api.openapi import errors
from governance.notifying import chat, choices, telling, unsubscribing
from governance.notifying.answers import (
    Notification,
    NotificationChoice,
    NotificationSettings,
    SeenUntil,
    Webhook,
)
from governance.schemas.paging import PAGED, Page

router = APIRouter(route_class=AdmittingRoute, prefix="/me/notifications", tags=["me"])
link = APIRouter(route_class=AdmittingRoute, tags=["notifications"])

Token = Annotated[str, Query(max_length=100, description="As in the link.")]
POLICY = "default-src 'none'; form-action 'self'; frame-ancestors 'none'"
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>E-mail from Open Book</title>
</head>
<body>
<main>
<h1>E-mail from Open Book</h1>
{content}
</main>
</body>
</html>
"""
ASK = """<p>You can stop all e-mail from Open Book. What happens is still shown in the app, where you can also
choose what is sent.</p>
<form method="post" action="{place}"><button type="submit">Send me no more e-mail</button></form>"""
DONE = "<p>You will get no more e-mail from Open Book. You can choose otherwise on Overview.</p>"


@router.get("", responses=PAGED | errors(422))
def notifications(person: Person, page: Page) -> list[Notification]:
    """What you were told in the last 90 days, the newest first. It says that something happened, and where to look."""
    return [Notification.of(row) for row in telling.page_of(person.subject.key, page)]


@router.put("/seen", status_code=204, responses=errors(422))
def see(until: SeenUntil, person: Person) -> Response:
    """Mark what you were told as seen. It has no other effect."""
    telling.see(person.subject.key, until.newest)
    return Response(status_code=204)


@router.get("/settings")
def settings(person: Person) -> NotificationChoice:
    """How you are told."""
    return NotificationChoice.of(choices.of_person(person.subject.key))


@router.put("/settings", responses=errors(422))
def choose(wanted: NotificationSettings, person: Person) -> NotificationChoice:
    """Choose what you are told about in the app, what by e-mail or in Slack or Teams, and in which language."""
    in_chat = None if wanted.chat is None else set(wanted.chat)
    chosen = choices.choose(person.subject.key, set(wanted.app), set(wanted.mail), wanted.language, in_chat)
    return NotificationChoice.of(chosen)


@router.put("/chat", responses=errors(422, 503))
def connect_chat(wanted: Webhook, person: Person) -> NotificationChoice:
    """Be told in Slack or Teams, too, by a webhook of yours. It gets a first message now. If it doesn't take that,
    nothing is changed."""
    return NotificationChoice.of(chat.connect(person.subject.key, wanted.webhook))


@router.delete("/chat")
def disconnect_chat(person: Person) -> NotificationChoice:
    """Be told in Slack or Teams no more; the webhook is forgotten. Safe to repeat."""
    return NotificationChoice.of(choices.disconnect(person.subject.key))


@link.get(unsubscribing.PATH, responses=errors(404, 422, 429, 503), response_class=HTMLResponse)
def ask_about_mail(token: Token) -> HTMLResponse:
    """A page that asks whether to stop e-mail. It changes nothing: programs that scan mail follow links."""
    unsubscribing.owner(token)
    place = html.escape(f"{unsubscribing.PATH}?token={token}", quote=True)
    return _page(ASK.format(place=place))


@link.post(unsubscribing.PATH, responses=errors(404, 422, 429, 503), response_class=HTMLResponse)
def stop_mail(token: Token) -> HTMLResponse:
    """Stop all e-mail to the person of the link, as a mail program or that page does (RFC 8058). The body is not
    read; the signature in the link is the caller's authentication."""
    unsubscribing.unsubscribe(token)
    return _page(DONE)


def _page(content: str) -> HTMLResponse:
    return HTMLResponse(PAGE.format(content=content), headers={"Content-Security-Policy": POLICY})
