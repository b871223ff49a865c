"""The Streamlit app: frame, session, the one door to answers, and components."""
