"""Ctrl-K: find things of a namespace by name or id."""
