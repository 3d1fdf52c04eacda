"""How to check a saved file without us: the commands, and the key to compare.

The key is the same for everybody, so it is cached for the session.
"""

from __future__ import annotations

import streamlit as st

from api_client.errors import GovernanceError, Unauthorized
from dashboard.language import t
from dashboard.sign_in.identity import Visitor

_KEY = "ledger_key"


def draw_elsewhere(visitor: Visitor, files: str) -> None:
    """`files`: the arguments of `verifier.py`, without the key."""
    key = _key(visitor)
    st.code(f"pip install cryptography\npython verifier.py {files} --key '{key}'", language=None, wrap_lines=True)
    st.caption(
        t(
            "Compare the key with the one that a colleague sees here, or that your works council keeps. Someone who "
            "can change what we show you could also change the key, but not in all those places."
        )
    )


def _key(visitor: Visitor) -> str:
    """In the verifier's format; the word KEY if it can't be fetched now."""
    key = st.session_state.get(_KEY)
    if key is None:
        try:
            with visitor.governance() as governance:
                key = governance.ledger.key().strip()
        except Unauthorized:
            raise
        except GovernanceError:
            return "KEY"
        st.session_state[_KEY] = key
    return str(key)
