"""Diagnosis: from a training log, ours or anybody's, to findings with evidence."""
