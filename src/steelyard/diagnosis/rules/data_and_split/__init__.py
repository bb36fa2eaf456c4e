"""Data and split: inputs a network cannot use, and validation rows that do not tell what new rows will."""
