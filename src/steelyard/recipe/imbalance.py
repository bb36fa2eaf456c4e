"""What is done about one class being rare."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from steelyard.recipe.base import Float, Part, PositiveFloat, PositiveInt, by_name

Ratio = Annotated[Float, Field(gt=0.0, le=1.0)]
Between = Annotated[Float, Field(gt=0.0, lt=1.0)]


class ClassWeight(Part):
    """Explicit weights of the rows of each class."""

    negative: PositiveFloat = 1.0
    positive: PositiveFloat = 1.0


class NoResampling(Part):
    """The training rows as they are."""

    name: Literal["none"] = "none"


class RandomOverSampling(Part):
    """Training rows of the rarer class, drawn with replacement, are repeated."""

    name: Literal["random_over_sampling"] = "random_over_sampling"
    ratio: Ratio = 1.0
    """Rows of the rarer class per row of the other afterwards."""


class RandomUnderSampling(Part):
    """Training rows of the commoner class are left out at random."""

    name: Literal["random_under_sampling"] = "random_under_sampling"
    ratio: Ratio = 1.0
    """Rows of the rarer class per row of the other afterwards."""


class SMOTE(Part):
    """Invents rows of the rarer class between neighbouring ones (Chawla et al. 2002).

    Neighbours are found among the scaled numbers; whole numbers become fractions. With category or
    true/false columns it is SMOTENC of the same paper: there an invented row has the commonest value of
    its neighbours. Without any number it is SMOTEN.
    """

    name: Literal["smote"] = "smote"
    ratio: Ratio = 1.0
    """Rows of the rarer class per row of the other afterwards."""
    k_neighbors: PositiveInt = 5
    """Among how many nearest rows of its class the other end is drawn."""


class BorderlineSMOTE(Part):
    """SMOTE from those rows only of which at least half the neighbours are of the other class, but not
    all (Han et al. 2005, borderline-1). For tables without categories."""

    name: Literal["borderline_smote"] = "borderline_smote"
    ratio: Ratio = 1.0
    """Rows of the rarer class per row of the other afterwards."""
    k_neighbors: PositiveInt = 5
    """Among how many nearest rows of its class the other end is drawn."""
    m_neighbors: PositiveInt = 10
    """How many nearest rows of either class decide whether a row lies at the border."""


class ADASYN(Part):
    """SMOTE that invents the more rows at a row, the more of its neighbours are of the other class
    (He et al. 2008). For tables without categories."""

    name: Literal["adasyn"] = "adasyn"
    ratio: Ratio = 1.0
    """Rows of the rarer class per row of the other afterwards, but for rounding."""
    k_neighbors: PositiveInt = 5
    """Nearest rows: of either class to count, of its class for the other end."""


class SMOTEENN(Part):
    """SMOTE, then rows with a neighbour of the other class are left out (Batista et al. 2004).

    Edited nearest neighbours (Wilson 1972), on both classes. Its time grows with the square of the rows.
    """

    name: Literal["smote_enn"] = "smote_enn"
    ratio: Ratio = 1.0
    """Rows of the rarer class per row of the other before rows are left out."""
    k_neighbors: PositiveInt = 5
    """Among how many nearest rows of its class the other end is drawn."""
    enn_neighbors: PositiveInt = 3
    """How many nearest rows must all be of a row's own class for it to stay."""


class SMOTETomek(Part):
    """SMOTE, then pairs of rows of different classes that are each other's nearest are left out
    (Batista et al. 2003; Tomek 1976). Its time grows with the square of the rows."""

    name: Literal["smote_tomek"] = "smote_tomek"
    ratio: Ratio = 1.0
    """Rows of the rarer class per row of the other before rows are left out."""
    k_neighbors: PositiveInt = 5
    """Among how many nearest rows of its class the other end is drawn."""


class BalancedBatches(Part):
    """Every batch is drawn with the same share of positives; an epoch has as many rows as without."""

    name: Literal["balanced_batches"] = "balanced_batches"
    positive_share: Between = 0.5


Inventive = SMOTE | BorderlineSMOTE | ADASYN | SMOTEENN | SMOTETomek
"""Resampling that invents rows. It changes what the rows of a class look like, not only how many there are:
no formula takes that back."""

Resampling = Annotated[
    NoResampling
    | RandomOverSampling
    | RandomUnderSampling
    | SMOTE
    | BorderlineSMOTE
    | ADASYN
    | SMOTEENN
    | SMOTETomek
    | BalancedBatches,
    Field(discriminator="name"),
    BeforeValidator(by_name),
]
"""A table with a ``name``, or the name alone."""


class Imbalance(Part):
    """Weights and resampling; neither by default, since both distort probabilities.

    Whatever is resampled is training rows, inside each fold; validation and test rows stay as they are.
    Focal loss and logit adjustment are losses; a threshold is chosen after training.
    """

    class_weight: Literal["none", "balanced", "square_root"] | ClassWeight = "none"
    """``balanced`` is scikit-learn's rule, n / (2 n_class), from the training rows; ``square_root``
    takes the square root of the ratio between these."""
    resampling: Resampling = NoResampling()
    """Which training rows the network learns from, and how often."""
    correct_prior: bool = True
    """Whether predicted probabilities are brought back to the base rate of the training rows, as they were
    before weights, resampling and loss. If not, they stay as the networks give them: ``auto`` calibrates
    nothing then, which would bring them back too."""
