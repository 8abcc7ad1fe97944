"""A page of the shop that somebody edits: what they did, and the rules it makes."""
