"""Tables, their schemas and splits, and fitted encodings: records only, no verbs."""

from steelyard.data.encoding import CategoryEncoding as CategoryEncoding
from steelyard.data.encoding import Encoding as Encoding
from steelyard.data.encoding import identity as identity
from steelyard.data.schema import FIRST_LEVEL as FIRST_LEVEL
from steelyard.data.schema import MISSING as MISSING
from steelyard.data.schema import UNSEEN as UNSEEN
from steelyard.data.schema import Column as Column
from steelyard.data.schema import ColumnKind as ColumnKind
from steelyard.data.schema import Schema as Schema
from steelyard.data.schema import Target as Target
from steelyard.data.split import Split as Split
from steelyard.data.table import Features as Features
from steelyard.data.table import Table as Table
