"""A namespace's data as files, in the names and values of the ingestion bodies.

What is exported can be sent again, or imported (`import_dataset csv|parquet`).
"""
