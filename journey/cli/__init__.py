"""What the command line was told, what it reads for that, and how it prints."""
