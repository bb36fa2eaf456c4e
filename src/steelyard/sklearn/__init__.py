"""The scikit-learn estimator: the engine behind ``fit`` and ``predict_proba``."""

from steelyard.sklearn.classifier import SteelyardClassifier as SteelyardClassifier
