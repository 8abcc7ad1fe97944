"""The HTTP doors of ranking: parse, one call, translate."""
