"""The HTTP doors of the catalog, and what every other app's doors are made of."""
