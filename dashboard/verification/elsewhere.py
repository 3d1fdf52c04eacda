"""How a file that was saved is checked without us: the commands, and the key that has to be compared.

The key is the same for everybody, so it is kept for the session.
"""

from __future__ import annotations

import streamlit as st

from api_client.errors import GovernanceError, Unauthorized
from dashboard.sign_in.identity import Visitor

_KEY = "ledger_key"


def draw_elsewhere(visitor: Visitor, files: str) -> None:
    """`files`: what stands after `verifier.py`, the key aside."""
    key = _key(visitor)
    st.code(f"pip install cryptography\npython verifier.py {files} --key '{key}'", language=None)
    st.caption(
        "Compare the key with the one that a colleague sees here, or that your works council keeps: whoever can "
        "exchange what we show you could exchange the key as well, but not in all those places."
    )


def _key(visitor: Visitor) -> str:
    """As the verifier takes it; the word KEY where it can't be had now."""
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
