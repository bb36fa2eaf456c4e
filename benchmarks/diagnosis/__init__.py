"""Faults and healthy twins: how often a rule of the diagnosis finds its fault, and how often it cries wolf.

Every fault is trained by our engine from many seeds, next to a twin that differs in the fault only, and next
to plain healthy runs. Thresholds are set with some of the seeds (``--setting``) and reported on others. A
fault is a file in ``faults/`` and a line in ``faults/__init__.py``.
"""
