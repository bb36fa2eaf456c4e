"""How networks that have little hope are stopped before they are done.

Each is decided between epochs among the trials of one batch, when all of their networks have come to the same
epoch: so the outcome depends neither on the number of threads nor on which process trained what.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from steelyard.recipe.base import NonNegativeFloat, NonNegativeInt, Part, PositiveInt

Reduction = Annotated[int, Field(ge=2)]


class Halving(Part):
    """Successive halving (Jamieson and Talwalkar 2016): after ``min_epochs``, and whenever the number of
    epochs has grown by ``reduction``, only the best one in ``reduction`` trials of the batch goes on.

    Epochs are counted up to the longest recipe of the batch; a trial with fewer of them is compared as it
    ended.
    """

    name: Literal["halving"] = "halving"
    reduction: Reduction = 3
    min_epochs: PositiveInt = 3
    """After one epoch, while the learning rate still warms up, fast starters are taken for good ones: in one
    of two searches on 12,000 rows of bank_marketing the winner then lost more than noise against the grid;
    with 3 in neither."""


class Hyperband(Part):
    """Hyperband (Li et al. 2018): the batch is divided into brackets that differ in when halving begins, for
    networks of which the first epochs say little. In one of them nobody is stopped."""

    name: Literal["hyperband"] = "hyperband"
    reduction: Reduction = 3
    min_epochs: PositiveInt = 1
    """The first bracket begins no earlier."""


class MedianPruning(Part):
    """The median rule (Golovin et al. 2017): after ``warmup_epochs``, every ``interval`` epochs, those trials
    stop whose score is worse than the median of what the other trials of the batch had on average until
    then."""

    name: Literal["median"] = "median"
    warmup_epochs: NonNegativeInt = 5
    interval: PositiveInt = 1


class PatiencePruning(Part):
    """A network stops once the metric of the search has not improved for ``patience`` epochs, whatever the
    recipe's own early stopping watches."""

    name: Literal["patience"] = "patience"
    patience: PositiveInt = 5
    min_delta: NonNegativeFloat = 0.0


class DropFolds(Part):
    """Folds are trained one after the other, and a trial that does badly on the first ones is spared the
    others: its mean until then is worse than the worst fold of the trial that was best on the first fold
    (Bergman et al. 2024). Other rules compare trials on the first fold alone then."""

    name: Literal["folds"] = "folds"


Pruning = Annotated[
    Halving | Hyperband | MedianPruning | PatiencePruning | DropFolds, Field(discriminator="name")
]
