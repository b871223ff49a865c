"""What a team saves: one SQLite file a project and content-addressed data files."""
