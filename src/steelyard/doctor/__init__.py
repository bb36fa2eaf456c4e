"""Diagnosis from Python: of what a training run left behind, and of one that is going on."""

from steelyard.doctor.callback import Doctor as Doctor
from steelyard.doctor.procedure import diagnose as diagnose

__all__ = ["Doctor", "diagnose"]
