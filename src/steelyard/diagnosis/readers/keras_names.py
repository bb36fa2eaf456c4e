"""Which Keras wrote a log, by the names in it."""

from __future__ import annotations

from collections.abc import Iterable


def framework_of(names: Iterable[str]) -> tuple[str, str]:
    """The framework, and how it is known: the learning rate is ``lr`` before Keras 3; accuracy was ``acc``
    before 2.3.

    >>> framework_of(["loss", "lr"])
    ('keras 2', "the learning rate is called 'lr'")
    """
    there = set(names)
    if "learning_rate" in there:
        return "keras 3", "the learning rate is called 'learning_rate'"
    if "lr" in there:
        return "keras 2", "the learning rate is called 'lr'"
    if there & {"acc", "val_acc"}:
        return "keras 2", "a curve is called 'acc'"
    return "keras", "the form of the log"
