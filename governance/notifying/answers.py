"""Notifications in answers of the API."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from governance.domain.moments import Moment
from governance.notifying import chat
from governance.notifying.choices import Choice
from governance.notifying.kinds import OF, Group, Kind
from governance.notifying.tables import NotificationRow
from governance.schemas.base import Answer
from settings import settings

LanguageCode = Literal["en", "de", "fr", "es"]


class Notification(Answer):
    """That something happened. What it was is on the page."""

    id: int = Field(description="Counted from 1 among yours.")
    kind: Kind
    words: str
    page: str = Field(description="The path of the page of the dashboard where to look; empty: Overview.")
    at: Moment
    seen_at: Moment | None

    @classmethod
    def of(cls, row: NotificationRow) -> Notification:
        kind = Kind(row.kind)
        told = OF[kind]
        return cls(id=row.number, kind=kind, words=told.words, page=told.page, at=row.at, seen_at=row.seen_at)


class SeenUntil(BaseModel):
    model_config = ConfigDict(extra="forbid")

    newest: int = Field(ge=1, le=2**53 - 1, description="The `id` of the newest one that you have seen.")


class NotificationSettings(BaseModel):
    model_config = ConfigDict(extra="forbid")

    app: list[Group] = Field(max_length=len(Group), description="What you are told about in the app.")
    mail: list[Group] = Field(max_length=len(Group), description="What you are told about by e-mail.")
    chat: list[Group] | None = Field(
        None,
        max_length=len(Group),
        description="What you are told about in Slack or Teams, if you connected it; missing: as before.",
    )
    language: LanguageCode | None = Field(None, description="In which messages are written; missing: as before.")


class Webhook(BaseModel):
    model_config = ConfigDict(extra="forbid")

    webhook: str = Field(
        min_length=1, max_length=2000, description="An incoming webhook of Slack or Teams. It is never given out again."
    )


class NotificationChoice(Answer):
    """How you are told. E-mail goes to your work address, which your employer may be able to read."""

    app: list[Group]
    mail: list[Group]
    language: LanguageCode | None = Field(
        description="In which messages are written. Null: you chose none; that of your newest request, or English."
    )
    chosen_at: Moment | None = Field(description="Null: these are the defaults.")
    mail_available: bool = Field(description="Whether this installation sends e-mail.")
    chat: list[Group] = Field(description="What you are told about in Slack or Teams, once you connected it.")
    chat_host: str | None = Field(description="The host of the webhook that you connected; null: none.")
    chat_hosts: list[str] = Field(
        description="Hosts of which webhooks may be; those that begin with a dot stand for all below. Empty: none."
    )

    @classmethod
    def of(cls, choice: Choice) -> NotificationChoice:
        return cls(
            app=sorted(choice.app),
            mail=sorted(choice.mail),
            language=TypeAdapter(LanguageCode | None).validate_python(choice.language),
            chosen_at=choice.chosen_at,
            mail_available=bool(settings().mail_server),
            chat=sorted(choice.chat),
            chat_host=choice.chat_host,
            chat_hosts=chat.hosts(),
        )
