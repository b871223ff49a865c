"""Raw table in, event log out: which column is what, and what was repaired."""
