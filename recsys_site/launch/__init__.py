"""`make run`: from a fresh clone to a running platform, and back to nothing.

`find_python` and `install` work before any package is installed; `python -m
recsys_site.launch` then owns everything that it starts. Its children have sessions of
their own, so that Ctrl-C reaches the launcher alone, which stops them in order; a leash
and a guard end them with it even if it is killed.
"""
