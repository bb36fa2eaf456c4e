"""Resampling of training rows: repeated, left out, or invented.

Everything here is handed the training rows of one fold and looks at no others, so that no row that
chooses or judges can leave a trace in what the network learns from.
"""

from steelyard.resampling.joining import Joined as Joined
from steelyard.resampling.joining import join as join
from steelyard.resampling.procedure import Resampled as Resampled
from steelyard.resampling.procedure import resample as resample
