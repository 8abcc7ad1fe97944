"""The ranking itself: pure functions from values to values."""
