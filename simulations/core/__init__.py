"""Arithmetic of checks and forecasts. Pure: no Django, no clock, no chance, no I/O."""
