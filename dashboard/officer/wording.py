"""The words of the privacy officer's page: reasons to choose from, and the exceptions that a hold may rest on.

Officers write no free text: whatever they choose has fixed words, which the person it is about gets to read.
"""

from __future__ import annotations

EXTENSIONS = {
    "complex": "It is complex, and takes longer to do properly",
    "many_requests": "There are many requests to answer at the moment",
}

DENIALS = {
    "manifestly_unfounded": "It is manifestly unfounded",
    "excessive": "It is excessive: it repeats earlier requests",
    "identity_not_confirmed": "It could not be confirmed that it comes from this person",
    "legal_obligation": "A law obliges the company to go on as before",
    "legal_claims": "It concerns what is needed for legal claims",
    "others_rights": "It would adversely affect the rights of others",
}

EXCEPTIONS = {
    "gdpr_17_3_b": "GDPR 17(3)(b): a law obliges the company to keep it",
    "gdpr_17_3_d": "GDPR 17(3)(d): archiving in the public interest, research, statistics",
    "gdpr_17_3_e": "GDPR 17(3)(e): legal claims",
    "ccpa_1798_105_d_2": "CCPA 1798.105(d)(2): a security incident or unlawful acts",
    "ccpa_1798_105_d_8": "CCPA 1798.105(d)(8): a law obliges the company to keep it",
    "ccpa_1798_145_a": "CCPA 1798.145(a): legal claims",
}

ROLES = {
    "privacy_officer": "A privacy officer",
    "manager": "A manager",
    "employee": "An employee",
    "controller": "A company that asked on your behalf",
}
"""Who looked, on the page that says so."""

PLANS = {
    "retrain": "Train it anew, without what was withdrawn",
    "exclude": "Leave what was withdrawn out of its next training",
    "retire": "Take it out of use",
    "none": "Nothing",
}

PLANS_TOLD = {
    "retrain": "To be trained anew",
    "exclude": "What was withdrawn is to be left out of its next training",
    "retire": "To be taken out of use",
    "none": "It was decided to plan nothing",
}
