"""Collapse: all rows on one side of 0.5, and metrics that stand still."""
