"""A namespace that only one transaction knows: made, filled, asked, and let go.

Scenarios and simulations change rules, items and knobs as they please. They do so in a
namespace that is never committed: nobody else ever sees it, and whatever ends the
transaction, kill -9 of the process too, ends it. Only files of its signals lie outside
the database; :func:`~simulations.operations.rehearsal.private.sweep` removes those that
a killed process left.
"""
