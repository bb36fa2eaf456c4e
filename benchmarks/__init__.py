"""Measurements against the peers, run by ``make bench`` and ``make seeds``.

Not tests: nothing here passes or fails.
"""
