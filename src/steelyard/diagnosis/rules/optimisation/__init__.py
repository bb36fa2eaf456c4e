"""Optimisation: training that does not start, does not stop in time, or goes astray."""
