"""A made-up shop that behaves like a real one: any size, the same for the same seed.

`items`, `people` and `behaviour` are pure: sizes, a moment and a seeded generator in,
columns out. `wire` words them as the API would have them, `pictures` draws the items,
`seeding` stores everything through the catalog's own operations, `fixtures` reads a
shop that somebody wrote by hand.
"""
