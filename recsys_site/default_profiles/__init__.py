"""The profiles that ship: each the outcome of a sweep that anybody can repeat."""
