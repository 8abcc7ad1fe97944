"""Real data sets, read as they are: dirty, large, and once.

The story of an import: `files` reads rows in batches of a fixed number, a format
(`online_retail`, `movielens`, `tables`) turns each batch into items, users or events
and tells a `Tally` what it refused and why, and `storing` writes batch after batch,
each in one transaction with the place where to go on. Memory depends on the number of
items, never on that of events; a killed import goes on with the next batch.
"""
