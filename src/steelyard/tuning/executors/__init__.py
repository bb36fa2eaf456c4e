"""Executors: where batches of trials are trained."""

from steelyard.tuning.executors.executor import Batch as Batch
from steelyard.tuning.executors.executor import Executor as Executor
from steelyard.tuning.executors.local import LocalExecutor as LocalExecutor
from steelyard.tuning.executors.ray import RayExecutor as RayExecutor
