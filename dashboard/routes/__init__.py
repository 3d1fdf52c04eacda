"""Routes beside Streamlit that send files: exports, proofs and receipts."""
