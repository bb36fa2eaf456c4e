"""The native engine: :func:`fit_population` is the one way in."""

from steelyard.engine.extension import instruction_set as instruction_set
from steelyard.engine.job import Decision as Decision
from steelyard.engine.job import EpochEnd as EpochEnd
from steelyard.engine.job import Job as Job
from steelyard.engine.job import OnEpoch as OnEpoch
from steelyard.engine.job import OnRest as OnRest
from steelyard.engine.population import dropout_mask as dropout_mask
from steelyard.engine.population import epoch_order as epoch_order
from steelyard.engine.population import fit_population as fit_population
from steelyard.engine.population import initial_weights as initial_weights
from steelyard.engine.population import loss_and_gradient as loss_and_gradient
from steelyard.engine.population import predict_logits as predict_logits
from steelyard.engine.population import predict_probability as predict_probability
from steelyard.engine.population import usable_threads as usable_threads
