"""`make bench`: what this machine reaches, as ratios first and milliseconds second.

Client, servers and PostgreSQL share the same cores, and the machine may be noisy: the
ratios within one run are safer than the figures themselves.
"""
