"""Search spaces, goals and suggestions: pure, and the same on every machine."""
