"""The run folder: how a training result is kept, and read back years later.

A folder holds ``recipe.toml``, ``history.csv``, ``telemetry.csv``, ``metrics.json``,
``predictions.parquet``, ``model.safetensors`` with ``model.json``, ``environment.json``,
``learning-curves.svg``, ``diagnosis.json`` and, written last, ``manifest.json`` with the checksums of all
of them.
"""

from steelyard.store.environment import Provenance as Provenance
from steelyard.store.reader import RunEntry as RunEntry
from steelyard.store.reader import RunState as RunState
from steelyard.store.reader import SavedNetwork as SavedNetwork
from steelyard.store.reader import SavedRun as SavedRun
from steelyard.store.reader import list_runs as list_runs
from steelyard.store.reader import load_diagnosis as load_diagnosis
from steelyard.store.reader import load_facts as load_facts
from steelyard.store.reader import load_model as load_model
from steelyard.store.reader import load_run as load_run
from steelyard.store.reader import mark_of as mark_of
from steelyard.store.reader import read_predictions as read_predictions
from steelyard.store.reader import runs_scored_on as runs_scored_on
from steelyard.store.writer import RunWriter as RunWriter
