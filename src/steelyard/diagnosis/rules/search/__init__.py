"""Search: what a table of trials can and cannot say, and comparisons of a few runs."""
