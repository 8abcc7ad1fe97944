"""Merchandisers' rules as values, and what they do to candidates: pure functions."""
