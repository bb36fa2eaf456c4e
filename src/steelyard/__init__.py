"""Steelyard trains neural-network classifiers on imbalanced tables with a native engine.

The names below are the front door; everything else lives in the modules they come from. Each is loaded
when it is first used, so that ``import steelyard`` loads nothing else.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from steelyard import keras as keras
    from steelyard.crossvalidation import CrossValidation as CrossValidation
    from steelyard.crossvalidation import cross_validate as cross_validate
    from steelyard.data import ColumnKind as ColumnKind
    from steelyard.data import Split as Split
    from steelyard.data import Table as Table
    from steelyard.diagnosis.diagnosis import Diagnosis as Diagnosis
    from steelyard.doctor import Doctor as Doctor
    from steelyard.doctor import diagnose as diagnose
    from steelyard.engine import predict_probability as predict_probability
    from steelyard.errors import DataError as DataError
    from steelyard.errors import RecipeError as RecipeError
    from steelyard.errors import SteelyardError as SteelyardError
    from steelyard.errors import SteelyardWarning as SteelyardWarning
    from steelyard.errors import silence as silence
    from steelyard.history import History as History
    from steelyard.keras.scan import Scan as Scan
    from steelyard.recipe import Change as Change
    from steelyard.recipe import Recipe as Recipe
    from steelyard.recipe import apply as apply
    from steelyard.recipe import read_recipe as read_recipe
    from steelyard.run import Model as Model
    from steelyard.run import Run as Run
    from steelyard.run import RunStatus as RunStatus
    from steelyard.sklearn import SteelyardClassifier as SteelyardClassifier
    from steelyard.splitting import split_rows as split_rows
    from steelyard.store import load_model as load_model
    from steelyard.store import load_run as load_run
    from steelyard.tables import features_from as features_from
    from steelyard.tables import read_table as read_table
    from steelyard.tables import table_from as table_from
    from steelyard.training import TrainingResult as TrainingResult
    from steelyard.training import train as train
    from steelyard.tuning import Study as Study
    from steelyard.tuning import load_study as load_study
    from steelyard.tuning import tune as tune

    __version__: str

_MODULES = ("keras",)
_HOMES = {
    "Change": "recipe",
    "ColumnKind": "data",
    "CrossValidation": "crossvalidation",
    "DataError": "errors",
    "Diagnosis": "diagnosis.diagnosis",
    "Doctor": "doctor",
    "History": "history",
    "Model": "run",
    "Recipe": "recipe",
    "RecipeError": "errors",
    "Run": "run",
    "RunStatus": "run",
    "Scan": "keras.scan",
    "Split": "data",
    "SteelyardClassifier": "sklearn",
    "SteelyardError": "errors",
    "SteelyardWarning": "errors",
    "Study": "tuning",
    "Table": "data",
    "TrainingResult": "training",
    "apply": "recipe",
    "cross_validate": "crossvalidation",
    "diagnose": "doctor",
    "features_from": "tables",
    "load_model": "store",
    "load_run": "store",
    "load_study": "tuning",
    "predict_probability": "engine",
    "read_recipe": "recipe",
    "read_table": "tables",
    "silence": "errors",
    "split_rows": "splitting",
    "table_from": "tables",
    "train": "training",
    "tune": "tuning",
}
"""The module of each name. A test keeps this and the imports for type checkers in step."""

__all__ = sorted([*_HOMES, *_MODULES, "__version__"])

# Type checkers must not see this function: to them it would make every misspelt name an attribute.
if not TYPE_CHECKING:

    def __getattr__(name):
        # importlib itself takes a few milliseconds, so it too is loaded on first use.
        if name == "__version__":
            from importlib.metadata import version

            value = version("steelyard")
        elif name in _MODULES:
            from importlib import import_module

            value = import_module(f"steelyard.{name}")
        elif name in _HOMES:
            from importlib import import_module

            value = getattr(import_module(f"steelyard.{_HOMES[name]}"), name)
        else:
            raise AttributeError(f"module 'steelyard' has no attribute {name!r}")
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
