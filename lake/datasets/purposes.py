"""What captures may be used for: the purpose of their policy, or a part of it that names it, and nothing else.

A policy has one purpose. Its captures may go into a dataset for the same purpose (`violations.same_purpose`), or into
one whose purpose begins with the policy's and a colon:

    policy                 dataset
    model training         model training                            yes
    model training         model training: answers to customers      yes, a part of it
    model training         fine-tuning                               yes, training is one purpose
    model training         performance evaluation                    no
    draft answers          model training                            no: wider

Only the words can be compared, so the rule errs on the side of leaving captures out.
"""

from __future__ import annotations

from lake.lineage.violations import same_purpose


def allows(of_policy: str, declared: str) -> bool:
    """Whether captures of a policy with that purpose may go into a dataset declared for another."""
    whole, colon, _ = declared.partition(":")
    return same_purpose(of_policy, declared) or bool(colon and whole.strip() and same_purpose(of_policy, whole))
