"""Cost: what a search will take, measured before it begins, and what of it fits into a budget."""

from steelyard.tuning.cost.batches import usual_batch as usual_batch
from steelyard.tuning.cost.budget import fit_to_budget as fit_to_budget
from steelyard.tuning.cost.estimation import Cost as Cost
from steelyard.tuning.cost.estimation import estimate as estimate
