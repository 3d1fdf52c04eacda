"""The Streamlit dashboard: what an employee sees of what was captured about them."""
