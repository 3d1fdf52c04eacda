"""What the employer says in answer to GDPR Article 15 where Open Book has no records, or that they say nothing.

The texts come from the settings. Open Book can't check them.
"""

from __future__ import annotations

from settings import settings

NOT_SAID = "Your employer has not said"


def transfers() -> str:
    """Transfers to third countries, Articles 15(1)(c), 15(2) and 46."""
    return _said(
        settings().transfers,
        f"{NOT_SAID} whether your data goes to countries outside the European Economic Area, nor with which "
        "safeguards (GDPR Articles 15(2) and 46). Open Book records recipients, not the countries that they are in.",
    )


def automated_decisions() -> str:
    """Article 15(1)(h)."""
    return _said(
        settings().automated_decisions,
        f"{NOT_SAID} whether the models named in this answer are used to decide about you, by what logic and with "
        "what consequences (GDPR Article 22). Open Book itself decides nothing about you.",
    )


def records_kept() -> dict[str, str]:
    """How long what is not a capture is kept, by what it is: Article 15(1)(d)."""
    return {
        "receipts": f"Receipts of your requests are kept for {settings().receipt_days:,} days after their issue. "
        "Then only a hash remains.",
        "manifests": _said(
            settings().manifests_kept,
            f"{NOT_SAID} how long it keeps the lists of what went into data sets (manifests).",
        ),
        "logs": _said(settings().logs_kept, f"{NOT_SAID} how long it keeps the logs of Open Book's programs."),
    }


def _said(text: str, otherwise: str) -> str:
    return f"Your employer says: {text.strip()}" if text.strip() else otherwise
