"""What the employer says in answer to GDPR Article 15 where Open Book has no records, or that they say nothing.

The texts come from the settings, in the words of the employer. Open Book can't check them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from settings import settings

if TYPE_CHECKING:
    from languages.language import Language


def transfers(language: Language) -> str:
    """Transfers to third countries, Articles 15(1)(c), 15(2) and 46."""
    return _said(language, settings().transfers) or language.t(
        "Your employer has not said whether your data goes to countries outside the European Economic Area, nor with "
        "which safeguards (GDPR Articles 15(2) and 46). Open Book records recipients, not the countries that they are "
        "in."
    )


def automated_decisions(language: Language) -> str:
    """Article 15(1)(h)."""
    return _said(language, settings().automated_decisions) or language.t(
        "Your employer has not said whether the models named in this answer are used to decide about you, by what "
        "logic and with what consequences (GDPR Article 22). Open Book itself decides nothing about you."
    )


def records_kept(language: Language) -> dict[str, str]:
    """How long what is not a capture is kept, by what it is: Article 15(1)(d)."""
    return {
        "receipts": language.tn(
            "Receipts of your requests are kept for {n} day after their issue. Then only a hash remains.",
            "Receipts of your requests are kept for {n} days after their issue. Then only a hash remains.",
            settings().receipt_days,
        ),
        "manifests": _said(language, settings().manifests_kept)
        or language.t("Your employer has not said how long it keeps the lists of what went into datasets (manifests)."),
        "logs": _said(language, settings().logs_kept)
        or language.t("Your employer has not said how long it keeps the logs of Open Book's programs."),
    }


def _said(language: Language, text: str) -> str:
    return language.t("Your employer says: {words}", words=text.strip()) if text.strip() else ""
