"""Sweeps and proposals over HTTP."""
