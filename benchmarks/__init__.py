"""Measurements against the peers, run by ``make bench``. Not tests: nothing here passes or fails."""
