"""Keras' metrics for one output, each a number of a whole set of rows: ``keras.metrics``."""

from typing import TYPE_CHECKING

from steelyard.keras.codes import refuse
from steelyard.keras.metrics.compiled import CLASSES
from steelyard.keras.metrics.compiled import compile_metrics as compile_metrics
from steelyard.keras.metrics.compiled import deserialize as deserialize
from steelyard.keras.metrics.compiled import get as get
from steelyard.keras.metrics.compiled import serialize as serialize
from steelyard.keras.metrics.compiled import warn_of_logits as warn_of_logits
from steelyard.keras.metrics.compiled import warn_undefined as warn_undefined
from steelyard.keras.metrics.confusion import BinaryAccuracy as BinaryAccuracy
from steelyard.keras.metrics.confusion import FalseNegatives as FalseNegatives
from steelyard.keras.metrics.confusion import FalsePositives as FalsePositives
from steelyard.keras.metrics.confusion import Precision as Precision
from steelyard.keras.metrics.confusion import Recall as Recall
from steelyard.keras.metrics.confusion import TrueNegatives as TrueNegatives
from steelyard.keras.metrics.confusion import TruePositives as TruePositives
from steelyard.keras.metrics.distance import BinaryCrossentropy as BinaryCrossentropy
from steelyard.keras.metrics.distance import MeanAbsoluteError as MeanAbsoluteError
from steelyard.keras.metrics.distance import MeanSquaredError as MeanSquaredError
from steelyard.keras.metrics.distance import RootMeanSquaredError as RootMeanSquaredError
from steelyard.keras.metrics.f_score import F1Score as F1Score
from steelyard.keras.metrics.f_score import FBetaScore as FBetaScore
from steelyard.keras.metrics.functions import auc as auc
from steelyard.keras.metrics.functions import binary_accuracy as binary_accuracy
from steelyard.keras.metrics.functions import binary_crossentropy as binary_crossentropy
from steelyard.keras.metrics.functions import f1 as f1
from steelyard.keras.metrics.functions import mean_squared_error as mean_squared_error
from steelyard.keras.metrics.functions import precision as precision
from steelyard.keras.metrics.functions import recall as recall
from steelyard.keras.metrics.metric import Metric as Metric
from steelyard.keras.metrics.ranking import AUC as AUC
from steelyard.keras.metrics.ranking import PrecisionAtRecall as PrecisionAtRecall
from steelyard.keras.metrics.ranking import RecallAtPrecision as RecallAtPrecision
from steelyard.keras.metrics.ranking import SensitivityAtSpecificity as SensitivityAtSpecificity
from steelyard.keras.metrics.ranking import SpecificityAtSensitivity as SpecificityAtSensitivity

_NOT_HERE = frozenset(
    {
        "Accuracy",
        "BinaryIoU",
        "CategoricalAccuracy",
        "CategoricalCrossentropy",
        "CategoricalHinge",
        "ConcordanceCorrelation",
        "CosineSimilarity",
        "Hinge",
        "IoU",
        "KLDivergence",
        "LogCoshError",
        "Mean",
        "MeanAbsolutePercentageError",
        "MeanIoU",
        "MeanMetricWrapper",
        "MeanSquaredLogarithmicError",
        "OneHotIoU",
        "OneHotMeanIoU",
        "PearsonCorrelation",
        "Poisson",
        "R2Score",
        "SparseCategoricalAccuracy",
        "SparseCategoricalCrossentropy",
        "SparseTopKCategoricalAccuracy",
        "SquaredHinge",
        "Sum",
        "TopKCategoricalAccuracy",
    }
)
"""What Keras has and we have not."""

# Type checkers must not see this function: to them it would make every misspelt name an attribute.
if not TYPE_CHECKING:

    def __getattr__(name):
        # `from ... import` would replace an AttributeError, and its reason, by an ImportError of its own.
        if name in _NOT_HERE:
            raise refuse(
                "K223", f"{name} is not one for the probability of one class; there are {', '.join(CLASSES)}"
            )
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
