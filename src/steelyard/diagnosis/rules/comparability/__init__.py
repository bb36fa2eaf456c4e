"""Comparability: two curves that look like the same quantity and are not."""
