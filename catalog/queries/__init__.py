"""Reads: rows out of the database, as values."""
