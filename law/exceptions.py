"""Legal exceptions: what may be kept although the person wants it erased, and what a legal hold may be based on."""

from __future__ import annotations

from enum import StrEnum

from languages import mark


class LegalException(StrEnum):
    """A legal ground for keeping what the person wants erased. Its `words` follow "because". Its texts are marked."""

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
    LegalException.GDPR_17_3_B: (mark("GDPR 17(3)(b)"), mark("a law obliges your employer to keep this")),
    LegalException.GDPR_17_3_D: (
        mark("GDPR 17(3)(d)"),
        mark("this is kept for archiving in the public interest, research or statistics that would suffer without it"),
    ),
    LegalException.GDPR_17_3_E: (
        mark("GDPR 17(3)(e)"),
        mark("this is needed to establish, exercise or defend legal claims"),
    ),
    LegalException.CCPA_1798_105_D_2: (
        mark("CCPA 1798.105(d)(2)"),
        mark("this is needed to look into a security incident or unlawful acts"),
    ),
    LegalException.CCPA_1798_105_D_8: (mark("CCPA 1798.105(d)(8)"), mark("a law obliges your employer to keep this")),
    LegalException.CCPA_1798_145_A: (
        mark("CCPA 1798.145(a)"),
        mark("this is needed to exercise or defend legal claims"),
    ),
}
