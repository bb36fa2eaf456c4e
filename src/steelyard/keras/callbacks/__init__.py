"""Keras' callbacks, called between epochs: ``keras.callbacks``."""

from typing import TYPE_CHECKING

from steelyard.keras.callbacks.csv_logger import CSVLogger as CSVLogger
from steelyard.keras.callbacks.early_stopping import EarlyStopping as EarlyStopping
from steelyard.keras.callbacks.lambda_callback import LambdaCallback as LambdaCallback
from steelyard.keras.callbacks.learning_rate_scheduler import LearningRateScheduler as LearningRateScheduler
from steelyard.keras.callbacks.model_checkpoint import ModelCheckpoint as ModelCheckpoint
from steelyard.keras.callbacks.reduce_lr_on_plateau import ReduceLROnPlateau as ReduceLROnPlateau
from steelyard.keras.callbacks.terminate_on_nan import TerminateOnNaN as TerminateOnNaN
from steelyard.keras.codes import refuse
from steelyard.keras.history import History as History
from steelyard.keras.hooks import BetweenEpochs as BetweenEpochs
from steelyard.keras.hooks import Callback as Callback
from steelyard.keras.hooks import callback_list as callback_list
from steelyard.keras.hooks import refuse_batch_hooks as refuse_batch_hooks
from steelyard.keras.progress import ProgbarLogger as ProgbarLogger

_NOT_HERE = {
    "BackupAndRestore": "a run takes seconds; ModelCheckpoint keeps models, and initial_epoch goes on",
    "CallbackList": "fit calls the callbacks itself; there is no training loop of one's own",
    "OrbaxCheckpoint": "Orbax is for JAX; ModelCheckpoint keeps models",
    "RemoteMonitor": "this package sends nothing over a network; a LambdaCallback(on_epoch_end=...) can",
    "SwapEMAWeights": "the engine keeps no averages of the weights",
    "TensorBoard": "CSVLogger writes the same curves, and fit returns them",
}
"""What Keras has and we have not, and what to do instead."""

# Type checkers must not see this function: to them it would make every misspelt name an attribute.
if not TYPE_CHECKING:

    def __getattr__(name):
        # `from ... import` would replace an AttributeError, and its reason, by an ImportError of its own.
        if name in _NOT_HERE:
            raise refuse("K227", f"{name} is not supported: {_NOT_HERE[name]}")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
