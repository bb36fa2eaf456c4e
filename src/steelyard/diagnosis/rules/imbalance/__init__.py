"""Imbalance: class weights and resampling that are not in force, stack up, or bend what is reported."""
