"""The Merchandise page: what a surface shows, and what a draft would make of it."""
