"""Files, frames and arrays into tables.

``read_table`` and ``table_from`` decide what the columns are; ``read_like``, ``read_batches`` and
``features_from`` take that decision, a :class:`~steelyard.data.Schema`, as given.
"""

from steelyard.tables.from_files import concatenate as concatenate
from steelyard.tables.from_files import read_batches as read_batches
from steelyard.tables.from_files import read_like as read_like
from steelyard.tables.from_files import read_table as read_table
from steelyard.tables.from_memory import features_from as features_from
from steelyard.tables.from_memory import table_from as table_from
