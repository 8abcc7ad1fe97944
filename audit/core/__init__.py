"""What a decision is, as values: no database, no clock, no files."""
