"""The catalog's pure half: wire formats, checks, the feed's encoding."""
