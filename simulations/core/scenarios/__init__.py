"""Scenarios: stories of a few steps, and what must hold when they were played."""
