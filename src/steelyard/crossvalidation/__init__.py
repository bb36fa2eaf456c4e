"""Cross-validation: recipes judged on rows that took no part in anything that was fitted or chosen."""

from steelyard.crossvalidation.document import comparison_document as comparison_document
from steelyard.crossvalidation.document import validation_document as validation_document
from steelyard.crossvalidation.procedure import cross_validate as cross_validate
from steelyard.crossvalidation.procedure import networks_of as networks_of
from steelyard.crossvalidation.result import CrossValidation as CrossValidation
from steelyard.crossvalidation.result import HeldOut as HeldOut
from steelyard.crossvalidation.result import Trained as Trained
from steelyard.crossvalidation.strategies import StrategyComparison as StrategyComparison
from steelyard.crossvalidation.strategies import compare_strategies as compare_strategies
from steelyard.crossvalidation.values import decision_metric as decision_metric
from steelyard.crossvalidation.values import fold_values as fold_values
from steelyard.crossvalidation.values import out_of_fold as out_of_fold
