"""Legal exceptions: what may be kept although the person wants it erased, and what a legal hold may be based on."""

from __future__ import annotations

from enum import StrEnum


class LegalException(StrEnum):
    """A legal ground for keeping what the person wants erased. Its `words` follow "because"."""

    GDPR_17_3_B = "gdpr_17_3_b"
    GDPR_17_3_D = "gdpr_17_3_d"
    GDPR_17_3_E = "gdpr_17_3_e"
    CCPA_1798_105_D_2 = "ccpa_1798_105_d_2"
    CCPA_1798_105_D_8 = "ccpa_1798_105_d_8"
    CCPA_1798_145_A = "ccpa_1798_145_a"

    @property
    def article(self) -> str:
        return _ARTICLES[self][0]

    @property
    def words(self) -> str:
        return _ARTICLES[self][1]


_ARTICLES = {
    LegalException.GDPR_17_3_B: ("GDPR 17(3)(b)", "a law obliges your employer to keep this"),
    LegalException.GDPR_17_3_D: (
        "GDPR 17(3)(d)",
        "this is kept for archiving in the public interest, research or statistics that would suffer without it",
    ),
    LegalException.GDPR_17_3_E: (
        "GDPR 17(3)(e)",
        "this is needed to establish, exercise or defend legal claims",
    ),
    LegalException.CCPA_1798_105_D_2: (
        "CCPA 1798.105(d)(2)",
        "this is needed to look into a security incident or unlawful acts",
    ),
    LegalException.CCPA_1798_105_D_8: ("CCPA 1798.105(d)(8)", "a law obliges your employer to keep this"),
    LegalException.CCPA_1798_145_A: ("CCPA 1798.145(a)", "this is needed to exercise or defend legal claims"),
}
