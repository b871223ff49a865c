"""Which event belongs to which stage: the map, its edits, its first guess."""
