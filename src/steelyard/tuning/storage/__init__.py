"""Where studies are kept: SQLite by default, PostgreSQL for several machines.

A study lies in the tables of Optuna, for Optuna's tools, and in our own beside them, which hold every epoch
of every trial. Whatever happens to a process that works on it, the batches it has committed are there, once;
the others run again.
"""

from steelyard.tuning.storage.batches import Claim as Claim
from steelyard.tuning.storage.storage import Storage as Storage
from steelyard.tuning.storage.storage import open_storage as open_storage
from steelyard.tuning.storage.study_store import Progress as Progress
from steelyard.tuning.storage.study_store import StudyStore as StudyStore
from steelyard.tuning.storage.workers import LEASE as LEASE
from steelyard.tuning.storage.workers import Worker as Worker
