"""How numbers are written in the sentences of findings, so that they can be read aloud."""

from __future__ import annotations

from collections.abc import Sequence

from steelyard.diagnosis.signals import Estimate


def percent(share: float) -> str:
    """A share with three digits, or four from one tenth on.

    >>> percent(0.047619), percent(0.95987), percent(1.0), percent(3e-9)
    ('4.76%', '95.99%', '100%', 'less than 0.001%')
    """
    if 0.0 < share < 1e-5:
        return "less than 0.001%"
    return f"{100 * share:.3g}%" if share < 0.1 else f"{100 * share:.4g}%"


def number(value: float) -> str:
    """Four digits at most.

    >>> number(0.154371), number(1.0)
    ('0.1544', '1')
    """
    return f"{value:.4g}"


def counted(amount: int, thing: str) -> str:
    """An amount and what it is of; ``thing`` in the singular.

    >>> counted(1398766, "row"), counted(1, "epoch")
    ('1,398,766 rows', '1 epoch')
    """
    return f"{amount:,} {thing}" if amount == 1 else f"{amount:,} {thing}s"


def estimated(estimate: Estimate, *, share: bool = False) -> str:
    """A number, or the two between which it lies.

    >>> estimated(Estimate(0.19, 0.19, 0.19)), estimated(Estimate(0.04, 0.03, 0.05), share=True)
    ('0.19', 'between 3% and 5%')
    """
    write = percent if share else number
    low, high = write(estimate.low), write(estimate.high)
    return write(estimate.value) if low == high else f"between {low} and {high}"


def listed(names: Sequence[object], most: int = 4) -> str:
    """Names in a sentence; of many, the first and how many more.

    >>> listed([1, 2, 3]), listed(range(1, 51))
    ('1, 2 and 3', '1, 2, 3, 4 and 46 more')
    """
    shown = [str(name) for name in names[:most]]
    if len(names) > most:
        return f"{', '.join(shown)} and {len(names) - most:,} more"
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1] if shown else "")))
