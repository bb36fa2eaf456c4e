"""Which points of a space are tried: designs, which know no results, and samplers that learn from them."""

from steelyard.tuning.sampling.design import design as design
from steelyard.tuning.sampling.proposals import Proposer as Proposer
from steelyard.tuning.sampling.suitability import how_many as how_many
from steelyard.tuning.sampling.suitability import is_adaptive as is_adaptive
