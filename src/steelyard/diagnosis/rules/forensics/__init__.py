"""Forensics: what the numbers of one log say about each other, and about how they were written."""
