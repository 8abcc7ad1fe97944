"""Models learned from interactions. They get arrays and return arrays."""
