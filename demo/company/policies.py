"""Tessel's capture policies, with dates relative to today, and which applications its departments use."""

from __future__ import annotations

from datetime import date, timedelta

from lake.rules.policies import Policy
from lake.rules.scope import SIGNALS

DESKTOP = ("Excel", "SAP", "Salesforce", "Zendesk", "Chrome", "Outlook")
PILOT = "word-pilot"
PILOT_RETENTION_DAYS = 30

RECORDED = ("explorer", "ShellExperienceHost", "ApplicationFrameHost", "agentnet-annotator", "Chrome", "Excel",
            "OS-Clipboard")  # fmt: skip


def policies(today: date) -> list[Policy]:
    """All policies, including the pilot that ended."""
    since = today - timedelta(days=400)
    agreement = f"GDPR 6(1)(f), works agreement of {since:%-d %B %Y}"
    mask = ["mask", "drop_passwords"]

    def policy(key: str, name: str, purpose: str, signals: str, applications: tuple[str, ...], days: int) -> Policy:
        return Policy(
            key, name, purpose, agreement, signals.split(), list(applications), mask, days, since,
            announced_on=since - timedelta(days=30), announced_by="letter to everybody",
        )  # fmt: skip

    return [
        policy(
            "assistant", "Desktop assistant training", "Train a model that works in office applications",
            "mouse_move mouse_click scroll keystroke dropdown form_edit navigation", DESKTOP, 180,
        ),
        policy(
            "replies", "Reply drafting", "Train a model that drafts answers to customers and colleagues",
            "message ticket", ("Slack", "Outlook", "Zendesk", "Jira"), 120,
        ),
        policy(
            "presence", "Focus and breaks", "Learn when help is welcome and when it disturbs",
            "window_focus afk", (*DESKTOP, "Slack", "Jira", "Word", "Desktop"), 90,
        ),
        policy(
            "clipboard", "Copy and paste study", "Find routine work between applications",
            "clipboard", ("Excel", "Chrome", "Outlook"), 60,
        ),
        policy(
            "screens", "Screen understanding", "Train a model that reads screens",
            "screenshot", ("Excel", "SAP", "Chrome"), 30,
        ),
        Policy(
            PILOT, "Word pilot", "Try capturing in Word with a few people", agreement, ["screenshot", "mouse_click"],
            ["Word"], mask, PILOT_RETENTION_DAYS, today - timedelta(days=80), today - timedelta(days=52),
            announced_on=today - timedelta(days=95), announced_by="e-mail to those in the pilot",
        ),
        Policy(
            "recordings", "Recorded demonstrations", "Show the assistant how a task is done",
            "GDPR 6(1)(f), recorded on request by the person shown", list(SIGNALS), list(RECORDED), mask, 3650,
            date(2019, 1, 1), announced_on=date(2018, 12, 1), announced_by="form read before each recording",
        ),
    ]  # fmt: skip


DEPARTMENT_APPLICATIONS = {
    "Customer Care": {"Zendesk": 32, "Chrome": 18, "Slack": 14, "Outlook": 14, "Salesforce": 10, "Excel": 8, "Jira": 4},
    "Finance": {"Excel": 36, "SAP": 26, "Outlook": 15, "Chrome": 10, "Slack": 11, "Jira": 2},
    "Sales Operations": {"Salesforce": 32, "Excel": 18, "Outlook": 20, "Chrome": 15, "Slack": 11, "Jira": 4},
}
"""How often people in a department use an application, as weights."""

PILOT_WEIGHT = 8
"""The weight of Word for those in the pilot."""
