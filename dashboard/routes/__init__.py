"""Routes next to Streamlit that send files: exports, proofs and receipts."""
